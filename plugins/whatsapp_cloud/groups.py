"""Groups by the Cloud API.

Source: Groups API, 14 November 2025, and the changelog of 3 February 2026. A group is made
asynchronously: the answer to its creation names a request, not the group.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.plugin_api import Group, GroupCarrier, GroupStanding, OutcomeUnknown

from .graph import Graph, text_in

_STANDING = "is_official_business_account,is_on_biz_app,status"


class WhatsAppGroups(GroupCarrier):
    """The groups of a number. Its class has the Graph API as `_graph`."""

    _graph: Graph

    def group_standing(self, phone_number_id: str) -> GroupStanding:
        number = self._graph.get(phone_number_id, {"fields": _STANDING})
        return GroupStanding(
            official=bool(number.get("is_official_business_account")),
            coexisting=bool(number.get("is_on_biz_app")),
            connected=number.get("status") == "CONNECTED",
        )

    def open_group(self, phone_number_id: str, *, subject: str) -> None:
        self._graph.post(
            f"{phone_number_id}/groups", {"messaging_product": "whatsapp", "subject": subject}
        )

    def groups(self, phone_number_id: str) -> Sequence[Group]:
        found = self._graph.pages(f"{phone_number_id}/groups", {"limit": "1024"}, under="groups")
        return [self._group(item) for item in found]

    def write_to_group(
        self, phone_number_id: str, group_id: str, *, type: str, content: Mapping[str, Any]
    ) -> str:
        answer = self._graph.post(
            f"{phone_number_id}/messages",
            {
                "messaging_product": "whatsapp",
                "recipient_type": "group",
                "to": group_id,
                "type": type,
                type: content,
            },
        )
        messages = answer.get("messages")
        if not isinstance(messages, list) or not messages:
            raise OutcomeUnknown("no_answer", "Meta's answer names no message: look.", who="meta")
        return text_in(messages[0], "id")

    def _group(self, item: Mapping[str, Any]) -> Group:
        group_id = text_in(item, "id")
        info = self._graph.get(group_id, {"fields": "subject,total_participant_count"})
        link = self._graph.get(f"{group_id}/invite_link")
        return Group(
            group_id=group_id,
            subject=str(info.get("subject", "")),
            invite_link=text_in(link, "invite_link"),
            people=int(info.get("total_participant_count", 0)),
        )
