"""From a stored webhook body to rows: split it, hand each change to its client, read it there.

Everything here can be repeated: changes are keyed by body and position, messages by wamid, statuses
by (wamid, status, recipient).
"""

import math
import re
import uuid
from collections.abc import Sequence
from dataclasses import asdict, astuple
from datetime import UTC, datetime
from typing import Any

import structlog
from flask import current_app
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from gateway import clock, outbox
from gateway.database import enter_tenant, platform, router, tenant
from gateway.errors import Refused
from gateway.events.catalogue import LONGEST_PREVIEW
from gateway.inbound import InboundChange, InboundRaw
from gateway.messaging import (
    consent,
    holding,
    media,
    people,
    present,
    receipts,
    service,
    stop_words,
    telling,
    template_news,
)
from gateway.messaging.contract import (
    Change,
    InboundMessage,
    MessagingProvider,
    Preference,
    TemplateNotice,
)
from gateway.messaging.models import Candidate, Conversation, Message
from gateway.names import tidy
from gateway.outbox import Again, Lease
from gateway.provisioning import budget
from gateway.provisioning import service as provisioning

log = structlog.get_logger()

ROUTE = "messaging.route"
READ = "messaging.read"
BATCH = 200
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_NO_WINDOW = ("system",)  # Meta speaks here, not the candidate


def route(lease: Lease) -> Again | None:
    """Split one raw body; each change becomes a row of the client whose number it names."""
    with router() as session:
        raw = session.get(InboundRaw, uuid.UUID(lease.key), with_for_update=True)
        if raw is None or raw.routed_at is not None:
            return None
        try:
            changes = provider(raw.provider).split(raw.body)
        except Refused as error:
            log.warning("webhook_malformed", raw_id=lease.key, code=error.code)
            raw.error, raw.routed_at = error.detail, datetime.now(UTC)
            return None
        for position, change in enumerate(changes):
            _hand_over(session, raw, position, change)
        raw.routed_at = datetime.now(UTC)
    return None


def _hand_over(session: Session, raw: InboundRaw, position: int, change: Change) -> None:
    found = provisioning.route_of(
        session, phone_number_id=change.phone_number_id, phone_number=change.phone_number
    )
    if change.phone_number_id is None:
        _hear_limit(session, raw, change)
    if found:
        enter_tenant(session, found.client_id)
    session.execute(
        insert(InboundChange)
        .values(
            raw_id=raw.id,
            position=position,
            client_id=found and found.client_id,
            line_id=found and found.line_id,
            portfolio_id=found and found.portfolio_id,
            provider=raw.provider,
            field=change.field,
            change=_storable(asdict(change)),
            state="pending" if found else "kept",
            received_at=raw.received_at,
        )
        .on_conflict_do_nothing()
    )
    if found:
        outbox.put(session, READ, found.client_id, client_id=found.client_id)
    elif change.waba_id:
        _pass_on(session, provider(raw.provider).read(change).templates, change.waba_id)


def _pass_on(session: Session, notices: Sequence[TemplateNotice], waba_id: str) -> None:
    """A WABA may be several clients': each asks for itself how its templates stand."""
    for client_id in {line.client_id for line in provisioning.lines_in_waba(session, waba_id)}:
        for notice in notices:
            key = f"{client_id} {waba_id} {notice.name} {notice.language}"
            outbox.put(session, template_news.ASK, key, client_id=client_id)


def _hear_limit(session: Session, raw: InboundRaw, change: Change) -> None:
    """What concerns a portfolio is nobody's: to how many people it may write first."""
    told = provider(raw.provider).read(change).limit
    if told is None or change.waba_id is None:
        return
    portfolio_id = budget.tell_limit(session, change.waba_id, told.people, raw.received_at)
    if portfolio_id is not None:
        outbox.put(session, holding.SHARE, portfolio_id)


