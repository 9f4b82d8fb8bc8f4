"""What a month would cost, case beside case. Pure: a card and facts in, figures out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from gateway.plugin_api import EstimateFacts, Money
from plugins.cost_reporting.markups import taken_apart
from plugins.cost_reporting.rate_cards import RateCard, Row
from plugins.cost_reporting.statement import MAD, USD, amounts, shown_rate

CATEGORIES: Final = ("marketing", "utility", "authentication", "service")
INTRODUCTIONS: Final = ("utility", "marketing")  # Meta decides which a template is
_NUMBER: Final = "number_month"
_USD_ALONE: Final = "No exchange rate from USD to MAD is known for this day: USD only."


@dataclass(frozen=True, kw_only=True)
class _Case:
    name: str
    paid_to: str  # by whom messages are charged
    rents: bool  # the platform rents the number
    shares: bool  # all clients' volume is one portfolio's
    free: bool  # the number's free messages count
    offered: bool = True
    note: str | None = None


_CASES: Final = (
    _Case(name="embedded-signup", paid_to="meta", rents=False, shares=False, free=True),
    _Case(name="virtual-number", paid_to="platform", rents=True, shares=True, free=True),
    _Case(
        name="groups",
        paid_to="platform",
        rents=True,
        shares=True,
        free=False,
        offered=False,
        note="A message is charged once for each member it reaches: the counts are of those."
        " Whether service messages are free in groups is not confirmed: none is here.",
    ),
)


@dataclass(frozen=True, kw_only=True)
class _Line:
    item: str
    quantity: int
    charged: int
    money: Money | None
    paid_to: str


def estimate(asked: RateCard, in_force: RateCard, facts: EstimateFacts) -> Mapping[str, Any]:
    """The month by the card that was asked for and, if that is another, by the one in force."""
    other = _by_card(in_force, facts) if asked is not in_force else None
    return {**_by_card(asked, facts), "in_force": other}


def _by_card(card: RateCard, facts: EstimateFacts) -> Mapping[str, Any]:
    rate = card.exchange(USD, MAD, facts.on)
    return {
        "rate_card": card.name,
        "version": card.version,
        "on": facts.on.isoformat(),
        "country": facts.country,
        "market": card.market(facts.country, facts.on),
        "clients": facts.clients,
        "exchange_rate": shown_rate(rate) if rate else None,
        "note": None if rate else _USD_ALONE,
        "prices": list(_prices(card, facts)),
        "cases": [
            _case(card, facts, case, introduction)
            for case in _CASES
            for introduction in INTRODUCTIONS
        ],
        "markup": taken_apart(card, facts.country, facts.on),
    }


def _prices(card: RateCard, facts: EstimateFacts) -> Iterable[Mapping[str, Any]]:
    number = card.number(facts.country, facts.on)
    if number:
        yield _price(card, facts.on, _NUMBER, number.money, number.source)
    else:
        yield _price(card, facts.on, _NUMBER, None, None)
    for category in CATEGORIES:
        free = card.allowance(category, facts.on)
        tiers = _tiers(card, facts, category)
        if not tiers:
            yield _price(card, facts.on, category, None, None, free=free)
        for row in tiers:
            money = Money(amount=row.amount, currency=row.currency)
            yield _price(card, facts.on, category, money, row.source, free=free, tier=row)


def _price(
    card: RateCard,
    on: date,
    item: str,
    money: Money | None,
    source: str | None,
    *,
    free: int = 0,
    tier: Row | None = None,
) -> Mapping[str, Any]:
    mad = money and card.convert(money, MAD, on)
    converted = {MAD: mad.as_json()} if mad else {}
    return {
        "item": item,
        "price": {**money.as_json(), "converted": converted} if money else None,
        "rounded": amounts(card, on, None if money is None else [money]),
        "volume_from": tier.volume_from if tier else 1,
        "volume_to": tier.volume_to if tier else None,
        "free_each_month": free,
        "source": source,
    }


def _case(
    card: RateCard, facts: EstimateFacts, case: _Case, introduction: str
) -> Mapping[str, Any]:
    lines = list(_lines(card, facts, case, introduction))
    sums = {}
    for name, paid_to in (("invoiced", "platform"), ("paid_to_meta", "meta")):
        mine = [line.money for line in lines if line.paid_to == paid_to]
        known = [money for money in mine if money is not None]
        each = [Money(amount=it.amount / facts.clients, currency=it.currency) for it in known]
        whole = len(known) == len(mine)
        sums[name] = amounts(card, facts.on, known if whole else None)
        sums[f"{name}_per_client"] = amounts(card, facts.on, each if whole else None)
    return {
        "case": case.name,
        "offered": case.offered,
        "introduction": introduction,
        "lines": [_shown(card, facts.on, line) for line in lines],
        **sums,
        "unpriced": [line.item for line in lines if line.money is None],
        "note": case.note,
    }


def _lines(card: RateCard, facts: EstimateFacts, case: _Case, introduction: str) -> Iterable[_Line]:
    if case.rents:
        rate = card.number(facts.country, facts.on)
        yield _Line(
            item=_NUMBER,
            quantity=facts.clients,
            charged=facts.clients,
            money=_times(rate.money, facts.clients) if rate else None,
            paid_to="platform",
        )
    for category in CATEGORIES:
        each: int = getattr(facts, category)
        each += facts.introductions if category == introduction else 0
        free = card.allowance(category, facts.on) if case.free else 0
        charged = max(0, each - free)
        if each:
            yield _Line(
                item=category,
                quantity=each * facts.clients,
                charged=charged * facts.clients,
                money=_charge(_tiers(card, facts, category), charged, facts.clients, case),
                paid_to=case.paid_to,
            )


def _charge(tiers: Sequence[Row], each: int, clients: int, case: _Case) -> Money | None:
    """So many messages of each client, each volume at its price; None where the card has none."""
    if not tiers:
        return None
    volume, times = (each * clients, 1) if case.shares else (each, clients)
    total = Decimal(0)
    for row in tiers:
        upto = volume if row.volume_to is None else min(volume, row.volume_to)
        total += row.amount * max(0, upto - row.volume_from + 1)
    return Money(amount=total * times, currency=tiers[0].currency)


def _tiers(card: RateCard, facts: EstimateFacts, category: str) -> Sequence[Row]:
    market = card.market(facts.country, facts.on)
    return card.tiers(market, category, facts.on) if market else ()


def _times(money: Money, factor: int) -> Money:
    return Money(amount=money.amount * factor, currency=money.currency)


def _shown(card: RateCard, on: date, line: _Line) -> Mapping[str, Any]:
    return {
        "item": line.item,
        "quantity": line.quantity,
        "charged": line.charged,
        "amounts": amounts(card, on, None if line.money is None else [line.money]),
        "paid_to": line.paid_to,
    }
