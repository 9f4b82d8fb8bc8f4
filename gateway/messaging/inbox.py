"""Conversations as a recruiter looks through them: each with its person and its last message."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session, aliased

from gateway.messaging.models import Candidate, Conversation, Message


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One conversation of the list."""

    conversation: Conversation
    candidate: Candidate
    last: Message | None


def entries(session: Session, client_id: str, *, limit: int = 100) -> list[Entry]:
    """The conversations in which something happened last, the newest first."""
    page = (
        select(Conversation)
        .where(Conversation.client_id == client_id, Conversation.merged_into.is_(None))
        .order_by(Conversation.last_message_at.desc(), Conversation.id)
        .limit(limit)
        .subquery()
    )
    talk = aliased(Conversation, page)
    newest = (
        select(Message)
        .where(Message.client_id == talk.client_id, Message.conversation_id == talk.id)
        .order_by(Message.position.desc())
        .limit(1)
        .lateral()
    )
    last = aliased(Message, newest)
    rows = session.execute(
        select(talk, Candidate, last)
        .join(
            Candidate,
            (Candidate.client_id == talk.client_id) & (Candidate.id == talk.candidate_id),
        )
        .outerjoin(last, true())
        .order_by(talk.last_message_at.desc(), talk.id)
    )
    return [Entry(conversation=row[0], candidate=row[1], last=row[2]) for row in rows]


def last_message_at(session: Session, client_id: str, line_id: str) -> datetime | None:
    """When somebody last wrote on this line, to the client or for it."""
    return session.scalar(
        select(func.max(Conversation.last_message_at)).where(
            Conversation.client_id == client_id, Conversation.line_id == line_id
        )
    )
