"""Who did what. Written in the transaction of the act; the application may only insert and read."""

from sqlalchemy import ForeignKeyConstraint
from sqlalchemy.orm import Mapped

from gateway.columns import ClientId, Json, Moment, String, key
from gateway.database import Base


class AuditEntry(Base):
    __tablename__ = "audit_entries"

    client_id: Mapped[ClientId]
    id: Mapped[str] = key("aud")
    at: Mapped[Moment]
    actor: Mapped[String]
    action: Mapped[String]
    subject: Mapped[String]
    details: Mapped[Json]

    __table_args__ = (
        ForeignKeyConstraint(["client_id"], ["clients.client_id"], ondelete="CASCADE"),
    )


class OperatorAct(Base):
    """What was done to the platform itself, and so is no client's to read."""

    __tablename__ = "operator_acts"

    id: Mapped[str] = key("aud")
    at: Mapped[Moment]
    actor: Mapped[String]
    action: Mapped[String]
    subject: Mapped[String]
    details: Mapped[Json]
