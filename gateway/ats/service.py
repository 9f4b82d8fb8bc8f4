"""Connections with applicant tracking systems: who may ask for conversations, what was asked."""

import base64
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from flask import current_app
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway import clock, outbox, secrets
from gateway.ats.contract import AtsAdapter
from gateway.ats.models import Connection, Delivery, Route
from gateway.audit import service as audit
from gateway.database import platform, tenant
from gateway.ids import InvalidId, new_id
from gateway.plugin_host import PluginHost
from gateway.problems import Problem, not_found
from gateway.provisioning import service as provisioning
from gateway.registry import Registry, listed
from gateway.tenancy import service as tenancy

READ: Final = "ats.read"
_LONGEST_EVENT_ID: Final = 255


def adapters() -> Registry[AtsAdapter]:
    host: PluginHost = current_app.extensions["plugin_host"]
    return host.ats_adapters


def connect(
    session: Session,
    client_id: str,
    *,
    adapter: str,
    line_id: str,
    recruiter_id: str,
    settings: Mapping[str, Any],
) -> tuple[Connection, str]:
    """A new connection, and the secret it signs with, which is told this once.

    marshmallow's ValidationError where the settings are not such as the adapter wants.
    """
    names = adapters().names()
    if adapter not in names:
        raise Problem(
            422,
            "unknown_adapter",
            f"There is no ATS adapter {adapter!r}; there are: {listed(names)}.",
            pointer="/adapter",
        )
    adapters().get(adapter).settings_schema().load(settings)
    provisioning.line(session, client_id, line_id)
    tenancy.recruiter_here(session, client_id, recruiter_id)
    row = Connection(
        client_id=client_id,
        adapter=adapter,
        line_id=line_id,
        recruiter_id=recruiter_id,
        settings=dict(settings),
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()
    session.add(Route(connection_id=row.id, client_id=client_id))
    secret = f"whsec_{base64.b64encode(os.urandom(32)).decode()}"
    secrets.keep_once(session, client_id, _secret_name(row.id), secret)
    audit.record(session, client_id, "ats.connected", row.id, adapter=adapter)
    return row, secret


def connections(session: Session, client_id: str) -> list[Connection]:
    query = select(Connection).where(Connection.client_id == client_id).order_by(Connection.id)
    return list(session.scalars(query))


def connection(session: Session, client_id: str, connection_id: str) -> Connection:
    try:
        row = session.get(Connection, (client_id, connection_id))
    except InvalidId:
        row = None
    if row is None:
        raise not_found("ATS connection")
    return row


def disconnect(session: Session, client_id: str, connection_id: str) -> None:
    """From now on the ATS is nobody. What it delivered goes with it; the conversations stay."""
    session.delete(connection(session, client_id, connection_id))
    secrets.forget(session, client_id, _secret_name(connection_id))
    audit.record(session, client_id, "ats.disconnected", connection_id)


def deliveries(
    session: Session, client_id: str, connection_id: str, *, limit: int = 100
) -> list[Delivery]:
    """The newest first."""
    row = connection(session, client_id, connection_id)
    query = (
        select(Delivery)
        .where(Delivery.client_id == client_id, Delivery.connection_id == row.id)
        .order_by(Delivery.id.desc())
        .limit(limit)
    )
    return list(session.scalars(query))


def take(connection_id: str, headers: Mapping[str, str], body: bytes) -> None:
    """Keep a genuine event and promise that it is read; durable when this returns.

    One that was delivered before changes nothing.
    """
    with platform() as session:
        route = session.get(Route, connection_id)
    if route is None:
        raise not_found("ATS connection")
    with tenant(route.client_id) as session:
        row = session.get(
            Connection,
            (route.client_id, connection_id),
            with_for_update={"read": True, "key_share": True},  # it is not deleted meanwhile
        )
        if row is None:
            raise not_found("ATS connection")
        event_id = _genuine_event_id(session, row, headers, body)
        delivery_id = session.scalar(
            insert(Delivery)
            .values(
                client_id=row.client_id,
                id=new_id("dlv"),
                connection_id=row.id,
                event_id=event_id,
                body=body,
                state="pending",
                received_at=clock.now(),
            )
            .on_conflict_do_nothing()
            .returning(Delivery.id)
        )
        if delivery_id is not None:
            outbox.put(session, READ, delivery_id, client_id=row.client_id)


def _genuine_event_id(
    session: Session, row: Connection, headers: Mapping[str, str], body: bytes
) -> str:
    if row.adapter not in adapters().names():
        raise Problem(
            503, "adapter_not_enabled", f"The ATS adapter {row.adapter} is not enabled; try again."
        )
    adapter = adapters().get(row.adapter)
    secret = secrets.read(session, row.client_id, _secret_name(row.id))
    if secret is None or not adapter.is_genuine(secret, headers, body, datetime.now(UTC)):
        raise Problem(
            401, "invalid_signature", "The signature does not match the body, or is too old."
        )
    event_id = adapter.event_id(headers, body)
    if not 0 < len(event_id) <= _LONGEST_EVENT_ID:
        raise Problem(
            400,
            "malformed_request",
            f"An event needs an id of at most {_LONGEST_EVENT_ID} characters.",
        )
    return event_id


def _secret_name(connection_id: str) -> str:
    return f"ats:{connection_id}"
