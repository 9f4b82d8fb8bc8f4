"""One month as people read it: sums of exact amounts, rounded only where they are shown."""

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from gateway.plugin_api import Money
from plugins.cost_reporting.rate_cards import ExchangeRate, RateCard

USD: Final = "USD"
MAD: Final = "MAD"
META: Final = "meta"  # paid to Meta directly, by the client
# A message costs fractions of a cent, so dollars keep the four decimals of Meta's list.
_STEP: Final = {MAD: Decimal("0.01")}
_USUAL_STEP: Final = Decimal("0.0001")
# A sum of none, which is not known in a currency that nothing is known in.
_NOTHING: Final = (Money(amount=Decimal(0), currency=USD),)


@dataclass(frozen=True, kw_only=True)
class Sum:
    """Entries of one kind together; `money` is None where they have no price."""

    line_id: str
    kind: str
    category: str | None
    paid_to: str | None
    quantity: int
    money: Money | None


def statement(card: RateCard, month: date, sums: Iterable[Sum]) -> Mapping[str, Any]:
    """The month as the API shows it.

    `totals` is what we invoice; what the client pays to Meta directly is never in it. `unpriced`
    counts the entries that neither holds: those without a price, or in a currency without a rate.
    A total is null where its own exchange rate is missing.
    """
    sums = list(sums)
    last = month.replace(day=monthrange(month.year, month.month)[1])
    known = [(one, one.money) for one in sums if one.money]
    priced = [(one, money) for one, money in known if card.convert(money, USD, last)]
    rate = card.exchange(USD, MAD, last)
    return {
        "month": month.isoformat()[:7],
        "lines": [_line(one) for one in sums],
        "totals": amounts(card, last, [money for one, money in priced if one.paid_to != META]),
        "paid_to_meta": amounts(
            card, last, [money for one, money in priced if one.paid_to == META]
        ),
        "unpriced": sum(one.quantity for one in sums) - sum(one.quantity for one, _ in priced),
        "exchange_rates": [shown_rate(rate)] if rate else [],
    }


def shown(money: Money) -> Money:
    """Rounded half up, as people see it."""
    return Money(amount=_rounded(money.amount, money.currency), currency=money.currency)


def amounts(card: RateCard, on: date, monies: Sequence[Money] | None) -> Mapping[str, str | None]:
    """A sum in USD and in MAD, rounded once; null where it, or an exchange rate, is not known."""
    return {
        currency: None if monies is None else _total(card, on, monies, currency)
        for currency in (USD, MAD)
    }


def _total(card: RateCard, on: date, monies: Sequence[Money], currency: str) -> str | None:
    total = Decimal(0)
    for money in monies or _NOTHING:
        there = card.convert(money, currency, on)
        if there is None:
            return None
        total += there.amount
    return format(_rounded(total, currency), "f")


def _rounded(amount: Decimal, currency: str) -> Decimal:
    return amount.quantize(_STEP.get(currency, _USUAL_STEP), ROUND_HALF_UP)


def _line(one: Sum) -> dict[str, Any]:
    return {
        "line_id": one.line_id,
        "kind": one.kind,
        "category": one.category,
        "quantity": one.quantity,
        "amount": one.money and shown(one.money).as_json(),
        "paid_to": one.paid_to,
    }


def shown_rate(rate: ExchangeRate) -> dict[str, str]:
    return {
        "from": rate.base,
        "to": rate.quote,
        "rate": format(rate.rate, "f"),
        "as_of": rate.as_of.isoformat(),
        "source": rate.source,
    }
