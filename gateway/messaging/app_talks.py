"""What the client wrote in its WhatsApp Business app: as it writes, and from before.

None of it opens a reply window, costs anything, or is any recruiter's.
"""

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.audit import service as audit
from gateway.events.catalogue import LONGEST_PREVIEW
from gateway.inbound import InboundChange
from gateway.messaging import app_contacts, media, people, present, service, telling
from gateway.messaging.app_contract import Echo, HistoryPart, PastMessage
from gateway.messaging.models import Conversation, Message
from gateway.provisioning import coexistence

APP: Final = "business_app"
HISTORY: Final = "app_history"
_ACTS: Final = {"edit": "message.edited", "revoke": "message.withdrawn"}
_PLACEHOLDER: Final = "media_placeholder"
_BEGINNING: Final = 10_000_000_000  # seconds; before it all times are


def echo(session: Session, client_id: str, row: InboundChange, said: Echo) -> None:
    """The client's own words: once, in their conversation, as sent."""
    if row.line_id is None or said.wamid in _known(session, client_id, [said.wamid]):
        return
    talk, _ = _talk(session, client_id, row, said)
    message = Message(
        client_id=client_id,
        conversation_id=talk.id,
        line_id=row.line_id,
        direction="outbound",
        type=said.type,
        content=dict(said.content),
        status="sent",
        source=APP,
        wamid=said.wamid,
        context_wamid=said.context_wamid,
        attempts=0,
        created_at=said.sent_at,
        sent_at=said.sent_at,
    )
    _add(session, row, message)
    if act := _ACTS.get(said.type):
        wamid = str(said.context_wamid)
        original = _known(session, client_id, [wamid]).get(wamid)
        audit.record(session, client_id, act, (original or message).id, by=APP)
    talk.last_message_at = max(talk.last_message_at, said.sent_at)
    telling.of_message(
        session,
        message,
        "echoed",
        at=message.created_at.isoformat(),
        type=message.type,
        preview=present.preview(message)[:LONGEST_PREVIEW],
    )


def take_in(session: Session, client_id: str, row: InboundChange, part: HistoryPart) -> None:
    """A part of the history: each message once, before all that was ever written here."""
    line_id = row.line_id
    if line_id is None:
        return
    if part.refusal:
        coexistence.note(
            session, client_id, line_id, "history", state="not_shared", problem=part.refusal
        )
        return
    known = _known(session, client_id, [message.wamid for message in part.messages])
    for order, message in enumerate(part.messages):
        found = known.get(message.wamid)
        if found is None:
            _import(session, client_id, row, message, order)
        elif found.type == _PLACEHOLDER != message.type:
            found.type, found.content = message.type, dict(message.content)
            _expect_file(session, row, found)
    _note_progress(session, client_id, line_id, part)


def _import(
    session: Session, client_id: str, row: InboundChange, past: PastMessage, order: int
) -> None:
    talk, is_new = _talk(session, client_id, row, past)
    if is_new:
        talk.last_message_at = past.sent_at
    talk.last_message_at = max(talk.last_message_at, past.sent_at)
    _add(
        session,
        row,
        Message(
            client_id=client_id,
            # What was written here has positive positions: all that came before has negative ones.
            position=(int(past.sent_at.timestamp()) - _BEGINNING) * 1000 + order % 1000,
            conversation_id=talk.id,
            line_id=str(row.line_id),
            direction="outbound" if past.by_client else "inbound",
            type=past.type,
            content=dict(past.content),
            status=past.status if past.by_client else "received",
            source=HISTORY,
            wamid=past.wamid,
            context_wamid=past.context_wamid,
            attempts=0,
            created_at=past.sent_at,
            sent_at=past.sent_at if past.by_client else None,
        ),
    )


def _talk(
    session: Session, client_id: str, row: InboundChange, said: Echo | PastMessage
) -> tuple[Conversation, bool]:
    """The conversation with the person, locked, and whether it is new."""
    line_id = str(row.line_id)
    candidate = people.find_or_create(
        session,
        client_id,
        row.portfolio_id or "",
        {"phone": said.phone, "wa_id": said.wa_id, "bsuid": said.bsuid},
        {"name": app_contacts.name_of(session, client_id, line_id, said.phone)},
    )
    is_new = service.conversation_with(session, client_id, line_id, candidate.id) is None
    talk = service.begin_from_candidate(session, client_id, line_id, candidate.id)
    return service.conversation(session, client_id, talk.id, lock=True), is_new


def _add(session: Session, row: InboundChange, message: Message) -> None:
    session.add(message)
    session.flush()
    _expect_file(session, row, message)


def _expect_file(session: Session, row: InboundChange, message: Message) -> None:
    media.expect(
        session,
        message,
        provider=row.provider,
        phone_number_id=row.change.get("phone_number_id"),
    )


def _known(session: Session, client_id: str, wamids: list[str]) -> dict[str, Message]:
    rows = session.scalars(
        select(Message).where(Message.client_id == client_id, Message.wamid.in_(wamids))
    )
    return {str(message.wamid): message for message in rows}


def _note_progress(session: Session, client_id: str, line_id: str, part: HistoryPart) -> None:
    row = coexistence.of_line(session, client_id, line_id, lock=True)
    if row is None or part.progress is None:
        return
    progress = max(part.progress, row.history.get("progress") or 0)
    state = "done" if progress >= 100 else "arriving"
    coexistence.note(
        session, client_id, line_id, "history", state=state, progress=progress, problem=None
    )
