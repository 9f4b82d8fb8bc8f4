"""A client's changes, read in the order they arrived; one that cannot be read is set aside.

All of it can be repeated: messages are keyed by wamid, statuses by (wamid, status, recipient).
"""

from dataclasses import astuple
from typing import Any, Final

import structlog
from flask import current_app
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from gateway import outbox
from gateway.database import platform, tenant
from gateway.inbound import InboundChange
from gateway.messaging import app_contacts, app_talks, receipts, receiving
from gateway.messaging.contract import Change, MessagingProvider, NameNotice
from gateway.outbox import Again, Lease
from gateway.provisioning import names
from gateway.provisioning import service as provisioning

log = structlog.get_logger()

READ: Final = "messaging.read"
BATCH: Final = 200


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
                receiving.receive(session, client_id, row, message)
            for status in reading.statuses:
                receipts.note(session, client_id, status)
            for wish in reading.preferences:
                receiving.prefer(session, client_id, row, wish)
            for echo in reading.echoes:
                app_talks.echo(session, client_id, row, echo)
            if reading.history:
                app_talks.take_in(session, client_id, row, reading.history)
            if reading.contacts:
                app_contacts.take(session, client_id, row, reading.contacts)
            for notice in reading.names:
                _hear_of_name(session, row, notice)
            _close(session, row, "done" if any(astuple(reading)) else "kept")
    except (outbox.LeaseLost, OperationalError):
        raise  # not the change's fault: it is read again
    except Exception as error:
        log.exception("change_not_read", raw_id=str(row.raw_id), position=row.position)
        with tenant(client_id) as session:
            outbox.guard(session, lease)
            _close(session, row, "failed", type(error).__name__)


def _hear_of_name(session: Session, row: InboundChange, notice: NameNotice) -> None:
    if row.client_id is None or row.line_id is None:
        return
    if notice.code and notice.detail:
        names.refuse(
            session,
            provisioning.line(session, row.client_id, row.line_id, lock=True),
            name=notice.name,
            code=notice.code,
            detail=notice.detail,
            provider_code=notice.provider_code,
        )
    names.look_again(session, row.client_id, row.line_id)


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
