"""Where a month's money went, day by day and category by category, as pictures are drawn from."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import func
from sqlalchemy.orm import Session

from plugins.cost_reporting import periods
from plugins.cost_reporting.day_sums import added_up_by, of_month
from plugins.cost_reporting.models import DaySum
from plugins.cost_reporting.rate_cards import RateCard
from plugins.cost_reporting.rules import month_of
from plugins.cost_reporting.statement import META, amounts
from plugins.cost_reporting.tally import Tally

# Of a kind of cost that has no category, its kind.
_CATEGORY: Final = func.coalesce(DaySum.category, DaySum.kind).label("category")
_PARTS: Final = added_up_by(DaySum.day, _CATEGORY, DaySum.paid_to, DaySum.currency)


def parts(session: Session, client_id: str, month: date) -> Sequence[Any]:
    return of_month(session, _PARTS, client_id, month)


def shown(card: RateCard, month: date, found: Iterable[Any]) -> Mapping[str, Any]:
    """All that was spent, whoever is paid; `totals` and `paid_to_meta` keep the two apart."""
    on = periods.last_day(month_of(month))
    days: dict[tuple[date, str], Tally] = defaultdict(Tally)
    ours, metas = Tally(), Tally()
    for part in found:
        whose = metas if part.paid_to == META else ours
        for tally in days[part.day, part.category], whose:
            tally.add(part.quantity, part.amount, part.currency, part.free)
    return {
        "month": month_of(month),
        "days": [
            {
                "day": day.isoformat(),
                "category": category,
                "quantity": tally.quantity,
                "free": tally.free,
                "unpriced": tally.unpriced,
                "amounts": amounts(card, on, tally.monies or None),
            }
            for (day, category), tally in days.items()
        ],
        "totals": amounts(card, on, ours.monies),
        "paid_to_meta": amounts(card, on, metas.monies),
    }
