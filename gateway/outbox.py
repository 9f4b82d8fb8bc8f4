"""What must happen later, and that it happens.

A row is a promise made in the transaction of its cause: `(topic, key)` is due at a time. A worker
takes a row on a lease with a fencing token; whoever lost its lease can record nothing. Redis only
carries the hint that a topic has something due.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from flask import current_app
from redis import RedisError
from sqlalchemy import BigInteger, DateTime, Index, Text, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from gateway import queues
from gateway.database import Base, after_commit, platform
from gateway.ids import TypeId, new_uuid, parse

log = structlog.get_logger()

LONGEST_BACKOFF: Final = 30.0
_GATHERED: Final = "gathered promises"


class OutboxRow(Base):
    __tablename__ = "outbox"

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=new_uuid)
    topic: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    client_id: Mapped[str | None] = mapped_column(TypeId("cli"))
    due_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    generation: Mapped[int] = mapped_column(BigInteger, server_default="1")
    attempts: Mapped[int] = mapped_column(BigInteger, server_default="0")
    lease_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    fence: Mapped[int] = mapped_column(BigInteger, server_default="0")
    error: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (UniqueConstraint("topic", "key"), Index(None, "topic", "due_at"))


@dataclass(frozen=True, kw_only=True)
class Lease:
    """The right to work on one row until it ends or is taken by another."""

    id: uuid.UUID
    topic: str
    key: str
    client_id: str
    generation: int
    attempts: int
    fence: int


@dataclass(frozen=True, kw_only=True)
class Again:
    """Not finished: due again after so many seconds. `error` makes it a failed attempt."""

    after: float
    error: str | None = None


class LeaseLost(Exception):
    """Somebody else has the row now; nothing may be recorded."""


def put(
    session: Session, topic: str, key: str, *, client_id: str | None = None, after: float = 0
) -> None:
    """Promise that the topic's job looks at `key`, `after` real seconds from now at the latest."""
    gathered: dict[tuple[str, str], tuple[str | None, float]] | None = session.info.get(_GATHERED)
    if gathered is not None:
        _, soonest = gathered.get((topic, key), (client_id, after))
        gathered[topic, key] = client_id, min(after, soonest)
        return
    session.execute(_PUT, _promise(topic, key, client_id, after))
    if after <= 0:
        after_commit(session, hint, topic)


@contextmanager
def gathered(session: Session) -> Iterator[None]:
    """What is promised inside is written at the end, each promise once; after an error, none is.

    Many transactions promise to look at the same line: its row is then locked for a moment only,
    and of several rows always in one order.
    """
    outer = session.info.get(_GATHERED)
    mine: dict[tuple[str, str], tuple[str | None, float]] = {}
    session.info[_GATHERED] = mine
    try:
        yield
    finally:
        session.info[_GATHERED] = outer
    for (topic, key), (client_id, after) in sorted(mine.items()):
        put(session, topic, key, client_id=client_id, after=after)


def put_all(session: Session, topic: str, clients: Mapping[str, str]) -> None:
    """Promise that the topic's job looks at each of these keys now; the value names its client."""
    # In one order always: whoever puts some of the same keys waits, and no two for each other.
    promises = [_promise(topic, key, client, 0) for key, client in sorted(clients.items())]
    if promises:
        session.execute(_PUT, promises)
        after_commit(session, hint, topic)


def _promise(topic: str, key: str, client_id: str | None, after: float) -> dict[str, object]:
    return {
        "id": new_uuid(),
        "topic": topic,
        "key": key,
        "client_id": client_id and parse("cli", client_id),
        "after": timedelta(seconds=after),
    }


def hurry(session: Session, topic: str) -> None:
    """All that the topic promised is due now, in the platform's scope."""
    session.execute(_HURRY, {"topic": topic})
    after_commit(session, hint, topic)


def hint(topic: str) -> None:
    """Tell the workers that a topic may have something due. Redis away: the sweeper will."""
    try:
        queues.enqueue(topic)
    except RedisError as error:
        log.warning("hint_not_sent", topic=topic, error=str(error))


def claim(topic: str, limit: int) -> list[Lease]:
    """Lease what is due, oldest first; rows that others hold are passed over."""
    with platform() as session:
        rows = session.execute(
            _CLAIM, {"topic": topic, "limit": limit, "lease": current_app.extensions["lease"]}
        )
        return [
            Lease(
                id=row.id,
                topic=topic,
                key=row.key,
                client_id=TypeId("cli").process_result_value(row.client_id, None) or "",  # type: ignore[arg-type]
                generation=row.generation,
                attempts=row.attempts,
                fence=row.fence,
            )
            for row in rows
        ]


def extend(leases: Sequence[Lease]) -> None:
    """Hold on to leases that are still ours."""
    with platform() as session:
        session.execute(
            _EXTEND,
            {
                "ids": [lease.id for lease in leases],
                "fences": [lease.fence for lease in leases],
                "lease": current_app.extensions["lease"],
            },
        )


