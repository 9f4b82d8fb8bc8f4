"""The simulated review of display names, and what a person sees of a line."""

from typing import Any

from .simulator_platform import Platform


class Names:
    """Display names wait for a review that ends by itself, unless the panel holds it.

    Until a name is approved and the number registered again, people see the bare number.
    """

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        platform.world.on("graph.review_name", self._review)

    def review_soon(self, number_id: str) -> None:
        self._platform.world.later(
            float(self._platform.world.settings["approve_after_seconds"]),
            "graph.review_name",
            {"number_id": number_id},
        )

    def review_waiting(self) -> None:
        """Decide on what a changed decision no longer holds back."""
        for number in self._platform.numbers():
            self._review({"number_id": number["id"]})

    def _review(self, task: dict[str, Any]) -> None:
        decision = self._platform.decisions.review("display_name")
        if decision == "hold":
            return
        with self._platform.lock:
            number = self._platform.number(task["number_id"])
            name = _waiting_name(number)
            if name is None:
                return
            self._platform.save_number(number | _decided(number, name, decision == "approve"))
        approved = decision == "approve"
        self._platform.webhook(
            number["waba_id"],
            "phone_number_name_update",
            {
                "display_phone_number": number["phone"].removeprefix("+"),
                "decision": "APPROVED" if approved else "REJECTED",
                "requested_verified_name": name,
                "rejection_reason": None if approved else "NAME_ENDCLIENT_NOTRELATED",
            },
        )


def _waiting_name(number: dict[str, Any]) -> str | None:
    if number["new_name_status"] == "PENDING_REVIEW":
        return str(number["new_display_name"])
    if number["name_status"] == "PENDING_REVIEW":
        return str(number["verified_name"])
    return None


def _decided(number: dict[str, Any], name: str, approved: bool) -> dict[str, Any]:
    renamed = number["new_name_status"] == "PENDING_REVIEW"
    if approved:
        cleared = {"new_display_name": None, "new_name_status": "NONE"} if renamed else {}
        return {"verified_name": name, "name_status": "APPROVED"} | cleared
    return {"new_name_status" if renamed else "name_status": "DECLINED"}
