"""A vendor's events in one stream: numbered once they are committed, then pulled and pushed.

A number given while recording would be skipped by readers (a late commit) or be waited for (a lock
in every transaction). So events are recorded without, and numbered afterwards by one at a time.
"""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.database import working_for
from gateway.events import deliveries
from gateway.events.models import ConversationSequence, EventRow, EventStream

BATCH = 500


def publish(vendor_id: str) -> bool:
    """Number what is committed and promise its deliveries; whether there may be more."""
    with working_for(vendor_id) as session:
        stream = _hold(session, vendor_id)
        # A statement of its own, after the lock: it sees what whoever held it before has numbered.
        rows = session.scalars(
            select(EventRow)
            .where(EventRow.vendor_id == vendor_id, EventRow.position.is_(None))
            .order_by(EventRow.recorded)
            .limit(BATCH)
        ).all()
        sequences = _reserve(session, rows)
        for row in rows:
            stream.position += 1
            row.position = stream.position
            talk = row.data.get("conversation_id")
            if talk is not None:
                sequences[talk] += 1
                row.sequence = sequences[talk]
        session.flush()
        deliveries.promise(session, vendor_id, rows)
    return len(rows) == BATCH


def published(session: Session, vendor_id: str, *, after: int, limit: int) -> Sequence[EventRow]:
    """The vendor's events beyond a position, in order. None ever appears before one shown."""
    return session.scalars(
        select(EventRow)
        .where(EventRow.vendor_id == vendor_id, EventRow.position > after)
        .order_by(EventRow.position)
        .limit(limit)
    ).all()


def _hold(session: Session, vendor_id: str) -> EventStream:
    session.execute(
        insert(EventStream).values(vendor_id=vendor_id, position=0).on_conflict_do_nothing()
    )
    return session.get_one(EventStream, vendor_id, with_for_update=True)


def _reserve(session: Session, rows: Sequence[EventRow]) -> dict[str, int]:
    """Move each conversation's count on by its events; the counts from before."""
    talks = {
        row.data["conversation_id"]: row.client_id for row in rows if "conversation_id" in row.data
    }
    if not talks:
        return {}
    counts = Counter(row.data.get("conversation_id") for row in rows)
    statement = insert(ConversationSequence).values(
        [
            {
                "client_id": client_id,
                "conversation_id": talk,
                "vendor_id": rows[0].vendor_id,
                "sequence": counts[talk],
            }
            for talk, client_id in sorted(talks.items())
        ]
    )
    reserved = session.execute(
        statement.on_conflict_do_update(
            index_elements=["client_id", "conversation_id"],
            set_={"sequence": ConversationSequence.sequence + statement.excluded.sequence},
        ).returning(ConversationSequence.conversation_id, ConversationSequence.sequence)
    )
    return {talk: last - counts[talk] for talk, last in reserved}