def guard(session: Session, lease: Lease) -> None:
    """Record what follows in this transaction only if the lease is still ours (LeaseLost)."""
    held = session.execute(_GUARD, {"id": lease.id, "fence": lease.fence}).first()
    if held is None:
        raise LeaseLost(f"{lease.topic} {lease.key}")


def settle(lease: Lease, outcome: Again | None) -> None:
    """End a lease: done, or due again. What was put meanwhile is due at once."""
    if outcome is None:
        done([lease])
        return
    with platform() as session:
        session.execute(
            _AGAIN,
            {
                "id": lease.id,
                "fence": lease.fence,
                "generation": lease.generation,
                "after": timedelta(seconds=outcome.after),
                "attempts": lease.attempts if outcome.error else 0,
                "error": outcome.error,
            },
        )


def done(leases: Sequence[Lease]) -> None:
    """End leases whose work is done. What was put meanwhile is due at once."""
    values = {
        "ids": [lease.id for lease in leases],
        "fences": [lease.fence for lease in leases],
        "generations": [lease.generation for lease in leases],
    }
    with platform() as session:
        session.execute(_DONE, values)
        session.execute(_REOPEN, values)


def backoff(attempts: int) -> float:
    """Seconds to wait after the nth failed attempt: 0.5, 1, 2, … 30."""
    return min(LONGEST_BACKOFF, 0.25 * 2.0 ** min(attempts, 10))


def due_topics() -> list[str]:
    """Topics with something due that nobody holds. What a plugin that is off has to do waits."""
    with platform() as session:
        return [it for it in session.scalars(_DUE) if it in current_app.extensions["jobs"]]


def until_due(most: float) -> float:
    """In how many seconds the next row is due that is not yet: `most` at most."""
    with platform() as session:
        found = session.scalar(_UNTIL_DUE, {"most": timedelta(seconds=most)})
    return most if found is None else float(found)


_PUT = text(
    "INSERT INTO outbox (id, topic, key, client_id, due_at) VALUES"
    " (:id, :topic, :key, :client_id, clock_timestamp() + :after)"
    " ON CONFLICT (topic, key) DO UPDATE SET"
    " due_at = least(outbox.due_at, excluded.due_at), generation = outbox.generation + 1"
)
_HURRY = text(
    "UPDATE outbox SET due_at = least(due_at, clock_timestamp()), generation = generation + 1"
    " WHERE topic = :topic"
)
_CLAIM = text(
    "WITH due AS (SELECT id FROM outbox WHERE topic = :topic AND due_at <= clock_timestamp()"
    " AND (lease_until IS NULL OR lease_until < clock_timestamp())"
    " ORDER BY due_at LIMIT :limit FOR UPDATE SKIP LOCKED)"
    " UPDATE outbox SET lease_until = clock_timestamp() + :lease, fence = fence + 1,"
    " attempts = attempts + 1 FROM due WHERE outbox.id = due.id"
    " RETURNING outbox.id, key, client_id, generation, attempts, fence"
)
_EXTEND = text(
    "UPDATE outbox SET lease_until = clock_timestamp() + :lease"
    " FROM unnest(cast(:ids AS uuid[]), cast(:fences AS bigint[])) AS held (id, fence)"
    " WHERE outbox.id = held.id AND outbox.fence = held.fence AND lease_until IS NOT NULL"
)
_GUARD = text("SELECT 1 FROM outbox WHERE id = :id AND fence = :fence FOR NO KEY UPDATE")
_HELD = (
    " unnest(cast(:ids AS uuid[]), cast(:fences AS bigint[]), cast(:generations AS bigint[]))"
    " AS held (id, fence, generation)"
    " WHERE outbox.id = held.id AND outbox.fence = held.fence AND outbox.generation"
)
_DONE = text(f"DELETE FROM outbox USING{_HELD} = held.generation")
_REOPEN = text(
    "UPDATE outbox SET lease_until = NULL, due_at = clock_timestamp(), attempts = 0, error = NULL"
    f" FROM{_HELD} > held.generation"
)
_AGAIN = text(
    "UPDATE outbox SET lease_until = NULL, attempts = :attempts, error = :error, due_at ="
    " CASE WHEN generation > :generation THEN clock_timestamp()"
    " ELSE clock_timestamp() + :after END WHERE id = :id AND fence = :fence"
)
_UNTIL_DUE = text(
    "SELECT extract(epoch FROM min(due_at) - clock_timestamp()) FROM outbox"
    " WHERE due_at > clock_timestamp() AND due_at < clock_timestamp() + :most"
)
_DUE = text(
    "SELECT DISTINCT topic FROM outbox WHERE due_at <= clock_timestamp()"
    " AND (lease_until IS NULL OR lease_until < clock_timestamp())"
)
