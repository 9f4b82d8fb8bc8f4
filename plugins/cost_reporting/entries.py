"""Entries are only ever added, and each day's sums with them, in one transaction."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import inspect, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from plugins.cost_reporting.models import DaySum, Entry
from plugins.cost_reporting.periods import placed

_WHAT: Final = ("day", "line_id", "recruiter_id", "kind", "category", "paid_to", "currency")
_PRICED: Final = ("occurred_at", "amount", "currency", "reason")
_OF_ITS_OWN: Final = ("id", "billed_in", "reversal", "quantity", "entered_at")


def current(session: Session, client_id: str, facts: Iterable[str]) -> dict[str, Entry]:
    """The entry that holds of each fact: its newest revision."""
    rows = session.scalars(
        select(Entry)
        .where(Entry.client_id == client_id, Entry.fact.in_(facts), ~Entry.reversal)
        .order_by(Entry.revision)
    )
    return {row.fact: row for row in rows}


def first(row: Mapping[str, Any]) -> dict[str, Any]:
    """A fact's entry, which stays the only one unless it is corrected."""
    return {**row, "revision": 0, "reversal": False, "quantity": 1}


def values_of(entry: Entry) -> dict[str, Any]:
    """What an entry says, but for what is every entry's own."""
    names = [column.key for column in inspect(Entry).column_attrs]
    return {name: getattr(entry, name) for name in names if name not in _OF_ITS_OWN}


def replacing(present: Entry | None, row: Mapping[str, Any]) -> Sequence[dict[str, Any]]:
    """What has to be entered so that `row` holds: it alone, a reversal and it, or nothing."""
    if present is None:
        return [first(row)]
    if all(getattr(present, name) == row[name] for name in _PRICED):
        return []
    reversal = {
        **values_of(present),
        "amount": None if present.amount is None else -present.amount,
        "reversal": True,
        "quantity": -1,
        "entered_at": row["entered_at"],
    }
    revision = present.revision + 1
    return [reversal, {**row, "revision": revision, "reversal": False, "quantity": 1}]


def enter(session: Session, client_id: str, rows: Sequence[dict[str, Any]]) -> None:
    """Add entries; one that is there already stays as it is, and is not summed again."""
    if not rows:
        return
    statement = insert(Entry).on_conflict_do_nothing().returning(Entry)
    added = session.scalars(statement, placed(session, client_id, rows)).all()
    sums: dict[tuple[Any, ...], list[Any]] = defaultdict(lambda: [0, Decimal(0)])
    for entry in added:
        what = (*(getattr(entry, name) for name in _WHAT), entry.amount == 0)
        sums[what][0] += entry.quantity
        sums[what][1] += entry.amount or 0
    if not sums:
        return
    adding = insert(DaySum)
    session.execute(
        adding.on_conflict_do_update(
            constraint="uq_cost_reporting_days_what",
            set_={
                "quantity": DaySum.quantity + adding.excluded.quantity,
                "amount": DaySum.amount + adding.excluded.amount,
            },
        ),
        [
            {
                "client_id": client_id,
                **dict(zip((*_WHAT, "free"), what, strict=True)),
                "quantity": quantity,
                "amount": amount,
            }
            for what, (quantity, amount) in sorted(sums.items(), key=lambda it: str(it[0]))
        ],
    )
