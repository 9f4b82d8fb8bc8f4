"""What candidates write and wish: a message is theirs, opens the window, and may be a word."""

from dataclasses import asdict
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway import clock
from gateway.events.catalogue import LONGEST_PREVIEW
from gateway.inbound import InboundChange
from gateway.messaging import (
    answering,
    consent,
    holding,
    languages,
    media,
    people,
    present,
    service,
    telling,
    wording,
)
from gateway.messaging.contract import InboundMessage, Preference
from gateway.messaging.models import Candidate, Conversation, Message
from gateway.names import tidy

_NO_WINDOW: Final = ("system",)  # Meta speaks here, not the candidate


def receive(session: Session, client_id: str, row: InboundChange, incoming: InboundMessage) -> None:
    """A candidate's message: once, in its conversation, and the reply window opens."""
    known = session.scalars(
        select(Message.id).where(Message.client_id == client_id, Message.wamid == incoming.wamid)
    ).first()
    if known or row.line_id is None:
        return
    candidate = people.find_or_create(
        session,
        client_id,
        row.portfolio_id or "",
        {"phone": incoming.phone, "wa_id": incoming.wa_id, "bsuid": incoming.bsuid},
        {"name": tidy(incoming.profile_name or "") or incoming.phone or "Unknown"},
    )
    if incoming.moved_to:
        people.move(session, candidate, row.portfolio_id or "", asdict(incoming.moved_to))
    talk = service.begin_from_candidate(session, client_id, row.line_id, candidate.id)
    talk = service.conversation(session, client_id, talk.id, lock=True)
    message = Message(
        client_id=client_id,
        conversation_id=talk.id,
        line_id=row.line_id,
        direction="inbound",
        type=incoming.type,
        content=dict(incoming.content),
        status="received",
        wamid=incoming.wamid,
        context_wamid=incoming.context_wamid,
        attempts=0,
        created_at=incoming.sent_at,
    )
    session.add(message)
    session.flush()
    media.expect(
        session,
        message,
        provider=row.provider,
        phone_number_id=row.change.get("phone_number_id"),
    )
    if incoming.type not in _NO_WINDOW:
        sent_at = min(incoming.sent_at, clock.now())
        if talk.last_inbound_at is None or sent_at >= talk.last_inbound_at:
            talk.last_inbound_at = sent_at
            answering.heard_on(session, talk, row.change.get("phone_number_id"))
    talk.last_message_at = max(talk.last_message_at, incoming.sent_at)
    telling.of_message(
        session,
        message,
        "received",
        at=message.created_at.isoformat(),
        type=message.type,
        preview=present.preview(message)[:LONGEST_PREVIEW],
    )
    _listen(session, talk, candidate, message)
    holding.answered(session, talk, candidate)


def _listen(session: Session, talk: Conversation, candidate: Candidate, message: Message) -> None:
    """What a person says of itself: its script, and whether it wants to be written to."""
    words = wording.words(message)
    if not words:
        return
    languages.weigh(session, candidate)
    consent.heard(session, talk, candidate, message, words)


def prefer(session: Session, client_id: str, row: InboundChange, wish: Preference) -> None:
    """The person told the platform; who is unknown to us has nothing to stop."""
    candidate = people.find(
        session,
        client_id,
        row.portfolio_id or "",
        {"phone": wish.phone, "wa_id": wish.wa_id, "bsuid": wish.bsuid},
    )
    if candidate is not None:
        consent.note(
            session,
            candidate,
            "marketing",
            granted=wish.wants_marketing,
            at=wish.at,
            source="platform",
            evidence={"detail": wish.detail},
        )
