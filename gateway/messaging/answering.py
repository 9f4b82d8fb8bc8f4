"""From which number a candidate is answered, while their line has two.

A reply window belongs to a person and a number: to whom the old one's is open, it answers. All else
leaves from the new one, which the candidate does not know yet.
"""

from sqlalchemy import update
from sqlalchemy.orm import Session

from gateway import clock
from gateway.messaging import policy
from gateway.messaging.models import Conversation
from gateway.provisioning import numbers, retiring
from gateway.provisioning.models import Number


def number_for(session: Session, talk: Conversation) -> Number | None:
    """The old number where the candidate's window with it is open; else the line's."""
    if talk.answered_from and policy.window_is_open(talk.last_inbound_at, clock.now()):
        old = retiring.retiring(session, talk.answered_from)
        if old is not None:
            return old
    return numbers.number_of(session, talk.line_id)


def heard_on(session: Session, talk: Conversation, phone_number_id: str | None) -> None:
    """The candidate wrote to this number: the window is with it."""
    old = phone_number_id and retiring.retiring(session, phone_number_id)
    talk.answered_from = phone_number_id if old else None


def stay(session: Session, client_id: str, line_id: str, phone_number_id: str) -> None:
    """The line's windows are those of the number that it had so far."""
    session.execute(
        update(Conversation)
        .where(Conversation.client_id == client_id, Conversation.line_id == line_id)
        .where(Conversation.last_inbound_at.is_not(None))
        .values(answered_from=phone_number_id)
    )


def end(session: Session, client_id: str, phone_number_id: str) -> None:
    """The number answers no more: windows with it are closed."""
    session.execute(
        update(Conversation)
        .where(Conversation.client_id == client_id, Conversation.answered_from == phone_number_id)
        .values(answered_from=None, last_inbound_at=None)
    )
