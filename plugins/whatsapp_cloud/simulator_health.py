"""How simulated numbers and accounts stand, and what an operator or chance does to them."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import request

from .simulator_charges import analytics
from .simulator_errors import GraphError
from .simulator_platform import Platform, chosen

_BAN = {
    "error_code": 141014,
    "error_description": "The WABA is banned.",
    "possible_solution": "Appeal the ban in Business Support Home.",
}
_NO_PAYMENT = {
    "error_code": 141006,
    "error_description": "There is an error with the payment method.",
    "possible_solution": "Add a payment method to the account.",
}
_UNREGISTERED = {
    "error_code": 141000,
    "error_description": "The phone number is not registered.",
    "possible_solution": "Register the phone number.",
}


class Health:
    """What `health_status` says of a number, and the WABA as an object of its own."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def of(self, number: Mapping[str, Any]) -> dict[str, Any]:
        """The number, its WABA, its portfolio and the app; the worst of them decides."""
        connected = number["status"] == "CONNECTED"
        entities = [
            _entity("PHONE_NUMBER", number["id"], [] if connected else [_UNREGISTERED]),
            self._of_waba(number["waba_id"]),
            _entity("BUSINESS", number["portfolio_id"], []),
            _entity("APP", self._platform.app["app_id"], []),
        ]
        blocked = any(entity["can_send_message"] == "BLOCKED" for entity in entities)
        return {"can_send_message": "BLOCKED" if blocked else "AVAILABLE", "entities": entities}

    def _of_waba(self, waba_id: str) -> dict[str, Any]:
        decisions = self._platform.decisions
        errors = [_BAN] if waba_id in decisions.banned() else []
        errors += [_NO_PAYMENT] if decisions.lacks_payment(waba_id) else []
        return _entity("WABA", waba_id, errors)

    def is_waba(self, object_id: str) -> bool:
        try:
            return bool(self._platform.portfolio_of(object_id))
        except GraphError:
            return False

    def show_waba(self, waba_id: str) -> dict[str, Any]:
        with self._platform.call("read_account"):
            if "primary_funding_id" in request.args.get("fields", ""):
                raise GraphError(10, "Only Solution Partners may read primary_funding_id.")
            entity = self._of_waba(waba_id)
            account: dict[str, Any] = {
                "id": waba_id,
                "name": "Simulated account",
                "account_review_status": "APPROVED",
                "currency": "USD",
                "health_status": {
                    "can_send_message": entity["can_send_message"],
                    "entities": [entity],
                },
            }
            asked = request.args.get("fields", "")
            plain, found, parameters = asked.partition("pricing_analytics")
            if found:
                account[found] = analytics(self._platform.world, waba_id, parameters)
                names = tuple(filter(None, plain.split(",")))
                return {name: account[name] for name in (*names, found, "id")}
            return chosen(account, ("id", "name", "currency"))

    def tell_quality(self, phones: Iterable[str]) -> None:
        """Meta says that the quality changed, not to what."""
        for number in self._platform.numbers():
            if number["phone"] in phones:
                poor = self._platform.decisions.quality(number["phone"]) == "RED"
                value = {
                    "display_phone_number": number["phone"].removeprefix("+"),
                    "event": "FLAGGED" if poor else "UNFLAGGED",
                    "current_limit": self._platform.decisions.messaging_limit(),
                }
                self._platform.webhook(number["waba_id"], "phone_number_quality_update", value)

    def lose(self, phones: Iterable[str]) -> None:
        """The numbers fall off the Cloud API; nobody is told."""
        for number in self._numbers(phones):
            self._platform.save_number(number | {"status": "DISCONNECTED"})
            self._platform.world.store.delete("graph_registered", number["phone"])

    def delete(self, phones: Iterable[str]) -> None:
        """A person deletes the numbers in the WhatsApp Manager."""
        for number in self._numbers(phones):
            self._platform.world.store.delete("graph_registered", number["phone"])
            self._platform.world.store.delete("graph_number", number["id"])

    def _numbers(self, phones: Iterable[str]) -> list[dict[str, Any]]:
        with self._platform.lock:
            return [number for number in self._platform.numbers() if number["phone"] in phones]


def _entity(kind: str, object_id: str, errors: list[dict[str, Any]]) -> dict[str, Any]:
    shown = {"entity_type": kind, "id": object_id, "can_send_message": "AVAILABLE"}
    return {**shown, "can_send_message": "BLOCKED", "errors": errors} if errors else shown
