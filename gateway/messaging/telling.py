"""What happens to messages, told with every id that it takes to act on it."""

from typing import Any

from sqlalchemy.orm import Session

from gateway.events import service as events
from gateway.messaging.models import Conversation, Message


def of_message(session: Session, message: Message, what: str, **more: Any) -> None:
    """`message.<what>` happened."""
    talk = session.get_one(Conversation, (message.client_id, message.conversation_id))
    events.record(
        session,
        message.client_id,
        f"message.{what}",
        message_id=message.id,
        recruiter_id=message.recruiter_id or talk.recruiter_id,
        **{**_whereabouts(talk), **more},
    )


def of_conversation(session: Session, talk: Conversation, what: str) -> None:
    """`conversation.<what>` happened."""
    events.record(
        session,
        talk.client_id,
        f"conversation.{what}",
        recruiter_id=talk.recruiter_id,
        **_whereabouts(talk),
    )


def _whereabouts(talk: Conversation) -> dict[str, str]:
    return {
        "conversation_id": talk.id,
        "line_id": talk.line_id,
        "candidate_id": talk.candidate_id,
    }
