"""In which language a person is written to: as the client told, or as their first answer shows.

A first answer in Arabic script sets Arabic. Later ones change nothing, and what the client tells
after it counts again. First is what was written first, in whatever order it reaches us.
"""

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway import clock
from gateway.messaging import stop_words, wording
from gateway.messaging.models import Candidate, Conversation, Message

_OF_WORDS: Final = ("text", "button", "interactive")
_LOOKED_AT: Final = 20  # of whoever sends nothing but emoji the rest is not looked at


def tell(session: Session, candidate: Candidate, language: str | None) -> None:
    """The client says which it is; None: its own."""
    candidate.told_language, candidate.told_language_at = language, clock.now()
    weigh(session, candidate)


def weigh(session: Session, candidate: Candidate) -> None:
    """Something was said or told: let what came first decide, or what the client told since."""
    first = _first_answer(session, candidate)
    told_at = candidate.told_language_at
    if first and told_at and first.created_at <= told_at:
        first = None
    is_arabic = first is not None and stop_words.is_arabic(wording.words(first))
    candidate.language = "ar" if is_arabic else candidate.told_language


def inherit(session: Session, stays: Candidate, goes: Candidate) -> None:
    """Two candidates are one: what was told of one, and the answers of both."""
    if stays.told_language is None:
        stays.told_language = goes.told_language
        stays.told_language_at = goes.told_language_at
    weigh(session, stays)


def _first_answer(session: Session, candidate: Candidate) -> Message | None:
    """The person's first message to this client that shows a script."""
    theirs = select(Conversation.id).where(
        Conversation.client_id == candidate.client_id, Conversation.candidate_id == candidate.id
    )
    said = session.scalars(
        select(Message)
        .where(
            Message.client_id == candidate.client_id,
            Message.conversation_id.in_(theirs),
            Message.direction == "inbound",
            Message.type.in_(_OF_WORDS),
        )
        .order_by(Message.created_at, Message.wamid)
        .limit(_LOOKED_AT)
    )
    return next((it for it in said if any(map(str.isalpha, wording.words(it)))), None)
