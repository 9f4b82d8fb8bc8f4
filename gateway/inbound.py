"""Inbound is durable first: the body is stored whole, then answered; what it means comes later.

The application's role may only add raw bodies; the router's role reads them and hands each change
to its client. A raw body is removed some days after it was routed; its changes stay.
"""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from uuid import uuid5

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, Uuid
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column

from gateway import outbox
from gateway.columns import Json, Moment, String, reference
from gateway.database import Base, platform
from gateway.ids import new_uuid

_IDENTITIES: Final = uuid.UUID("5d0c2f6e-6a0b-4f0e-9a53-6f4f3c1f2a77")


class InboundRaw(Base):
    """A webhook body as it arrived. `source` names the topic that routes it and its provider."""

    __tablename__ = "inbound_raw"

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=new_uuid)
    topic: Mapped[String]
    provider: Mapped[String]
    kind: Mapped[String]
    url: Mapped[String]
    headers: Mapped[dict[str, str]] = mapped_column(JSONB)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    received_at: Mapped[Moment]
    routed_at: Mapped[Moment | None]
    error: Mapped[String | None]


class InboundChange(Base):
    """One change of a body, whole. `client_id` is null where it names no number of ours."""

    __tablename__ = "inbound_changes"

    raw_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[str | None] = reference("cli")
    line_id: Mapped[str | None] = reference("line")
    portfolio_id: Mapped[String | None]
    provider: Mapped[String]
    field: Mapped[String]
    change: Mapped[Json]
    state: Mapped[String]
    error: Mapped[String | None]
    received_at: Mapped[Moment]

    __table_args__ = (
        ForeignKeyConstraint(["client_id"], ["clients.client_id"], ondelete="CASCADE"),
        Index(None, "client_id", "state", "received_at"),
        Index(None, "field", "state"),
    )


def store(
    *,
    topic: str,
    provider: str,
    kind: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    identity: str | None = None,
) -> uuid.UUID:
    """Keep a body and promise that its topic's job routes it; durable when this returns.

    What comes again under the same `identity` is there already, and is not routed again.
    """
    raw_id = new_uuid() if identity is None else uuid5(_IDENTITIES, f"{provider} {identity}")
    with platform() as session:
        kept = session.connection().execute(
            insert(InboundRaw)
            .values(
                id=raw_id,
                topic=topic,
                provider=provider,
                kind=kind,
                url=url,
                headers=dict(headers),
                body=body,
                received_at=datetime.now(UTC),
            )
            # Without a target: naming one would take the right to read what is kept.
            .on_conflict_do_nothing()
        )
        if kept.rowcount:
            outbox.put(session, topic, str(raw_id))
    return raw_id
