"""What a delivered message and a month of a number cost. Pure: facts in, a price out.

Meta charges on delivery, by the recipient's country and the category. Since 1 October 2026 a number
has a free allowance of service messages each calendar month. How Meta marks the free ones is not
documented beyond doubt: some are seen as `free_customer_service`. Both are counted here, marked or
not, so that the allowance is never given twice. Messages of a free entry point do not use it up.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Final

from gateway.plugin_api import Event
from plugins.cost_reporting.rate_cards import Rate, RateCard

FREE_ENTRY_POINT: Final = "free_entry_point"
USD: Final = "USD"
_FREE: Final = ("free_customer_service", FREE_ENTRY_POINT)
# Read receipts of people who read at once come without a `delivered` before them.
_PROOF_OF_DELIVERY: Final = (
    "message.delivered",
    "message.read",
    "message.played",
    "message.delivery_learned",
)


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A message that reached its recipient; None is what nobody told us."""

    message_id: str
    line_id: str
    recruiter_id: str | None
    application: str | None
    at: datetime  # UTC
    day: date  # in Meta's time zone
    category: str | None
    pricing_type: str | None
    country: str | None

    @property
    def fact(self) -> str:
        return f"message:{self.message_id}"

    @property
    def month(self) -> str:
        return month_of(self.day)


@dataclass(frozen=True, kw_only=True)
class Price:
    """An amount and why it is that, or no amount and why there is none. Unknown is never 0."""

    amount: Decimal | None
    currency: str | None
    reason: str
    source: str | None


@dataclass(frozen=True, kw_only=True)
class Counter:
    """What messages are counted by, with the numbers after which one costs something else."""

    name: str
    limits: tuple[int, ...]  # ascending

    def past(self, nth: int) -> int:
        """The highest limit that is used up before the nth."""
        return max((limit for limit in self.limits if limit < nth), default=0)


def deliveries(events: Iterable[Event], zone: tzinfo = UTC) -> list[Delivery]:
    """Each message that was delivered, once, at the earliest time that proves it."""
    found: dict[str, Delivery] = {}
    for event in events:
        if event.type not in _PROOF_OF_DELIVERY:
            continue
        data = event.data
        at = datetime.fromisoformat(data["at"]).astimezone(UTC)
        delivery = Delivery(
            message_id=data["message_id"],
            line_id=data["line_id"],
            recruiter_id=data["recruiter_id"],
            application=data["application_ref"],
            at=at,
            day=at.astimezone(zone).date(),
            category=data["category"],
            pricing_type=data["pricing_type"],
            country=data["country"],
        )
        before = found.setdefault(delivery.fact, delivery)
        if at < before.at:
            found[delivery.fact] = delivery
    return list(found.values())


def counter_of(card: RateCard, delivery: Delivery, portfolio: str) -> Counter | None:
    """By what the message is counted; None where its number changes nothing.

    A free allowance is a number's, volumes are a portfolio's. A card that gives a category both is
    read as if it had the allowance alone: Meta has none such.
    """
    category, country = delivery.category, delivery.country
    if category is None or delivery.pricing_type == FREE_ENTRY_POINT:
        return None
    first = delivery.day.replace(day=1)
    if free := card.allowances(category, first):
        return Counter(name=f"line:{delivery.line_id}:{delivery.month}:{category}", limits=free)
    market = card.market(country, delivery.day) if country else None
    volumes = card.volumes(market, category, first) if market else ()
    if not volumes:
        return None
    name = f"portfolio:{portfolio}:{delivery.month}:{market}:{category}"
    return Counter(name=name, limits=volumes)


def message_price(card: RateCard, delivery: Delivery, *, past: int) -> Price:
    """The price of one message; `past` is how many of its counter certainly went before it."""
    if delivery.pricing_type in _FREE:
        return _free(delivery.pricing_type)
    if delivery.category and past < card.allowance(delivery.category, delivery.day):
        return _free("free_allowance")
    if delivery.category is None:
        return _unknown("unknown_category")
    if delivery.country is None:
        return _unknown("unknown_country")
    rate = card.message(delivery.country, delivery.category, delivery.day, nth=past + 1)
    return _listed(rate)


def number_price(
    card: RateCard,
    *,
    country: str,
    on: date,
    supplier: str | None,
    amount: Decimal | None,
    currency: str | None,
) -> Price:
    """A month of a number: what its supplier asked when it was rented, else what the card says."""
    if amount is not None and currency is not None:
        return supplier_price(supplier, amount, currency)
    return _listed(card.number(country, on))


def supplier_price(supplier: str | None, amount: Decimal, currency: str) -> Price:
    source = f"the price of supplier {supplier}"
    return Price(amount=amount, currency=currency, reason="supplier_price", source=source)


def month_of(day: date) -> str:
    return day.isoformat()[:7]


def next_month(day: date) -> date:
    """The first day of the month after."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def month_starts(since: date, through: date) -> list[date]:
    """A day in every calendar month touched: `since` itself, then each month's first."""
    days = []
    day = since
    while month_of(day) <= month_of(through):
        days.append(day)
        day = next_month(day)
    return days


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
