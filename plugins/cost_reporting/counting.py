"""How many came before a message: counted by Meta's times, so late news changes no total.

Whoever counts holds the counter. A late message moves others past a limit, perhaps another
client's: where those stand is noted here, and their own client's ledger corrects their entries.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.plugin_api import platform
from plugins.cost_reporting.arrays import as_table, is_any
from plugins.cost_reporting.models import Counted
from plugins.cost_reporting.rules import Counter

_LOCK: Final = text("SELECT pg_advisory_xact_lock(hashtextextended('cost-reporting|' || :name, 0))")


@dataclass(frozen=True, kw_only=True)
class Count:
    """A message to be counted at its time; `left` is where it was counted before, if elsewhere."""

    fact: str
    at: datetime
    counter: Counter
    left: Counter | None = None


def count(client_id: str, counts: Sequence[Count], *, anew: bool = False) -> None:
    """Count messages of a client; to count one again at the same time changes nothing.

    `anew`: their counters may have other limits than so far.
    """
    if not counts:
        return
    by_counter: dict[str, list[Count]] = defaultdict(list)
    counters: dict[str, Counter] = {}
    for one in counts:
        by_counter[one.counter.name].append(one)
        for counter in (one.counter, one.left or one.counter):
            counters[counter.name] = counter
    with platform() as session:
        for name in sorted(counters):
            session.execute(_LOCK, {"name": name})
        _put(session, client_id, counts)
        for name in sorted(counters):
            fresh = by_counter[name]
            changed = len(fresh) + sum(one.left == counters[name] for one in counts)
            if anew:
                everyone = select(func.count()).where(Counted.counter == name)
                changed = session.scalar(everyone) or 0
            _settle(session, client_id, counters[name], fresh, changed)


def _put(session: Session, client_id: str, counts: Iterable[Count]) -> None:
    rows = [
        {
            "client_id": client_id,
            "fact": one.fact,
            "counter": one.counter.name,
            "occurred_at": one.at,
            "past": 0,
        }
        for one in counts
    ]
    given = as_table(Counted, rows)
    statement = insert(Counted).from_select([*rows[0]], select(given))
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["client_id", "fact"],
            set_={
                "counter": statement.excluded.counter,
                "occurred_at": statement.excluded.occurred_at,
            },
        )
    )


def _settle(
    session: Session, client_id: str, counter: Counter, fresh: Iterable[Count], changed: int
) -> None:
    """Say of the fresh ones where they stand, and of those that they moved past a limit."""
    found: dict[tuple[str, str], int] = {}
    beyond: dict[int, tuple[datetime, str]] = {}  # the first that is past each limit
    for limit in counter.limits:
        for nth, row in _around(session, counter, limit, changed):
            if nth == limit + 1:
                beyond[limit] = (row.occurred_at, row.fact)
            if row.past != counter.past(nth):
                found[row.client_id, row.fact] = counter.past(nth)
    for one in fresh:
        key = (one.at, one.fact)
        past = max((limit for limit, first in beyond.items() if first <= key), default=0)
        found[client_id, one.fact] = past
    if found:
        _stand(session, found)


def _stand(session: Session, found: Mapping[tuple[str, str], int]) -> None:
    """Note where messages stand, by client and fact."""
    rows = [
        {"client_id": client, "fact": fact, "past": past}
        for (client, fact), past in sorted(found.items())
    ]
    given = as_table(Counted, rows)
    session.execute(
        update(Counted)
        .where(
            Counted.client_id == given.c.client_id,
            Counted.fact == given.c.fact,
            Counted.past != given.c.past,
        )
        .values(past=given.c.past)
        .execution_options(synchronize_session=False)
    )


def _around(
    session: Session, counter: Counter, limit: int, changed: int
) -> Iterable[tuple[int, Any]]:
    """Those that so many changes can have moved past a limit, or back, each with its number."""
    before = max(0, limit - changed)
    rows = session.execute(
        select(Counted.client_id, Counted.fact, Counted.occurred_at, Counted.past)
        .where(Counted.counter == counter.name)
        .order_by(Counted.occurred_at, Counted.fact)
        .offset(before)
        .limit(2 * changed + 1)
    )
    return enumerate(rows, before + 1)


def standing(session: Session, client_id: str, facts: Iterable[str]) -> Mapping[str, int]:
    """Where a client's messages stand: these, and those that were moved since they were entered.

    They stay there until the transaction ends.
    """
    rows = session.execute(
        select(Counted.fact, Counted.past)
        .where(
            Counted.client_id == client_id,
            is_any(Counted.fact, facts) | (Counted.entered_past != Counted.past),
        )
        .order_by(Counted.counter, Counted.occurred_at, Counted.fact)
        .with_for_update()
    )
    return {row.fact: row.past for row in rows}


def entered(session: Session, client_id: str, facts: Iterable[str]) -> None:
    """Note that the entries of these are priced by where they stand."""
    session.execute(
        update(Counted)
        .where(
            Counted.client_id == client_id,
            is_any(Counted.fact, facts),
            Counted.entered_past.is_distinct_from(Counted.past),
        )
        .values(entered_past=Counted.past)
        .execution_options(synchronize_session=False)
    )


def clients_with_moved() -> Sequence[str]:
    with platform() as session:
        found = select(Counted.client_id).where(Counted.entered_past != Counted.past)
        return session.scalars(found.distinct()).all()
