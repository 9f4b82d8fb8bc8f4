"""What a delivered message and a month of a number cost. Pure: facts in, a price out.

Meta charges on delivery, by the recipient's country and the category. Since 1 October 2026 a number
has a free allowance of service messages each calendar month. How Meta marks the free ones is not
documented beyond doubt: some are seen as `free_customer_service`. Both are counted here, marked or
not, so that the allowance is never given twice. Messages of a free entry point do not use it up.
Days and months are UTC's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from gateway.plugin_api import Event
from plugins.cost_reporting.rate_cards import Rate, RateCard

FREE_ENTRY_POINT: Final = "free_entry_point"
USD: Final = "USD"
_FREE: Final = ("free_customer_service", FREE_ENTRY_POINT)
# Read receipts of people who read at once come without a `delivered` before them.
_PROOF_OF_DELIVERY: Final = ("message.delivered", "message.read", "message.played")


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A message that reached its recipient; None is what nobody told us."""

    message_id: str
    line_id: str
    at: datetime  # UTC
    category: str | None
    pricing_type: str | None
    country: str | None


@dataclass(frozen=True, kw_only=True)
class Price:
    """An amount and why it is that, or no amount and why there is none. Unknown is never 0."""

    amount: Decimal | None
    currency: str | None
    reason: str
    source: str | None


def deliveries(events: Iterable[Event]) -> list[Delivery]:
    """Each message that was delivered, once, by the first event that proves it."""
    found: dict[str, Delivery] = {}
    for event in events:
        if event.type not in _PROOF_OF_DELIVERY:
            continue
        data = event.data
        delivery = Delivery(
            message_id=data["message_id"],
            line_id=data["line_id"],
            at=datetime.fromisoformat(data["at"]).astimezone(UTC),
            category=data["category"],
            pricing_type=data["pricing_type"],
            country=data["country"],
        )
        found.setdefault(delivery.message_id, delivery)
    return list(found.values())


def allowance(card: RateCard, delivery: Delivery) -> int:
    """How many such messages the line has free this month; 0 where this one uses none of them."""
    if delivery.category is None or delivery.pricing_type == FREE_ENTRY_POINT:
        return 0
    return card.allowance(delivery.category, delivery.at.date())


def message_price(card: RateCard, delivery: Delivery, *, used: int) -> Price:
    """The price of one message; `used` is how many of the line's allowance went before it."""
    if delivery.pricing_type in _FREE:
        return _free(delivery.pricing_type)
    if used < allowance(card, delivery):
        return _free("free_allowance")
    if delivery.category is None:
        return _unknown("unknown_category")
    if delivery.country is None:
        return _unknown("unknown_country")
    rate = card.message(delivery.country, delivery.category, delivery.at.date())
    return _listed(rate)


def number_price(
    card: RateCard,
    *,
    country: str,
    at: datetime,
    supplier: str | None,
    amount: Decimal | None,
    currency: str | None,
) -> Price:
    """A month of a number: what its supplier asked when it was rented, else what the card says."""
    if amount is not None and currency is not None:
        source = f"the price of supplier {supplier}"
        return Price(amount=amount, currency=currency, reason="supplier_price", source=source)
    return _listed(card.number(country, at.date()))


def month_of(at: datetime) -> str:
    return at.strftime("%Y-%m")


def month_starts(since: datetime, through: datetime) -> list[datetime]:
    """A moment in every calendar month touched: `since` itself, then each month's first."""
    moments = []
    moment = since
    while month_of(moment) <= month_of(through):
        moments.append(moment)
        moment = next_month(moment)
    return moments


def next_month(at: datetime) -> datetime:
    """When the next calendar month begins."""
    year, month = divmod(at.year * 12 + at.month, 12)
    return datetime(year, month + 1, 1, tzinfo=UTC)


def _free(reason: str) -> Price:
    return Price(amount=Decimal(0), currency=USD, reason=reason, source=None)


def _listed(rate: Rate | None) -> Price:
    if rate is None:
        return _unknown("no_rate")
    return Price(
        amount=rate.money.amount,
        currency=rate.money.currency,
        reason="rate_card",
        source=rate.source,
    )


def _unknown(reason: str) -> Price:
    return Price(amount=None, currency=None, reason=reason, source=None)
