"""What happened, and which plugin has been told."""

from sqlalchemy import ForeignKeyConstraint, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from gateway.columns import ClientId, Json, Moment, String, key
from gateway.database import Base
from gateway.ids import TypeId


class EventRow(Base):
    __tablename__ = "events"

    client_id: Mapped[ClientId]
    id: Mapped[str] = key("evt")
    type: Mapped[String]
    occurred_at: Mapped[Moment]
    data: Mapped[Json]

    __table_args__ = (
        ForeignKeyConstraint(["client_id"], ["clients.client_id"], ondelete="CASCADE"),
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
