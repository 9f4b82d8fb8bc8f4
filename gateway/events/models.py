"""What happened, which plugin has been told, and what became of telling the vendor."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gateway.columns import ClientId, Json, Moment, String, key, reference
from gateway.database import Base
from gateway.ids import TypeId


def _of_the_clients_vendor() -> ForeignKeyConstraint:
    """Whoever writes the wrong vendor beside a client is refused by the database."""
    return ForeignKeyConstraint(
        ["client_id", "vendor_id"], ["clients.client_id", "clients.vendor_id"], ondelete="CASCADE"
    )


class EventRow(Base):
    """`recorded` counts as the database met the rows; `position` is the place in the vendor's
    stream and `sequence` that in the conversation, both given once it is committed."""

    __tablename__ = "events"

    client_id: Mapped[ClientId]
    id: Mapped[str] = key("evt")
    vendor_id: Mapped[str] = reference("vnd")
    type: Mapped[String]
    occurred_at: Mapped[Moment]
    data: Mapped[Json]
    recorded: Mapped[int] = mapped_column(BigInteger, Identity())
    position: Mapped[int | None] = mapped_column(BigInteger)
    sequence: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (
        _of_the_clients_vendor(),
        Index(None, "vendor_id", "position"),
        Index("ix_events_to_number", "vendor_id", "recorded", postgresql_where="position IS NULL"),
        Index(None, "occurred_at", postgresql_using="brin"),
    )


class EventListener(Base):
    """An event that a plugin has not been told yet; the row goes when it has."""

    __tablename__ = "event_listeners"

    client_id: Mapped[ClientId]
    event_id: Mapped[str] = mapped_column(TypeId("evt"), primary_key=True)
    plugin: Mapped[str] = mapped_column(Text, primary_key=True)
    hook: Mapped[String]

    __table_args__ = (
        ForeignKeyConstraint(
            ["client_id", "event_id"], ["events.client_id", "events.id"], ondelete="CASCADE"
        ),
        Index(None, "client_id", "plugin", "event_id"),
    )


class EventStream(Base):
    """How far a vendor's events have been numbered. Whoever numbers holds this row."""

    __tablename__ = "event_streams"

    vendor_id: Mapped[str] = mapped_column(
        TypeId("vnd"), ForeignKey("vendors.id"), primary_key=True
    )
    position: Mapped[int] = mapped_column(BigInteger)


class ConversationSequence(Base):
    """How far a conversation's events have been numbered; it outlives the events."""

    __tablename__ = "conversation_sequences"

    client_id: Mapped[ClientId]
    conversation_id: Mapped[str] = mapped_column(TypeId("conv"), primary_key=True)
    vendor_id: Mapped[str] = reference("vnd")
    sequence: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (_of_the_clients_vendor(),)


class WebhookEndpoint(Base):
    """Where a vendor wants to be told, of what. The secrets are sealed for this row."""

    __tablename__ = "webhook_endpoints"

    vendor_id: Mapped[str] = mapped_column(
        TypeId("vnd"), ForeignKey("vendors.id"), primary_key=True
    )
    id: Mapped[str] = key("whe")
    url: Mapped[String]
    description: Mapped[String]
    events: Mapped[list[str]] = mapped_column(JSONB)
    enabled: Mapped[bool] = mapped_column(Boolean, default=True)
    disabled_reason: Mapped[String | None]
    unanswered: Mapped[int] = mapped_column(Integer)  # calls in a row that timed out
    resting_until: Mapped[Moment | None]
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    previous_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    previous_secret_until: Mapped[Moment | None]
    created_at: Mapped[Moment]


class WebhookDelivery(Base):
    """One event to one endpoint, however often it is sent. The promise to send is in the outbox."""

    __tablename__ = "webhook_deliveries"

    client_id: Mapped[ClientId]
    event_id: Mapped[str] = mapped_column(TypeId("evt"), primary_key=True)
    endpoint_id: Mapped[str] = mapped_column(TypeId("whe"), primary_key=True)
    vendor_id: Mapped[str] = reference("vnd")
    position: Mapped[int] = mapped_column(BigInteger)  # the event's, to page by
    status: Mapped[String]
    tries: Mapped[int] = mapped_column(Integer)  # of the schedule, which begins anew by a resend
    next_attempt_at: Mapped[Moment | None]
    attempts: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    created_at: Mapped[Moment]

    __table_args__ = (
        _of_the_clients_vendor(),
        ForeignKeyConstraint(
            ["client_id", "event_id"], ["events.client_id", "events.id"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(
            ["vendor_id", "endpoint_id"],
            ["webhook_endpoints.vendor_id", "webhook_endpoints.id"],
            ondelete="CASCADE",
        ),
        Index(None, "endpoint_id", "position"),
        Index(
            "ix_webhook_deliveries_undelivered",
            "endpoint_id",
            "status",
            "position",
            postgresql_where="status <> 'delivered'",
        ),
        CheckConstraint("status IN ('pending', 'delivered', 'failed')", name="status"),
    )
