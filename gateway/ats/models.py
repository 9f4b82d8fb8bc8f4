"""Connections with applicant tracking systems, and what they delivered."""

from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gateway.columns import ClientId, Json, Moment, String, key, reference
from gateway.database import Base
from gateway.ids import TypeId


class Connection(Base):
    """An ATS may ask for conversations on a line; for this recruiter where it names nobody."""

    __tablename__ = "ats_connections"

    client_id: Mapped[ClientId]
    id: Mapped[str] = key("ats")
    adapter: Mapped[String]
    line_id: Mapped[str] = reference("line")
    recruiter_id: Mapped[str] = reference("rec")
    settings: Mapped[Json]
    created_at: Mapped[Moment]

    __table_args__ = (
        ForeignKeyConstraint(
            ["client_id", "line_id"], ["lines.client_id", "lines.id"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(
            ["client_id", "recruiter_id"],
            ["recruiters.client_id", "recruiters.id"],
            ondelete="CASCADE",
        ),
    )


class Route(Base):
    """Whose a connection is."""

    __tablename__ = "ats_routes"

    connection_id: Mapped[str] = mapped_column(TypeId("ats"), primary_key=True)
    client_id: Mapped[str] = reference("cli")

    __table_args__ = (
        ForeignKeyConstraint(
            ["client_id", "connection_id"],
            ["ats_connections.client_id", "ats_connections.id"],
            ondelete="CASCADE",
        ),
    )


class Delivery(Base):
    """An event of an ATS. Its body is kept until it is known what the event came to."""

    __tablename__ = "ats_deliveries"

    client_id: Mapped[ClientId]
    id: Mapped[str] = key("dlv")
    connection_id: Mapped[str] = reference("ats")
    event_id: Mapped[String]
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[String]
    error: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    conversation_id: Mapped[str | None] = reference("conv")
    received_at: Mapped[Moment]
    settled_at: Mapped[Moment | None]

    __table_args__ = (
        ForeignKeyConstraint(
            ["client_id", "connection_id"],
            ["ats_connections.client_id", "ats_connections.id"],
            ondelete="CASCADE",
        ),
        UniqueConstraint("client_id", "connection_id", "event_id"),
        Index(None, "client_id", "connection_id", "id"),
        CheckConstraint("state IN ('pending', 'done', 'ignored', 'failed')", name="state"),
    )
