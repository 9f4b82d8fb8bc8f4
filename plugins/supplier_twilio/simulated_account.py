"""What the simulated Twilio sells, and what our account there rents."""

import threading
import uuid
from collections.abc import Iterator, Mapping
from email.utils import format_datetime
from typing import Any

import phonenumbers

from gateway.plugin_api import Stock, World, hears_texts

KIND = "local"
MONTHLY_RENT = "1.00"

_NUMBERS = "twilio-number"


class TwilioError(Exception):
    """An answer of Twilio other than success: HTTP status, Twilio's code and its message."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def capabilities(phone_number: str) -> dict[str, bool]:
    """What a number of this simulator can do."""
    return {"voice": True, "sms": hears_texts(phone_number), "mms": False}


def country_of(phone_number: str) -> str:
    """The country of a number; nothing where it is none."""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(phone_number)) or ""
    except phonenumbers.NumberParseException:
        return ""


class Account:
    """Numbers by SID, in the store."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._buying = threading.Lock()
        self.stock = Stock(world, "twilio", first=1)

    @property
    def sid(self) -> str:
        return str(self._world.providers["twilio"]["account_sid"])

    @property
    def auth_token(self) -> str:
        return str(self._world.providers["twilio"]["auth_token"])

    def available(self, country: str, count: int) -> list[str]:
        """Some numbers that nobody rents, other ones first each time."""
        rented = {number["phone_number"] for _, number in self.numbers()}
        free = [number for number in self.stock.numbers(country) if number not in rented]
        return self.stock.shuffled(free)[:count]

    def buy(self, phone_number: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Rent a number out of the stock; the same order twice rents two or is refused."""
        with self._buying:
            sold = any(phone_number in self.stock.numbers(it) for it in self.stock.countries())
            if not sold or self.rented(phone_number):
                raise TwilioError(400, 21422, f"{phone_number} is not available.")
            now = format_datetime(self._world.now())
            number = {
                "sid": f"PN{uuid.uuid4().hex}",
                "account_sid": self.sid,
                "phone_number": phone_number,
                "friendly_name": phone_number,
                "voice_url": None,
                "voice_method": "POST",
                "sms_url": None,
                "sms_method": "POST",
                "capabilities": capabilities(phone_number),
                "address_requirements": "none",
                "status": "in-use",
                "type": KIND,
                "origin": "twilio",
                "beta": False,
                "bundle_sid": None,
                "address_sid": None,
                "api_version": "2010-04-01",
                "date_created": now,
                "date_updated": now,
                **wanted,
            }
            self._world.store.put(_NUMBERS, number["sid"], number)
            self._record("bought", number)
        return number

    def number(self, sid: str) -> dict[str, Any]:
        """A rented number by its SID."""
        number = self._world.store.get(_NUMBERS, sid)
        if number is None:
            raise TwilioError(404, 20404, f"The requested resource {sid} was not found")
        return number

    def update(self, sid: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Change a rented number."""
        now = format_datetime(self._world.now())
        number = self.number(sid) | dict(wanted) | {"date_updated": now}
        self._world.store.put(_NUMBERS, sid, number)
        return number

    def release(self, sid: str) -> None:
        """Give a number back to the stock."""
        with self._buying:
            number = self.number(sid)
            self._world.store.delete(_NUMBERS, sid)
            self._record("released", number)

    def numbers(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """The rented numbers by SID, oldest first."""
        return self._world.store.all(_NUMBERS)

    def rented(self, phone_number: str) -> dict[str, Any] | None:
        """The number, if it is rented."""
        return next((it for _, it in self.numbers() if it["phone_number"] == phone_number), None)

    def _record(self, event: str, number: Mapping[str, Any]) -> None:
        self.stock.record(
            event,
            number["phone_number"],
            supplier_ref=number["sid"],
            reference=number["friendly_name"],
        )
