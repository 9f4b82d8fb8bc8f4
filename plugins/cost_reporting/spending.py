"""Where a month's money went, day by day and category by category, as pictures are drawn from."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from gateway.plugin_api import Money
from plugins.cost_reporting import periods
from plugins.cost_reporting.models import DaySum
from plugins.cost_reporting.rate_cards import RateCard
from plugins.cost_reporting.rules import month_of, next_month
from plugins.cost_reporting.statement import META, amounts


@dataclass(frozen=True, kw_only=True)
class Part:
    """What one category of messages, or a kind of cost that has none, came to on a day."""

    day: date
    category: str
    paid_to: str | None
    quantity: int
    free: int
    money: Money | None


def parts(session: Session, client_id: str, month: date) -> list[Part]:
    first = month.replace(day=1)
    what = func.coalesce(DaySum.category, DaySum.kind).label("category")
    by = (DaySum.day, what, DaySum.paid_to, DaySum.currency)
    rows = session.execute(
        select(
            *by,
            func.sum(DaySum.quantity).label("quantity"),
            func.sum(case((DaySum.free, DaySum.quantity), else_=0)).label("free"),
            func.sum(DaySum.amount).label("amount"),
        )
        .where(DaySum.client_id == client_id, DaySum.day >= first, DaySum.day < next_month(first))
        .group_by(*by)
        .order_by(*by)
    )
    return [
        Part(
            day=row.day,
            category=row.category,
            paid_to=row.paid_to,
            quantity=int(row.quantity),
            free=int(row.free),
            money=Money(amount=row.amount, currency=row.currency) if row.currency else None,
        )
        for row in rows
    ]


def shown(card: RateCard, month: date, found: Iterable[Part]) -> Mapping[str, Any]:
    """All that was spent, whoever is paid; `totals` and `paid_to_meta` keep the two apart."""
    found = list(found)
    on = periods.last_day(month_of(month))
    by_day: dict[tuple[date, str], list[Part]] = defaultdict(list)
    for part in found:
        by_day[part.day, part.category].append(part)
    return {
        "month": month_of(month),
        "days": [
            {
                "day": day.isoformat(),
                "category": category,
                "quantity": sum(part.quantity for part in those),
                "free": sum(part.free for part in those),
                "unpriced": sum(part.quantity for part in those if part.money is None),
                "amounts": _sum(card, on, those)
                if any(part.money for part in those)
                else amounts(card, on, None),
            }
            for (day, category), those in sorted(by_day.items())
        ],
        "totals": _sum(card, on, [part for part in found if part.paid_to != META]),
        "paid_to_meta": _sum(card, on, [part for part in found if part.paid_to == META]),
    }


def _sum(card: RateCard, on: date, found: Iterable[Part]) -> Mapping[str, str | None]:
    return amounts(card, on, [part.money for part in found if part.money])
