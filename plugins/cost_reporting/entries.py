"""Entries are only ever added, and each day's sums with them, in one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import false, func, inspect, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.plugin_api import new_id
from plugins.cost_reporting.arrays import as_table, is_any
from plugins.cost_reporting.models import DaySum, Entry
from plugins.cost_reporting.periods import placed

_WHAT: Final = ("day", "line_id", "recruiter_id", "kind", "category", "paid_to", "currency")
_PRICED: Final = ("occurred_at", "amount", "currency", "reason")
_OF_ITS_OWN: Final = ("id", "billed_in", "reversal", "quantity", "entered_at")


def current(session: Session, client_id: str, facts: Iterable[str]) -> dict[str, Entry]:
    """The entry that holds of each fact: its newest revision."""
    rows = session.scalars(
        select(Entry)
        .where(Entry.client_id == client_id, is_any(Entry.fact, facts), ~Entry.reversal)
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
    revision = present.revision + 1
    return [
        reversal(present, row["entered_at"]),
        {**row, "revision": revision, "reversal": False, "quantity": 1},
    ]


def reversal(present: Entry, at: datetime) -> dict[str, Any]:
    """What has to be entered so that the fact costs nothing any more."""
    return {
        **values_of(present),
        "amount": None if present.amount is None else -present.amount,
        "reversal": True,
        "quantity": -1,
        "entered_at": at,
    }


def enter(session: Session, client_id: str, rows: Sequence[dict[str, Any]]) -> None:
    """Add entries; one that is there already stays as it is, and is not summed again."""
    if not rows:
        return
    given = as_table(
        Entry, [{"id": new_id("cost"), **it} for it in placed(session, client_id, rows)]
    )
    added = (
        insert(Entry)
        .from_select([*given.c.keys()], select(given))
        .on_conflict_do_nothing()
        .returning(*(getattr(Entry, name) for name in (*_WHAT, "quantity", "amount")))
        .cte("added")
    )
    free = func.coalesce(added.c.amount == 0, false())
    what = [added.c[name] for name in _WHAT]
    sums = (
        select(literal(client_id, DaySum.client_id.type), func.gen_random_uuid(), *what, free)
        .add_columns(func.sum(added.c.quantity), func.coalesce(func.sum(added.c.amount), 0))
        .group_by(*what, free)
        .order_by(*what, free)  # whoever else adds to these days waits, and is waited for by none
    )
    adding = insert(DaySum).from_select(
        ["client_id", "id", *_WHAT, "free", "quantity", "amount"], sums
    )
    session.execute(
        adding.on_conflict_do_update(
            constraint="uq_cost_reporting_days_what",
            set_={
                "quantity": DaySum.quantity + adding.excluded.quantity,
                "amount": DaySum.amount + adding.excluded.amount,
            },
        )
    )
