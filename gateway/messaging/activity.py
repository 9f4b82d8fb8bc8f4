"""How much was going on in a client's conversations."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, and_, bindparam, func, or_, select, tuple_
from sqlalchemy.orm import Session

from gateway.costs.activity_contract import Activity
from gateway.messaging.models import Conversation, Message

# As PostgreSQL's grouping() numbers the sets: a bit for each column that is not in one.
_OF: Final[dict[int, Any]] = {3: "client", 1: "line", 2: "recruiter"}


def activity(session: Session, client_id: str, since: datetime, until: datetime) -> list[Activity]:
    """From `since` until before `until`, by the platform's times, in all and told apart.

    What was written in the client's own app is none of it.
    """
    values = {"client_id": client_id, "since": since, "until": until}
    return [
        Activity(
            of=_OF[row.of],
            id=getattr(row, _OF[row.of], None),
            conversations=row.conversations,
            replies=row.replies,
        )
        for row in session.execute(_ACTIVITY, values)
    ]


def _counted() -> Select[Any]:
    since: Any = bindparam("since")
    until: Any = bindparam("until")
    recruiter = func.coalesce(Message.recruiter_id, Conversation.recruiter_id)
    reached = func.least(Message.delivered_at, Message.read_at)
    ours, theirs = Message.direction == "outbound", Message.direction == "inbound"
    return (
        select(
            func.grouping(Message.line_id, recruiter).label("of"),
            Message.line_id.label("line"),
            recruiter.label("recruiter"),
            func.count(Message.conversation_id.distinct()).filter(ours).label("conversations"),
            func.count().filter(theirs).label("replies"),
        )
        .join(
            Conversation,
            (Conversation.client_id == Message.client_id)
            & (Conversation.id == Message.conversation_id),
        )
        .where(
            Message.client_id == bindparam("client_id"),
            Message.source.is_(None),
            or_(
                and_(ours, reached >= since, reached < until),
                and_(theirs, Message.created_at >= since, Message.created_at < until),
            ),
        )
        .group_by(func.grouping_sets(tuple_(), tuple_(Message.line_id), tuple_(recruiter)))
    )


_ACTIVITY: Final = _counted()  # made once: making it takes as long as asking it
