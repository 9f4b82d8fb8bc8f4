"""What the simulated platform reports of a message after it took it: sent, delivered, read."""

from collections.abc import Mapping
from typing import Any

import phonenumbers

from .simulator_charges import LEDGER, price
from .simulator_errors import title_of
from .simulator_people import People, value_of
from .simulator_platform import Platform

_PAUSE = 0.1  # real seconds between two steps: enough that the answer to the call comes first
FREE_SERVICE_MESSAGES = 1000  # a number and calendar month, since 1 October 2026


class Statuses:
    """Reports each message step by step, as signed webhooks."""

    def __init__(self, platform: Platform, people: People) -> None:
        self._platform = platform
        self._people = people
        platform.world.on("graph.status", self._report)

    def begin(self, message: Mapping[str, Any]) -> None:
        """Report a message that was taken: `{number_id, phone, wamid, callback, pricing}`."""
        self._later({**message, "status": "sent"})

    def fail(self, message: Mapping[str, Any], code: int, details: str) -> None:
        """Report a message that was taken and cannot be delivered."""
        error = {
            "code": code,
            "title": title_of(code),
            "message": title_of(code),
            "error_data": {"details": details},
        }
        self._later({**message, "status": "failed", "pricing": None, "errors": [error]})

    def read(self, number_id: str, phone: str) -> None:
        """The person opens the chat: what they had not seen, they have seen now."""
        with self._platform.lock:
            chat = self._people.chat(number_id, phone)
            unread, chat["unread"] = chat["unread"], []
            self._people.save_chat(number_id, phone, chat)
        for message in unread:
            self._later({**message, "number_id": number_id, "phone": phone, "status": "read"})

    def pricing(self, number_id: str, category: str | None) -> dict[str, Any]:
        """How Meta charges a message of a template's category, or one without a template."""
        free = False
        if category is None:
            month = self._platform.world.now().strftime("%Y-%m")
            sent = self._platform.world.number(f"graph_service:{number_id}:{month}")
            free = sent <= FREE_SERVICE_MESSAGES
        return {
            "billable": not free,
            "pricing_model": "PMP",
            "type": "free_customer_service" if free else "regular",
            "category": (category or "service").lower(),
        }

    def _later(self, message: Mapping[str, Any]) -> None:
        self._platform.world.later(_PAUSE, "graph.status", message)

    def _report(self, message: dict[str, Any]) -> None:
        number, status = self._platform.number(message["number_id"]), message["status"]
        contact = self._people.contact(number, message["phone"])
        shown: dict[str, Any] = {
            "id": message["wamid"],
            "status": status,
            "timestamp": self._platform.timestamp(),
            "recipient_id": contact["wa_id"],
            "recipient_user_id": contact["user_id"],
            "biz_opaque_callback_data": message.get("callback"),
            "pricing": message.get("pricing"),
            "errors": message.get("errors"),
        }
        value: dict[str, Any] = value_of(number)
        if status != "failed":
            value["contacts"] = [contact]
        value["statuses"] = [{key: part for key, part in shown.items() if part is not None}]
        self._platform.webhook(number["waba_id"], "messages", value)
        if status == "sent" and not message.get("is_reaction"):
            self._later({**message, "status": "delivered"})
        if status == "delivered":
            self._bill(number, message, shown["timestamp"])
        if status == "delivered" and self._platform.decisions.reading() == "at_once":
            self.read(number["id"], message["phone"])

    def _bill(self, number: Mapping[str, Any], message: Mapping[str, Any], at: str) -> None:
        """Write what Meta charges for, by what it charges, into the ledger."""
        charged = message["pricing"]
        country = phonenumbers.region_code_for_number(phonenumbers.parse(message["phone"])) or ""
        entry = {
            "wamid": message["wamid"],
            "message_id": message.get("callback"),
            "number_id": number["id"],
            "waba_id": number["waba_id"],
            "portfolio_id": number["portfolio_id"],
            "phone": message["phone"],
            "at": int(at),
            "from": number["phone"],
            "country": country,
            "category": charged["category"],
            "type": charged["type"],
            "cost": price(country, charged["category"], charged["type"]),
        }
        self._platform.world.store.put(LEDGER, message["wamid"], entry)
