"""Numbers that clients may pick in Embedded Signup, by the Graph API.

Source: Meta's specification of `add_phone_numbers`, `preverified_numbers` and of the pre-verified
phone number itself, which can be deleted.
"""

from collections.abc import Iterator

from gateway.plugin_api import PreVerifiedNumber, PreVerifies, Refused

from .graph import Graph, text_in

_FIELDS = "id,display_phone_number,verification_status,availability_status"
_NO_SUCH_OBJECT = "no_such_object"


class HoldsPreVerified(PreVerifies):
    """What the registrar of the Cloud API does with them."""

    _graph: Graph

    def add_pre_verified(self, *, portfolio_id: str, phone_number: str) -> str:
        answer = self._graph.post(
            f"{portfolio_id}/add_phone_numbers", {"phone_number": phone_number}
        )
        return text_in(answer, "id")

    def pre_verified(self, portfolio_id: str) -> list[PreVerifiedNumber]:
        return list(self._pre_verified(portfolio_id))

    def remove_pre_verified(self, pre_verified_id: str) -> None:
        try:
            self._graph.delete(pre_verified_id)
        except Refused as error:
            if error.code != _NO_SUCH_OBJECT:
                raise

    def _pre_verified(self, portfolio_id: str) -> Iterator[PreVerifiedNumber]:
        for item in self._graph.pages(f"{portfolio_id}/preverified_numbers", {"fields": _FIELDS}):
            if item.get("availability_status", "AVAILABLE") != "AVAILABLE":
                continue
            digits = "".join(c for c in item.get("display_phone_number", "") if c.isdigit())
            yield PreVerifiedNumber(
                pre_verified_id=text_in(item, "id"),
                phone_number=f"+{digits}",
                is_verified=item.get("verification_status") == "VERIFIED",
            )
