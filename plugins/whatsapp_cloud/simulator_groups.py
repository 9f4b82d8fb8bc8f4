"""The simulated groups of a number: made a moment after they were asked for, joined by link."""

import secrets
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, request

from .simulator_errors import GraphError, no_such_object
from .simulator_people import People, new_wamid, value_of
from .simulator_platform import Platform, chosen, given, page
from .simulator_templates import Templates

MOST_PEOPLE = 8
_PAUSE = 0.05
_LINK = "https://chat.whatsapp.com/"
_FIELDS = ("id", "subject", "description", "suspended", "creation_timestamp",
           "participants", "total_participant_count", "join_approval_mode")  # fmt: skip
_KINDS = ("text", "image", "document", "video", "audio", "template")


class Groups:
    """Open to Official Business Accounts that do not coexist with the app. Nobody is ever added:
    people follow the link, or do not (`group_joins`, the share of those who do). They never write
    in a group, so its reply window stays closed and only templates may be sent."""

    def __init__(self, platform: Platform, people: People, templates: Templates) -> None:
        self._platform = platform
        self._people = people
        self._templates = templates
        platform.world.on("graph.group_made", self._made)
        platform.world.on("graph.group_followed", self._followed)
        platform.world.on("graph.group_delivered", self._delivered)

    def mount(self, blueprint: Blueprint) -> None:
        for method, path, view in (
            ("POST", "/<version>/<number_id>/groups", self.create_group),
            ("GET", "/<version>/<number_id>/groups", self.list_groups),
            ("GET", "/<version>/<group_id>/invite_link", self.read_link),
        ):
            blueprint.add_url_rule(path, view_func=view, methods=[method])

    def holds(self, object_id: str) -> bool:
        return self._platform.world.store.get("graph_group", object_id) is not None

    def show(self, group_id: str) -> dict[str, Any]:
        with self._platform.call("read_group"):
            group = self._group(group_id)
            participants = [{"wa_id": phone.removeprefix("+")} for phone in group["people"]]
            return chosen(
                {
                    "id": group_id,
                    "subject": group["subject"],
                    "description": group["description"],
                    "suspended": False,
                    "creation_timestamp": group["made_at"],
                    "participants": participants,
                    "total_participant_count": len(participants),
                    "join_approval_mode": "auto_approve",
                },
                _FIELDS,
            )

    def create_group(self, number_id: str) -> Any:
        with self._platform.call("groups"):
            number, asked = self._eligible(number_id), given()
            subject = str(asked.get("subject", "")).strip()
            if not 1 <= len(subject) <= 128:
                raise GraphError(100, "subject must have 1 to 128 characters.")
            request_id = self._platform.identifier("group_request", 106_540_000_000_000)
            task = {
                "number_id": number["id"],
                "request_id": request_id,
                "subject": subject,
                "description": str(asked.get("description", ""))[:2048],
            }
            self._platform.world.later(_PAUSE, "graph.group_made", task)
            return {"messaging_product": "whatsapp", "request_id": request_id}

    def list_groups(self, number_id: str) -> Any:
        with self._platform.call("read_groups"):
            self._platform.number(number_id)
            mine = [
                {"id": group_id, "subject": group["subject"], "created_at": group["made_at"]}
                for group_id, group in self._platform.world.store.all("graph_group")
                if group["number_id"] == number_id
            ]
            found = page(mine, request.base_url)
            return found | {"data": {"groups": found["data"]}}

    def read_link(self, group_id: str) -> Any:
        with self._platform.call("read_invite_link"):
            return {"messaging_product": "whatsapp", "invite_link": self._group(group_id)["link"]}

    def saw(self, phone: str, text: str) -> None:
        """A person's phone shows a text; whoever finds an invite link in it may follow it."""
        start = text.find(_LINK)
        if start < 0:
            return
        link = text[start:].split()[0].rstrip(".")
        for group_id, group in self._platform.world.store.all("graph_group"):
            if group["link"] == link:
                task = {"group_id": group_id, "phone": phone}
                with self._platform.lock:
                    group = self._group(group_id)
                    group["invited"] = [*group["invited"], phone]
                    self._save(group_id, group)
                self._platform.world.later(_PAUSE, "graph.group_followed", task)

    def accept(self, number: dict[str, Any], asked: Mapping[str, Any]) -> Any:
        """Take a message for everybody in a group."""
        group_id = str(asked.get("to"))
        with self._platform.lock:
            group = self._platform.world.store.get("graph_group", group_id)
            if group is None or group["number_id"] != number["id"]:
                raise GraphError(131041, "The number has no such group.")
            if not group["people"]:
                raise GraphError(131020, "A group needs somebody besides the business.")
            kind = str(asked.get("type", "text"))
            if kind not in _KINDS:
                raise GraphError(131051, f"{kind} cannot be sent to groups.")
            wamid = new_wamid(self._platform)
            category, shown = self._shown(number, kind, asked.get(kind))
            message = {"wamid": wamid, "from": number["phone"], "type": kind, "group_id": group_id}
            for phone in group["people"]:
                self._platform.world.phone_received(phone, {**message, **shown})
            delivered = [[wamid, phone, category] for phone in group["people"]]
            group["deliveries"] = [*group["deliveries"], *delivered]
            self._save(group_id, group)
        task = {"number_id": number["id"], "group_id": group_id, "wamid": wamid,
                "people": group["people"], "category": category}  # fmt: skip
        self._platform.world.later(_PAUSE, "graph.group_delivered", task)
        return {
            "messaging_product": "whatsapp",
            "contacts": [{"input": group_id, "wa_id": group_id}],
            "messages": [{"id": wamid}],
        }

    def ledger(self) -> list[dict[str, Any]]:
        """Every group with whom it invited, who joined, and each message that reached a person."""
        names = ("number_id", "subject", "invited", "people", "deliveries")
        return [
            {"id": group_id, **{name: group[name] for name in names}}
            for group_id, group in self._platform.world.store.all("graph_group")
        ]

    def _shown(
        self, number: Mapping[str, Any], kind: str, content: Any
    ) -> tuple[str, dict[str, Any]]:
        """The category a message is charged as, and what the phones show."""
        if kind != "template":
            raise GraphError(131047, "Nobody wrote in the group within 24 hours.")
        template, body = self._templates.sent(number["waba_id"], content)
        category = str(template["category"]).lower()
        if category == "authentication":
            raise GraphError(131051, "Authentication templates cannot be sent to groups.")
        return category, {kind: content, "text": {"body": body}}

    def _eligible(self, number_id: str) -> dict[str, Any]:
        number = self._platform.number(number_id)
        if number["status"] != "CONNECTED":
            raise GraphError(133010, "Register the number before it opens groups.")
        if not self._platform.decisions.official(number["phone"]):
            raise GraphError(131215, "Groups are open to Official Business Accounts.")
        if "on_app" in number or self._platform.decisions.coexists(number["phone"]):
            raise GraphError(131215, "A number that is in the app cannot have groups.")
        return number

    def _made(self, task: dict[str, Any]) -> None:
        group_id = self._platform.identifier("group", 120_363_000_000_000_000)
        link = _LINK + secrets.token_urlsafe(16)
        self._save(group_id, {
            "number_id": task["number_id"], "subject": task["subject"],
            "description": task["description"], "link": link, "people": [], "invited": [],
            "deliveries": [], "made_at": self._platform.timestamp(),
        })  # fmt: skip
        self._tell(task["number_id"], "group_lifecycle_update", {
            "type": "group_create", "group_id": group_id, "request_id": task["request_id"],
            "subject": task["subject"], "invite_link": link, "join_approval_mode": "auto_approve",
        })  # fmt: skip

    def _followed(self, task: dict[str, Any]) -> None:
        group_id, phone = task["group_id"], task["phone"]
        # Of everybody invited so far, the share that was decided follows.
        place = self._platform.world.number("graph_group_invited")
        share = self._platform.decisions.group_joins()
        with self._platform.lock:
            group = self._group(group_id)
            full = len(group["people"]) >= MOST_PEOPLE
            if full or phone in group["people"] or int(place * share) == int((place - 1) * share):
                return
            group["people"] = [*group["people"], phone]
            self._save(group_id, group)
        self._tell(group["number_id"], "group_participants_update", {
            "type": "group_participants_add", "group_id": group_id, "reason": "invite_link",
            "added_participants": [{"wa_id": phone.removeprefix("+")}],
        })  # fmt: skip

    def _delivered(self, task: dict[str, Any]) -> None:
        """One status a message, with an object for each person."""
        number = self._platform.number(task["number_id"])
        statuses = [
            {
                "id": task["wamid"],
                "status": "delivered",
                "timestamp": self._platform.timestamp(),
                "recipient_type": "group",
                "recipient_id": task["group_id"],
                "recipient_participant_id": phone.removeprefix("+"),
                "pricing": {
                    "billable": True,
                    "pricing_model": "PMP",
                    "type": "regular",
                    "category": f"group_{task['category']}",
                },
            }
            for phone in task["people"]
        ]
        value = value_of(number) | {"statuses": statuses}
        self._platform.webhook(number["waba_id"], "messages", value)

    def _tell(self, number_id: str, field: str, group: Mapping[str, Any]) -> None:
        number = self._platform.number(number_id)
        told = {"timestamp": self._platform.timestamp(), **group}
        self._platform.webhook(number["waba_id"], field, value_of(number) | {"groups": [told]})

    def _group(self, group_id: str) -> dict[str, Any]:
        found = self._platform.world.store.get("graph_group", group_id)
        if found is None:
            raise no_such_object(group_id)
        return found

    def _save(self, group_id: str, group: Mapping[str, Any]) -> None:
        self._platform.world.store.put("graph_group", group_id, group)
