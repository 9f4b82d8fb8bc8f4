"""The ledger against what a provider says: what matches, what differs, and why where it is known.
Pure: sums in, findings out."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, Literal

from plugins.cost_reporting.rate_cards import RateCard
from plugins.cost_reporting.tally import Tally

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
class Charges(Tally):
    """What was charged in one place."""

    countries: dict[str, int] = field(default_factory=lambda: defaultdict(int))  # not of the free
    off_midnight: bool = False


@dataclass(frozen=True, kw_only=True)
class Difference:
    where: Where
    finding: Finding
    reason: str | None
    ours: Charges
    theirs: Charges


def compare(
    ours: Mapping[Where, Charges],
    theirs: Mapping[Where, Charges],
    *,
    asked_on: date,
    cards: Sequence[RateCard],
    of_numbers: Callable[[Where, int], str | None],
) -> tuple[int, list[Difference]]:
    """How many places match, and every one that does not. `of_numbers` knows why so many more (or
    fewer) months of a number were charged."""
    places = sorted({*ours, *theirs}, key=repr)
    surplus = {
        where: theirs.get(where, Charges()).quantity - ours.get(where, Charges()).quantity
        for where in places
    }
    matched, differences = 0, []
    for where in places:
        here, there = ours.get(where, Charges()), theirs.get(where, Charges())
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


def _finding(here: Charges, there: Charges) -> Finding:
    if here.quantity != there.quantity:
        if not here.quantity:
            return "missing_here"
        return "quantity_differs" if there.quantity else "missing_there"
    if there.unpriced:  # a partner's credit line: the provider does not tell what it charged
        return "matched"
    return "price_differs" if here.unpriced or _amounts_differ(here, there) else "matched"


def _amounts_differ(here: Charges, there: Charges) -> bool:
    return any(
        abs(here.amounts.get(currency, Decimal(0)) - there.amounts.get(currency, Decimal(0)))
        >= _TOLERANCE
        for currency in {*here.amounts, *there.amounts}
    )


def _elsewhere(
    where: Where, surplus: Mapping[Where, int], theirs: Mapping[Where, Charges]
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


def _price_reason(
    where: Where, here: Charges, there: Charges, cards: Sequence[RateCard]
) -> str | None:
    if here.unpriced:
        return "no_price_here"
    if here.free != there.free:
        return "free_allowance"
    if {*here.amounts} != {*there.amounts}:
        return "other_currency"
    if any(_is_priced_by(card, where, there) for card in cards):
        return "other_card"
    return None


def _is_priced_by(card: RateCard, where: Where, there: Charges) -> bool:
    if where.category is None or not there.countries:
        return False
    expected = Charges()
    for country, quantity in there.countries.items():
        rate = card.message(country, where.category, where.day)
        if rate is None:
            return False
        money = rate.money
        expected.add(quantity, money.amount * quantity, money.currency, free=0)
    return not _amounts_differ(expected, there)
