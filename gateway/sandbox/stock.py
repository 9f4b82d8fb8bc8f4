"""What a simulated supplier has in stock, and its ledger."""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import phonenumbers

from gateway.sandbox.contract import World

_DIGITS = 6  # the part of a number that differs within a country's stock
# Two-way texts do not exist on the Moroccan numbers that are sold.
_VOICE_ONLY = "+212"


@dataclass(frozen=True, kw_only=True)
class Rented:
    """A month of a number, charged in advance; the first begins with its purchase."""

    phone_number: str
    on: date
    is_first: bool


class Stock:
    """The numbers that `sandbox.stock` gives a supplier in each country, from `first` on.

    Suppliers sell none of each other's numbers.
    """

    def __init__(self, world: World, supplier: str, *, first: int) -> None:
        self._world = world
        self._supplier = supplier
        self._first = first

    def countries(self) -> Sequence[str]:
        """The catalogue, be a country out of stock."""
        return list(self._world.settings["stock"])

    def needs_papers(self, country: str) -> bool:
        """Whether numbers of the country are sold against papers only."""
        return country in self._world.settings["papers"]

    def numbers(self, country: str) -> list[str]:
        """Every number there is, rented or not."""
        sold = country in self.countries()
        example = phonenumbers.example_number(country) if sold else None
        if example is None:
            return []
        pattern = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
        last = self._first + self._world.settings["stock"][country]
        return [f"{pattern[:-_DIGITS]}{n:0{_DIGITS}}" for n in range(self._first, last)]

    def shuffled(self, numbers: list[str]) -> list[str]:
        """The same numbers, another one first each time."""
        start = (self._world.number(f"{self._supplier}-search") - 1) % max(len(numbers), 1)
        return numbers[start:] + numbers[:start]

    def record(self, event: str, phone_number: str, *, supplier_ref: str, reference: str) -> None:
        """Write `bought` or `released` into the ledger."""
        entry = {
            "event": event,
            "phone_number": phone_number,
            "supplier_ref": supplier_ref,
            "reference": reference,
            "at": self._world.now().isoformat(),
        }
        self._world.store.put(self._ledger, str(self._world.number(self._ledger)), entry)

    def ledger(self) -> list[dict[str, Any]]:
        """What was bought and released, in order."""
        return [entry for _, entry in self._world.store.all(self._ledger)]

    def rented(self, since: date, through: date) -> list[Rented]:
        """What was charged on these days: every month on the day that the number was bought on."""
        through = min(through, self._world.now().date())
        ended = {row["supplier_ref"]: row for row in self.ledger() if row["event"] == "released"}
        return [
            Rented(phone_number=row["phone_number"], on=day, is_first=nth == 0)
            for row in self.ledger()
            if row["event"] == "bought"
            for nth, day in enumerate(_due(row, ended.get(row["supplier_ref"]), through))
            if since <= day
        ]

    @property
    def _ledger(self) -> str:
        return f"{self._supplier}-ledger"


def _due(bought: Any, released: Any, through: date) -> Iterator[date]:
    first = day = datetime.fromisoformat(bought["at"]).date()
    end = datetime.fromisoformat(released["at"]).date() if released else date.max
    while day <= through and (day < end or day == first):
        yield day
        month = (day.replace(day=1) + timedelta(days=31)).replace(day=1)
        day = month.replace(day=min(first.day, monthrange(month.year, month.month)[1]))


def hears_texts(phone_number: str) -> bool:
    """Whether texts reach a simulated number."""
    return not phone_number.startswith(_VOICE_ONLY)