def _storable(value: Any) -> Any:
    """The same JSON without what no database can hold, so that no word of it stops a whole body."""
    if isinstance(value, str):
        return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {_storable(name): _storable(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_storable(inner) for inner in value]
    return value


def read(lease: Lease) -> Again | None:
    """Read a client's pending changes, in the order they arrived."""
    client_id = lease.key
    with tenant(client_id) as session:
        pending = session.scalars(
            select(InboundChange)
            .where(InboundChange.client_id == client_id, InboundChange.state == "pending")
            .order_by(InboundChange.received_at, InboundChange.raw_id, InboundChange.position)
            .limit(BATCH)
        ).all()
    for row in pending:
        _read_one(lease, client_id, row)
    return Again(after=0) if len(pending) == BATCH else None


def _read_one(lease: Lease, client_id: str, row: InboundChange) -> None:
    """A change that cannot be read is set aside with its error; the others go on."""
    try:
        reading = provider(row.provider).read(Change(**row.change))
        with tenant(client_id) as session:
            outbox.guard(session, lease)
            for message in reading.messages:
                receive(session, client_id, row, message)
            for status in reading.statuses:
                receipts.note(session, client_id, status)
            for wish in reading.preferences:
                _prefer(session, client_id, row, wish)
            _close(session, row, "done" if any(astuple(reading)) else "kept")
    except (outbox.LeaseLost, OperationalError):
        raise  # not the change's fault: it is read again
    except Exception as error:
        log.exception("change_not_read", raw_id=str(row.raw_id), position=row.position)
        with tenant(client_id) as session:
            outbox.guard(session, lease)
            _close(session, row, "failed", type(error).__name__)


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
        talk.last_inbound_at = max(talk.last_inbound_at or sent_at, sent_at)
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
    words = present.words(message)
    if not words:
        return
    if stop_words.is_arabic(words):
        candidate.language = "ar"
    consent.heard(session, talk, candidate, message, words)


def _prefer(session: Session, client_id: str, row: InboundChange, wish: Preference) -> None:
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


def replay(client_id: str) -> int:
    """Have a client's changes that were set aside read again; how many."""
    with tenant(client_id) as session:
        again = session.execute(
            update(InboundChange)
            .where(InboundChange.client_id == client_id)
            .where(InboundChange.state.in_(("failed", "kept")))
            .values(state="pending", error=None)
            .returning(InboundChange.raw_id)
        ).all()
        if again:
            outbox.put(session, READ, client_id, client_id=client_id)
    return len(again)


def replay_unrouted() -> int:
    """Have the bodies routed again that hold changes of numbers which nobody had; how many."""
    with router() as session:
        # A change whose body is gone already stays: it is all that is left.
        nobodys = InboundChange.client_id.is_(None) & InboundChange.raw_id.in_(
            select(InboundRaw.id).where(InboundRaw.topic == ROUTE)
        )
        raw_ids = session.scalars(select(InboundChange.raw_id).where(nobodys).distinct()).all()
        session.execute(delete(InboundChange).where(nobodys))
        again = session.scalars(
            update(InboundRaw)
            .where(InboundRaw.id.in_(raw_ids))
            .values(routed_at=None)
            .returning(InboundRaw.id)
        ).all()
        for raw_id in again:
            outbox.put(session, ROUTE, str(raw_id))
    return len(again)


def counts(client_id: str | None) -> dict[tuple[str, str], int]:
    """How many changes there are by field and state: a client's, or those that are nobody's."""
    with tenant(client_id) if client_id else platform() as session:
        rows = session.execute(
            select(InboundChange.field, InboundChange.state, func.count())
            .where(InboundChange.client_id == client_id)
            .group_by(InboundChange.field, InboundChange.state)
            .order_by(InboundChange.field)
        )
        return {(field, state): count for field, state, count in rows}


def provider(name: str) -> MessagingProvider:
    found: MessagingProvider = current_app.extensions["plugin_host"].messaging_providers.get(name)
    return found


def _close(session: Session, row: InboundChange, state: str, error: str | None = None) -> None:
    values: dict[str, Any] = {"state": state, "error": error}
    session.execute(
        update(InboundChange)
        .where(InboundChange.raw_id == row.raw_id, InboundChange.position == row.position)
        .values(**values)
    )
