"""How much was going on in a client's conversations."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gateway.messaging.models import Message


@dataclass(frozen=True, kw_only=True)
class Activity:
    """Conversations in which something was sent, and messages that came in."""

    conversations: int
    replies: int


def activity(session: Session, client_id: str, since: datetime, until: datetime) -> Activity:
    """From `since` until before `until`."""
    sent = Message.direction == "outbound"
    row = session.execute(
        select(
            func.count(Message.conversation_id.distinct()).filter(sent),
            func.count().filter(~sent),
        ).where(
            Message.client_id == client_id, Message.created_at >= since, Message.created_at < until
        )
    ).one()
    return Activity(conversations=row[0], replies=row[1])
