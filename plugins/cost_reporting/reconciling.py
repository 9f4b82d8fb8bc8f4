"""The ledger against what a provider says: what matches, what differs, and why where it is known.
Pure: sums in, findings out."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, Literal

from plugins.cost_reporting.rate_cards import RateCard

Finding = Literal["matched", "missing_here", "missing_there", "quantity_differs", "price_differs"]
# A sum of a provider comes through binary fractions; the smallest price has four decimals.
_TOLERANCE: Final = Decimal("0.00005")
_MAY_STILL_COME: Final = timedelta(days=2)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Where:
    """What is compared with what: a line's messages of a category on a day. Without a line it is
    what was charged for a number that is nobody's, or for all numbers together."""

    source: str
    line_id: str | None
    phone_number: str | None
    day: date
    kind: str
    category: str | None


@dataclass(kw_only=True)
class Tally:
    """How many there were, how many of them free, and what they came to by currency."""

    quantity: int = 0
    free: int = 0
    unpriced: int = 0  # the amount of so many is not known
    amounts: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    countries: dict[str, int] = field(default_factory=lambda: defaultdict(int))  # charged ones
    off_midnight: bool = False

    def add(self, quantity: int, amount: Decimal | None, currency: str | None, free: bool) -> None:
        self.quantity += quantity
        self.free += quantity if free else 0
        if amount is None or currency is None:
            self.unpriced += quantity
        else:
            self.amounts[currency] += amount


@dataclass(frozen=True, kw_only=True)
class Difference:
    where: Where
    finding: Finding
    reason: str | None
    ours: Tally
    theirs: Tally


def compare(
    ours: Mapping[Where, Tally],
    theirs: Mapping[Where, Tally],
    *,
    asked_on: date,
    cards: Sequence[RateCard],
    of_numbers: Callable[[Where, int], str | None],
) -> tuple[int, list[Difference]]:
    """How many places match, and every one that does not. `of_numbers` knows why so many more (or
    fewer) months of a number were charged."""
    places = sorted({*ours, *theirs}, key=repr)
    surplus = {
        where: theirs.get(where, Tally()).quantity - ours.get(where, Tally()).quantity
        for where in places
    }
    matched, differences = 0, []
    for where in places:
        here, there = ours.get(where, Tally()), theirs.get(where, Tally())
        finding = _finding(here, there)
        if finding == "matched":
            matched += 1
            continue
        if finding == "price_differs":
            reason = _price_reason(where, here, there, cards)
        else:
            reason = (
                next(_elsewhere(where, surplus, theirs), None) or _late(where, surplus, asked_on)
                if where.kind == "message" and where.line_id
                else of_numbers(where, surplus[where])
            )
        differences.append(
            Difference(where=where, finding=finding, reason=reason, ours=here, theirs=there)
        )
    return matched, differences


def _finding(here: Tally, there: Tally) -> Finding:
    if here.quantity != there.quantity:
        if not here.quantity:
            return "missing_here"
        return "quantity_differs" if there.quantity else "missing_there"
    if there.unpriced:  # a partner's credit line: the provider does not tell what it charged
        return "matched"
    return "price_differs" if here.unpriced or _amounts_differ(here, there) else "matched"


def _amounts_differ(here: Tally, there: Tally) -> bool:
    return any(
        abs(here.amounts.get(currency, Decimal(0)) - there.amounts.get(currency, Decimal(0)))
        >= _TOLERANCE
        for currency in {*here.amounts, *there.amounts}
    )


def _elsewhere(
    where: Where, surplus: Mapping[Where, int], theirs: Mapping[Where, Tally]
) -> Iterator[str]:
    """What is missing at one place and too much at another was counted there."""
    for other, found in surplus.items():
        if found != -surplus[where] or not _same_line(where, other):
            continue
        if other.day == where.day and other.category != where.category:
            yield "reclassified"
        elif abs(other.day - where.day) == _DAY and other.category == where.category:
            off = any(theirs[it].off_midnight for it in (where, other) if it in theirs)
            yield "time_zone" if off else "other_day"


def _late(where: Where, surplus: Mapping[Where, int], asked_on: date) -> str | None:
    recent = asked_on - where.day <= _MAY_STILL_COME
    return "late_status" if recent and surplus[where] > 0 else None


def _same_line(one: Where, other: Where) -> bool:
    return (one.source, one.line_id, one.phone_number, one.kind) == (
        other.source,
        other.line_id,
        other.phone_number,
        other.kind,
    )


def _price_reason(where: Where, here: Tally, there: Tally, cards: Sequence[RateCard]) -> str | None:
    if here.unpriced:
        return "no_price_here"
    if here.free != there.free:
        return "free_allowance"
    if {*here.amounts} != {*there.amounts}:
        return "other_currency"
    if any(_is_priced_by(card, where, there) for card in cards):
        return "other_card"
    return None


def _is_priced_by(card: RateCard, where: Where, there: Tally) -> bool:
    if where.category is None or not there.countries:
        return False
    expected = Tally()
    for country, quantity in there.countries.items():
        rate = card.message(country, where.category, where.day)
        if rate is None:
            return False
        money = rate.money
        expected.add(quantity, money.amount * quantity, money.currency, free=False)
    return not _amounts_differ(expected, there)
