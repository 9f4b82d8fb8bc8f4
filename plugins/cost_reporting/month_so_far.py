"""What a month has cost so far, and will at its end if it goes on as it did."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from sqlalchemy.orm import Session

from gateway.plugin_api import Money
from plugins.cost_reporting import day_sums
from plugins.cost_reporting.keeping import Ledger
from plugins.cost_reporting.models import DaySum
from plugins.cost_reporting.rate_cards import RateCard
from plugins.cost_reporting.rules import next_month

_PARTS: Final = day_sums.added_up_by(DaySum.line_id, DaySum.kind, DaySum.currency)
_LEAST: Final = timedelta(days=1)  # before that, what one morning cost says nothing of a month


@dataclass(frozen=True, kw_only=True)
class Part:
    """Entries of a month that are told apart; `money` is None where they have no price."""

    line_id: str
    is_message: bool
    quantity: int
    money: Money | None


def of_month(session: Session, client_id: str, day: date) -> list[Part]:
    """All entries of the month of that day, whoever is paid."""
    return [
        Part(
            line_id=row.line_id,
            is_message=row.kind == "message",
            quantity=row.quantity,
            money=day_sums.money(row),
        )
        for row in day_sums.of_month(session, _PARTS, client_id, day)
    ]


def in_currency(card: RateCard, monies: Iterable[Money], currency: str, day: date) -> Decimal:
    """Their sum, by the rates of that day; what no rate is known for is not in it."""
    converted = (card.convert(money, currency, day) for money in monies)
    return sum((money.amount for money in converted if money), Decimal(0))


def monies(parts: Iterable[Part]) -> list[Money]:
    return [part.money for part in parts if part.money]


def growth(ledger: Ledger, at: datetime) -> Decimal:
    """How many times what it holds now the month will, by the time that has passed of it."""
    first = ledger.day(at).replace(day=1)
    begins, ends = (
        datetime.combine(day, time(), ledger.zone) for day in (first, next_month(first))
    )
    passed = max(_LEAST, at - begins)
    return Decimal((ends - begins) // timedelta(seconds=1)) / (passed // timedelta(seconds=1))


def projected(parts: Iterable[Part], growth: Decimal) -> list[Money]:
    """At the month's end: messages grow with the time, all else is as it is entered."""
    return [
        Money(amount=part.money.amount * (growth if part.is_message else 1),
              currency=part.money.currency)
        for part in parts
        if part.money
    ]  # fmt: skip
