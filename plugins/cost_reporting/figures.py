"""What a month's messages cost beside what they brought: per conversation, per reply, the free."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final, Literal

from sqlalchemy.orm import Session

from gateway.plugin_api import Activity, Money, activity
from plugins.cost_reporting import day_sums, periods
from plugins.cost_reporting.models import DaySum
from plugins.cost_reporting.rate_cards import RateCard
from plugins.cost_reporting.rules import month_of
from plugins.cost_reporting.statement import amounts
from plugins.cost_reporting.tally import Tally

_TENTH: Final = Decimal("0.1")
_NOTHING: Final = Activity(of="client", id=None, conversations=0, replies=0)

Of = tuple[Literal["client", "line", "recruiter"], str | None]
_EVERYTHING: Final[Of] = ("client", None)
_MESSAGES: Final = day_sums.added_up_by(
    DaySum.line_id, DaySum.recruiter_id, DaySum.currency, messages=True
)


def of_month(
    session: Session, card: RateCard, zone: tzinfo, client_id: str, month: date
) -> Mapping[str, Any]:
    """The client's figures, and by line and by recruiter those of whoever has any."""
    tallies = _tallies(session, client_id, month)
    bounds = periods.bounds(zone, month.replace(day=1))
    busy = {(it.of, it.id): it for it in activity(session, client_id, *bounds)}
    on = periods.last_day(month_of(month))

    def figures(of: Of) -> dict[str, Any]:
        return _figures(card, on, tallies[of], busy.get(of, _NOTHING))

    known = sorted({*tallies, *busy}, key=lambda of: (of[1] is None, of[1]))
    return {
        **figures(_EVERYTHING),
        **{
            f"by_{name}_id": [{f"{name}_id": of[1], **figures(of)} for of in known if of[0] == name]
            for name in ("line", "recruiter")
        },
    }


def _figures(card: RateCard, on: date, tally: Tally, busy: Activity) -> dict[str, Any]:
    def each(count: int) -> Mapping[str, str | None] | None:
        if not count:
            return None
        shares = [Money(amount=it.amount / count, currency=it.currency) for it in tally.monies]
        return amounts(card, on, shares)

    return {
        "messages": tally.quantity,
        "free": tally.free,
        "free_percent": _percent(tally.free, tally.quantity),
        "unpriced": tally.unpriced,
        "conversations": busy.conversations,
        "replies": busy.replies,
        "spent_on_messages": amounts(card, on, tally.monies),
        "per_conversation": each(busy.conversations),
        "per_reply": each(busy.replies),
    }


def _percent(part: int, whole: int) -> str | None:
    if not whole:
        return None
    return format((Decimal(100 * part) / whole).quantize(_TENTH, ROUND_HALF_UP), "f")


def _tallies(session: Session, client_id: str, month: date) -> Mapping[Of, Tally]:
    found: dict[Of, Tally] = defaultdict(Tally)
    for row in day_sums.of_month(session, _MESSAGES, client_id, month):
        for of in _EVERYTHING, ("line", row.line_id), ("recruiter", row.recruiter_id):
            found[of].add(row.quantity, row.amount, row.currency, row.free)
    return found
