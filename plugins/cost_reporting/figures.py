"""What a month's messages cost beside what they brought: per conversation, per reply, the free."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final, Literal

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from gateway.plugin_api import Activity, Money, activity
from plugins.cost_reporting import periods
from plugins.cost_reporting.models import DaySum
from plugins.cost_reporting.rate_cards import RateCard
from plugins.cost_reporting.rules import month_of, next_month
from plugins.cost_reporting.statement import amounts

_TENTH: Final = Decimal("0.1")
_NOTHING: Final = Activity(of="client", id=None, conversations=0, replies=0)

Of = tuple[Literal["client", "line", "recruiter"], str | None]


@dataclass(kw_only=True)
class _Tally:
    messages: int = 0
    free: int = 0
    unpriced: int = 0
    monies: list[Money] = field(default_factory=list)


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
        **figures(("client", None)),
        **{
            f"by_{name}_id": [{f"{name}_id": of[1], **figures(of)} for of in known if of[0] == name]
            for name in ("line", "recruiter")
        },
    }


def _figures(card: RateCard, on: date, tally: _Tally, busy: Activity) -> dict[str, Any]:
    def each(count: int) -> Mapping[str, str | None] | None:
        shares = [Money(amount=it.amount / count, currency=it.currency)
                  for it in tally.monies if count]  # fmt: skip
        return amounts(card, on, shares) if count else None

    return {
        "messages": tally.messages,
        "free": tally.free,
        "free_percent": _percent(tally.free, tally.messages),
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


def _tallies(session: Session, client_id: str, month: date) -> Mapping[Of, _Tally]:
    found: dict[Of, _Tally] = defaultdict(_Tally)
    for row in _rows(session, client_id, month):
        places: list[Of] = [
            ("client", None),
            ("line", row.line_id),
            ("recruiter", row.recruiter_id),
        ]
        for of in places:
            tally = found[of]
            tally.messages += int(row.quantity)
            tally.free += int(row.free)
            if row.currency:
                tally.monies.append(Money(amount=row.amount, currency=row.currency))
            else:
                tally.unpriced += int(row.quantity)
    return found


def _rows(session: Session, client_id: str, month: date) -> Sequence[Any]:
    first = month.replace(day=1)
    by = (DaySum.line_id, DaySum.recruiter_id, DaySum.currency)
    quantity = func.sum(DaySum.quantity)
    return session.execute(
        select(
            *by,
            quantity.label("quantity"),
            func.sum(case((DaySum.free, DaySum.quantity), else_=0)).label("free"),
            func.sum(DaySum.amount).label("amount"),
        )
        .where(
            DaySum.client_id == client_id,
            DaySum.kind == "message",
            DaySum.day >= first,
            DaySum.day < next_month(first),
        )
        .group_by(*by)
        .having(quantity != 0)
    ).all()
