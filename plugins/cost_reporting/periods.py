"""In which statement an entry goes: its month's, or the first open one where that was closed.

Whoever enters and whoever closes wait for each other, so that a closed statement stays as it is.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from typing import Any, Final

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from plugins.cost_reporting.arrays import as_table, is_any
from plugins.cost_reporting.models import Rent, Statement
from plugins.cost_reporting.rules import month_of, month_starts, next_month

_KEY: Final = "(hashtextextended('cost-statements|' || client, 0))"
_ENTERING: Final = text(
    f"SELECT pg_advisory_xact_lock_shared{_KEY} FROM CAST(:client AS text) AS client"
)
_CLOSING: Final = text(
    f"SELECT pg_advisory_xact_lock{_KEY} FROM unnest(CAST(:clients AS text[])) AS client"
)


@dataclass(frozen=True, kw_only=True)
class Period:
    """A month of some clients, with where it begins and ends."""

    clients: Sequence[str]
    month: str
    begins: datetime
    ends: datetime


def placed(
    session: Session, client_id: str, rows: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The rows, each with the statement it goes into. None is closed until the transaction ends."""
    session.execute(_ENTERING, {"client": client_id})
    months = {row["month"] for row in rows}
    first = _first_open(session, client_id)
    into = {month: max(month, first) for month in months}
    for month in sorted(set(into.values())):
        begin(session, [client_id], month)
    return [{**row, "billed_in": into[row["month"]]} for row in rows]


def hold(session: Session, clients: Iterable[str]) -> None:
    """Nothing is entered into these clients' statements until the transaction ends."""
    session.execute(_CLOSING, {"clients": sorted(clients)})


def begin(session: Session, clients: Iterable[str], month: str) -> None:
    """There is a statement of that month from now on, if there was none."""
    rows = [{"client_id": client_id, "month": month} for client_id in clients]
    given = select(as_table(Statement, rows))
    session.execute(insert(Statement).from_select([*rows[0]], given).on_conflict_do_nothing())


def known(
    session: Session, clients: Sequence[str], through: str, day: Callable[[datetime], date]
) -> Mapping[str, Mapping[str, bool]]:
    """By client, its months with entries or in which it had a line, and whether each is closed."""
    found: dict[str, dict[str, bool]] = defaultdict(dict)
    ends = last_day(through)
    for client_id, since, until in session.execute(
        select(Rent.client_id, Rent.since, Rent.until).where(is_any(Rent.client_id, clients))
    ):
        for first in month_starts(day(since), min(ends, day(until)) if until else ends):
            found[client_id][month_of(first)] = False
    months, is_closed = func.array_agg(Statement.month), Statement.number.is_not(None)
    for client_id, closed, those in session.execute(
        select(Statement.client_id, is_closed, months)
        .where(is_any(Statement.client_id, clients), Statement.month <= through)
        .group_by(Statement.client_id, is_closed)
    ):
        found[client_id].update(dict.fromkeys(those, closed))
    return found


def statements(
    session: Session, client_id: str, day: Callable[[datetime], date], at: datetime
) -> list[Statement]:
    """One a month with entries, or in which the client had a line; some are not in a table yet."""
    found = {
        row.month: row
        for row in session.scalars(select(Statement).where(Statement.client_id == client_id))
    }
    for since, until in session.execute(
        select(Rent.since, Rent.until).where(Rent.client_id == client_id)
    ):
        for first in month_starts(day(since), day(min(at, until or at))):
            month = month_of(first)
            found.setdefault(month, Statement(client_id=client_id, month=month))
    return [found[month] for month in sorted(found)]


def period(zone: tzinfo, clients: Sequence[str], month: str) -> Period:
    begins, ends = bounds(zone, first_day(month))
    return Period(clients=clients, month=month, begins=begins, ends=ends)


def bounds(zone: tzinfo, first: date) -> tuple[datetime, datetime]:
    """Where the month that begins on that day begins and ends as Meta counts it."""
    begins, ends = (
        datetime.combine(day, time(), zone).astimezone(UTC) for day in (first, next_month(first))
    )
    return begins, ends


def first_day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def last_day(month: str) -> date:
    return date.fromordinal(next_month(first_day(month)).toordinal() - 1)


def _first_open(session: Session, client_id: str) -> str:
    """Everything before it is closed; empty where nothing is."""
    closed = session.scalar(
        select(func.max(Statement.month)).where(
            Statement.client_id == client_id, Statement.number.is_not(None)
        )
    )
    return month_of(next_month(first_day(closed))) if closed else ""
