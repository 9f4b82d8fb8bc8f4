"""A statement as the API shows it: exact amounts, rounded once where they are read."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from gateway.plugin_api import Money
from plugins.cost_reporting.rate_cards import RateCard
from plugins.cost_reporting.statement import META, USD, amounts
from plugins.cost_reporting.statement_lines import Line

_TOLD_APART_BY: Final = ("line_id", "recruiter_id", "category", "application")
_BRIEF: Final = ("month", "status", "number", "closed_at", "corrected_in", "totals", "paid_to_meta")


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a statement is shown from; `corrected_in` are later ones with corrections of it,
    `rates` those of its closing or, while it is open, of now."""

    month: str
    number: int | None
    closed_at: datetime | None
    corrected_in: Sequence[str]
    rates: Sequence[Mapping[str, str]] | None
    lines: Sequence[Line]


def shape(facts: Facts, card: RateCard, on: date) -> Mapping[str, Any]:
    """`totals` is what we invoice: the exact sum of its lines, rounded once. What the client pays
    to Meta directly is never in it."""
    unpriced = [one for one in facts.lines if not _known(card, on, one.money)]
    return {
        "month": facts.month,
        "status": _status(facts),
        "number": facts.number,
        "closed_at": facts.closed_at and facts.closed_at.isoformat(),
        "corrected_in": [*facts.corrected_in],
        "lines": [_line(card, on, facts.month, one) for one in facts.lines],
        "sums": {f"by_{name}": _sums(card, on, name, facts.lines) for name in _TOLD_APART_BY},
        **_both(card, on, facts.lines),
        "unpriced": sum(one.quantity for one in unpriced),
        "exchange_rates": [*(facts.rates or ())],
    }


def brief(statement: Mapping[str, Any]) -> Mapping[str, Any]:
    """A statement in a list of them."""
    return {name: statement[name] for name in _BRIEF}


def _status(facts: Facts) -> str:
    if facts.number is None:
        return "open"
    return "corrected" if facts.corrected_in else "closed"


def _line(card: RateCard, on: date, month: str, one: Line) -> Mapping[str, Any]:
    return {
        "month": one.of_month,
        "correction": one.of_month != month,
        "kind": one.kind,
        "line_id": one.line_id,
        "recruiter_id": one.recruiter_id,
        "application": one.application,
        "category": one.category,
        "paid_to": one.paid_to,
        "quantity": one.quantity,
        "free": one.free,
        "exact": one.money and one.money.as_json(),
        "amounts": amounts(card, on, None if one.money is None else [one.money]),
    }


def _sums(card: RateCard, on: date, name: str, lines: Iterable[Line]) -> list[Mapping[str, Any]]:
    found: dict[str | None, list[Line]] = defaultdict(list)
    for one in lines:
        found[getattr(one, name)].append(one)
    return [
        {
            name: value,
            "quantity": sum(one.quantity for one in those),
            "free": sum(one.free for one in those),
            **_both(card, on, those),
        }
        for value, those in sorted(found.items(), key=lambda it: (it[0] is None, it[0]))
    ]


def _both(card: RateCard, on: date, lines: Iterable[Line]) -> Mapping[str, Any]:
    """What is ours and what is Meta's, added up by currency before anything is converted."""
    ours: dict[str, Decimal] = defaultdict(Decimal)
    metas: dict[str, Decimal] = defaultdict(Decimal)
    for one in lines:
        if one.money:
            sums = metas if one.paid_to == META else ours
            sums[one.money.currency] += one.money.amount
    return {
        name: amounts(card, on, [money for money in _monies(sums) if _known(card, on, money)])
        for name, sums in (("totals", ours), ("paid_to_meta", metas))
    }


def _monies(sums: Mapping[str, Decimal]) -> Iterable[Money]:
    return (Money(amount=amount, currency=currency) for currency, amount in sums.items())


def _known(card: RateCard, on: date, money: Money | None) -> bool:
    return money is not None and card.convert(money, USD, on) is not None
