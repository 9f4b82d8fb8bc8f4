"""The simulated people: their ids, their reply windows, what they write."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import phonenumbers

from .simulator_errors import GraphError
from .simulator_files import Files
from .simulator_platform import Platform

WINDOW = 24 * 3600.0
_FILES = frozenset({"image", "video", "audio", "document", "sticker"})
_ANSWERS = frozenset({"button", "interactive"})


def bsuid_of(portfolio_id: str, phone: str) -> str:
    """A person's id in a portfolio, as Meta forms it: country, dot, letters or digits."""
    digest = int(sha256(f"{portfolio_id}:{phone}".encode()).hexdigest(), 16)
    country = phonenumbers.region_code_for_number(phonenumbers.parse(phone)) or "ZZ"
    return f"{country}.{digest % 10**18:018d}"


class People:
    """Everybody with a phone. A person has another BSUID in each portfolio, always the same."""

    def __init__(self, platform: Platform, files: Files) -> None:
        self._platform = platform
        self._files = files

    def bsuid(self, portfolio_id: str, phone: str) -> str:
        bsuid = bsuid_of(portfolio_id, phone)
        if self._platform.world.store.get("graph_person", bsuid) is None:
            known = {"phone": phone, "portfolio_id": portfolio_id}
            self._platform.world.store.put("graph_person", bsuid, known)
        return bsuid

    def addressed(self, asked: Mapping[str, Any], portfolio_id: str) -> str:
        """The phone that `to` or `recipient` means; `to` counts where both are given."""
        if asked.get("to"):
            return _e164(str(asked["to"]))
        known = self._platform.world.store.get("graph_person", str(asked.get("recipient")))
        if known is None or known["portfolio_id"] != portfolio_id:
            raise GraphError(100, "to or recipient must name a person of this portfolio.")
        return str(known["phone"])

    def chat(self, number_id: str, phone: str) -> dict[str, Any]:
        found = self._platform.world.store.get("graph_chat", f"{number_id}:{phone}")
        return found or {"last_inbound": 0.0, "last_sent": None, "unread": []}

    def save_chat(self, number_id: str, phone: str, chat: Mapping[str, Any]) -> None:
        self._platform.world.store.put("graph_chat", f"{number_id}:{phone}", chat)

    def note(self, wamid: str, number_id: str, phone: str, *, inbound: bool) -> None:
        """Remember a message of a chat, for what answers to it."""
        at = self._platform.world.now().timestamp()
        self._platform.world.store.put("graph_message", wamid, {
            "number_id": number_id, "phone": phone, "inbound": inbound, "at": at,
        })  # fmt: skip

    def message(self, wamid: Any, number_id: str) -> dict[str, Any]:
        """A message of one of this number's chats."""
        found = self._platform.world.store.get("graph_message", str(wamid))
        if found is None or found["number_id"] != number_id:
            raise GraphError(131009, f"This number has no message {wamid!r}.")
        return found

    def window_is_open(self, chat: Mapping[str, Any]) -> bool:
        return bool(chat["last_inbound"] > self._platform.ago(WINDOW))

    def contact(self, number: Mapping[str, Any], phone: str) -> dict[str, Any]:
        """The person as webhooks describe them."""
        return {
            "profile": {"name": f"Candidate {phone[-4:]}"},
            "wa_id": phone.removeprefix("+"),
            "user_id": self.bsuid(number["portfolio_id"], phone),
        }

    def write(
        self, number: Mapping[str, Any], phone: str, kind: str, content: Mapping[str, Any]
    ) -> str:
        """A person writes: the reply window opens and the gateway is told; the wamid."""
        wamid = new_wamid(self._platform)
        self.note(wamid, number["id"], phone, inbound=True)
        with self._platform.lock:
            chat = self.chat(number["id"], phone)
            answered = chat["last_sent"]
            chat |= {"last_inbound": self._platform.world.now().timestamp()}
            self.save_chat(number["id"], phone, chat)
        contact = self.contact(number, phone)
        message = {
            "from": contact["wa_id"],
            "from_user_id": contact["user_id"],
            "id": wamid,
            "timestamp": self._platform.timestamp(),
            "type": kind,
            kind: self._content(number, kind, content),
        }
        if kind in _ANSWERS and answered:
            message["context"] = {"from": number["phone"].removeprefix("+"), "id": answered}
        if kind == "unsupported":
            message["errors"] = [{"code": 131051, "title": "Message type is not supported"}]
        value = value_of(number) | {"contacts": [contact], "messages": [message]}
        self._platform.webhook(number["waba_id"], "messages", value)
        return wamid

    def _content(self, number: Mapping[str, Any], kind: str, content: Mapping[str, Any]) -> Any:
        if kind == "contacts":
            return content.get("contacts", [])
        if kind in _FILES and "id" not in content:
            return self._files.received(kind, content, number["id"])
        return dict(content)


def new_wamid(platform: Platform) -> str:
    """A message id: opaque to everybody, and never given twice."""
    place = platform.world.number("graph_wamid")
    return f"wamid.{sha256(f'wamid:{place}'.encode()).hexdigest()[:12].upper()}{place:010d}"


def value_of(number: Mapping[str, Any]) -> dict[str, Any]:
    """What every webhook value about a number's messages begins with."""
    return {
        "messaging_product": "whatsapp",
        "metadata": {
            "display_phone_number": number["phone"].removeprefix("+"),
            "phone_number_id": number["id"],
        },
    }


def _e164(to: str) -> str:
    digits = to.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        raise GraphError(100, "to is no phone number with its country code.")
    phone = f"+{digits}"
    try:
        possible = phonenumbers.is_possible_number(phonenumbers.parse(phone))
    except phonenumbers.NumberParseException:
        possible = False
    if not possible:
        raise GraphError(131009, "to is no phone number with its country code.")
    return phone
