"""Activations and their steps; what the pool is to keep ready."""

from decimal import Decimal
from typing import Any, Final

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, LargeBinary, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gateway.columns import ClientId, Json, Moment, String, key, reference
from gateway.database import Base
from gateway.ids import TypeId

ACTIVATION_STATES: Final = ("running", "succeeded", "failed", "undoing", "cancelled")
STEP_STATES: Final = (
    "pending",
    "running",
    "waiting",
    "done",
    "failed",
    "undone",
    "undo_failed",
)


class Activation(Base):
    __tablename__ = "activations"

    client_id: Mapped[ClientId]
    id: Mapped[str] = key("act")
    line_id: Mapped[str] = reference("line", unique=True)
    provider: Mapped[String]
    supplier: Mapped[String | None]  # where its number is ordered, once that is decided
    ordered_at: Mapped[Moment | None]  # when an order was about to leave there, last; real time
    registrar: Mapped[String]
    state: Mapped[String]
    facts: Mapped[Json]
    created_at: Mapped[Moment]
    finished_at: Mapped[Moment | None]

    __table_args__ = (
        ForeignKeyConstraint(
            ["client_id", "line_id"], ["lines.client_id", "lines.id"], ondelete="CASCADE"
        ),
        CheckConstraint(f"state IN {ACTIVATION_STATES}", name="state"),
    )


class ActivationStep(Base):
    __tablename__ = "activation_steps"

    client_id: Mapped[ClientId]
    activation_id: Mapped[str] = mapped_column(TypeId("act"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    title: Mapped[String]
    state: Mapped[String]
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    who: Mapped[String | None]
    started_at: Mapped[Moment | None]
    finished_at: Mapped[Moment | None]

    __table_args__ = (
        ForeignKeyConstraint(
            ["client_id", "activation_id"],
            ["activations.client_id", "activations.id"],
            ondelete="CASCADE",
        ),
        CheckConstraint(f"state IN {STEP_STATES}", name="state"),
    )


class Signup(Base):
    """How far a client came on the platform's sign-up page, and what of it holds."""

    __tablename__ = "signups"

    client_id: Mapped[ClientId]
    line_id: Mapped[str] = mapped_column(TypeId("line"), primary_key=True)
    event: Mapped[String | None]  # what the page said last
    waba_id: Mapped[String | None]  # what the page said; nobody believes it unasked
    phone_number_id: Mapped[String | None]  # likewise
    code_digest: Mapped[bytes | None] = mapped_column(LargeBinary)  # of the code handed in last
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB)  # why it does not go on
    changed_at: Mapped[Moment]
    connection: Mapped[dict[str, str] | None] = mapped_column(JSONB)  # what was really granted
    leaving_at: Mapped[Moment | None]  # since when the line is being disconnected

    __table_args__ = (
        ForeignKeyConstraint(
            ["client_id", "line_id"], ["lines.client_id", "lines.id"], ondelete="CASCADE"
        ),
    )


class PoolTarget(Base):
    """How many numbers of a country the house keeps ready, for how much a month in all."""

    __tablename__ = "pool_targets"

    client_id: Mapped[ClientId]
    case_name: Mapped[str] = mapped_column(Text, primary_key=True)
    country: Mapped[str] = mapped_column(Text, primary_key=True)
    numbers: Mapped[int]
    budget_amount: Mapped[Decimal]
    budget_currency: Mapped[String]
    changed_at: Mapped[Moment]

    __table_args__ = (
        ForeignKeyConstraint(["client_id"], ["clients.client_id"], ondelete="CASCADE"),
    )
