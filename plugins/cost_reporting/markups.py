"""A monthly figure that somebody states, taken apart into what it is made of."""

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from gateway.plugin_api import Money
from plugins.cost_reporting.rate_cards import RateCard
from plugins.cost_reporting.statement import MAD, amounts, shown

_CENT: Final = Decimal("0.01")


def taken_apart(card: RateCard, country: str, on: date) -> Mapping[str, Any] | None:
    """The card's markup on a month of its number; None where it has none.

    `marketing_messages` is how many of them would cost as much as what is put on top.
    """
    markup, number = card.markup(on), card.number(country, on)
    if markup is None or number is None:
        return None
    currency = number.money.currency
    factor = 1 + markup.amount.scaleb(-2)  # which keeps its digits: 1.10
    total = Money(amount=number.money.amount * factor, currency=currency)
    extra = Money(amount=total.amount - number.money.amount, currency=currency)
    message = card.message(country, "marketing", on)
    unit = message and card.convert(message.money, currency, on)
    messages = extra.amount / unit.amount if unit and unit.amount else None
    return {
        "percent": format(markup.amount, "f"),
        "amounts": amounts(card, on, [total]),
        "difference": amounts(card, on, [extra]),
        "marketing_messages": messages and format(messages.quantize(_CENT, ROUND_HALF_UP), "f"),
        "says": f"{_read(card, on, total)} is {_read(card, on, number.money)} × "
        f"{factor:f}: a month of the number and {markup.amount:f} % on top that "
        f"nothing explains.{_in_messages(messages)}",
        "source": markup.source,
    }


def _in_messages(messages: Decimal | None) -> str:
    if messages is None:
        return ""
    if messages == messages.to_integral_value():
        return f" The difference is {messages.to_integral_value():f} marketing messages."
    return " No whole number of marketing messages gives the difference."


def _read(card: RateCard, on: date, money: Money) -> str:
    one = shown(card.convert(money, MAD, on) or money)
    return f"{one.amount:f} {one.currency}"
