"""From a stored webhook body to its changes: split it, hand each to the client it concerns.

It can be repeated: changes are keyed by body and position.
"""

import math
import re
import uuid
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway import outbox
from gateway.database import enter_tenant, router
from gateway.errors import Refused
from gateway.inbound import InboundChange, InboundRaw
from gateway.messaging import holding, template_news
from gateway.messaging.contract import AccountNotice, Change, TemplateNotice
from gateway.messaging.inbound import READ, provider
from gateway.outbox import Again, Lease
from gateway.provisioning import budget, capacity, health, restrictions, routes
from gateway.provisioning.health_contract import MessagingLimit
from gateway.provisioning.health_rules import Restriction

log = structlog.get_logger()

ROUTE: Final = "messaging.route"
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


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
    found = routes.route_of(
        session, phone_number_id=change.phone_number_id, phone_number=change.phone_number
    )
    if change.phone_number_id is None:
        _hear_of_account(session, raw, change)
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
    for client_id in {line.client_id for line in routes.lines_in_waba(session, waba_id)}:
        for notice in notices:
            key = f"{client_id} {waba_id} {notice.name} {notice.language}"
            outbox.put(session, template_news.ASK, key, client_id=client_id)


def _hear_of_account(session: Session, raw: InboundRaw, change: Change) -> None:
    """What concerns a WABA or its portfolio is nobody's: how it stands, whom it may write to."""
    reading = provider(raw.provider).read(change)
    if change.waba_id is None:
        return
    if reading.limit is not None:
        _hear_limit(session, raw, change.waba_id, reading.limit)
    for told in reading.capacity:
        capacity.tell_limit(
            session, change.waba_id, told.numbers, raw.received_at, whole=told.of_portfolio
        )
    if reading.account is not None:
        _hear_notice(session, raw, change.waba_id, reading.account)


def _hear_notice(session: Session, raw: InboundRaw, waba_id: str, notice: AccountNotice) -> None:
    """The lines of the WABA are looked at anew; what it may not do is noted."""
    health.ask(session, waba_id)
    if notice.banned is not None:
        capacity.tell_ban(session, waba_id, notice.banned, raw.received_at)
    if notice.restrictions is not None:
        told = [Restriction(kind=one.kind, until=one.until) for one in notice.restrictions]
        restrictions.hear(session, waba_id, told, raw.received_at)


def _hear_limit(session: Session, raw: InboundRaw, waba_id: str, told: MessagingLimit) -> None:
    portfolio_id = budget.tell_limit(session, waba_id, told.people, raw.received_at)
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
