"""Lines, and the numbers behind them."""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import ARRAY, CheckConstraint, DateTime, ForeignKeyConstraint, Index, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gateway.columns import ClientId, Json, Moment, String, key, reference
from gateway.database import Base
from gateway.ids import TypeId, new_uuid

NUMBER_STATES: Final = ("rented", "retiring", "quarantined", "released")
LINE_STATES: Final = ("pending", "active", "suspended", "failed", "released")


class Line(Base):
    __tablename__ = "lines"

    client_id: Mapped[ClientId]
    id: Mapped[str] = key("line")
    case_name: Mapped[String]
    country: Mapped[String]
    status: Mapped[String]
    display_name: Mapped[String | None]
    display_name_status: Mapped[String | None]
    branding: Mapped[dict[str, str] | None] = mapped_column(JSONB)
    rebranding: Mapped[dict[str, Any] | None] = mapped_column(JSONB)  # what is asked for meanwhile
    display_name_refusal: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    paid_by: Mapped[String]
    replaces: Mapped[str | None] = reference("line")  # it prepares a number for that line
    suspension: Mapped[dict[str, str] | None] = mapped_column(JSONB)  # code, detail, since
    pauses: Mapped[int] = mapped_column(default=0)  # in a row
    paused_until: Mapped[Moment | None]  # real time
    created_at: Mapped[Moment]
    activated_at: Mapped[Moment | None]
    release_at: Mapped[Moment | None]  # it is to be released then, and may be kept until then
    release_error: Mapped[dict[str, str] | None] = mapped_column(JSONB)  # code, detail, who
    released_at: Mapped[Moment | None]

    __table_args__ = (
        ForeignKeyConstraint(["client_id"], ["clients.client_id"], ondelete="CASCADE"),
        CheckConstraint(f"status IN {LINE_STATES}", name="status"),
    )


class LineHealth(Base):
    """How a line stood when it was looked at last."""

    __tablename__ = "line_health"

    client_id: Mapped[ClientId]
    line_id: Mapped[str] = mapped_column(TypeId("line"), primary_key=True)
    state: Mapped[String]
    problems: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    seen: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    seen_at: Mapped[Moment | None]
    looked_at: Mapped[Moment | None]  # later than `seen_at` where a look was refused
    changed_at: Mapped[Moment | None]
    registered_at: Mapped[Moment | None]  # when we last tried to register the number again

    __table_args__ = (
        ForeignKeyConstraint(
            ["client_id", "line_id"], ["lines.client_id", "lines.id"], ondelete="CASCADE"
        ),
    )


class Number(Base):
    """A number we rent, and where what arrives for it goes. It may outlive line and client."""

    __tablename__ = "numbers"

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=new_uuid)
    client_id: Mapped[str | None] = reference("cli")
    line_id: Mapped[str | None] = reference("line")
    supplier: Mapped[String | None]
    supplier_ref: Mapped[String | None]
    phone_number: Mapped[String]
    hears: Mapped[String]
    state: Mapped[String]
    portfolio_id: Mapped[String | None]
    waba_id: Mapped[String | None]
    phone_number_id: Mapped[str | None] = mapped_column(Text)
    monthly_amount: Mapped[Decimal | None]
    monthly_currency: Mapped[String | None]
    set_up_amount: Mapped[Decimal | None]
    set_up_currency: Mapped[String | None]
    rented_at: Mapped[Moment]
    assigned_at: Mapped[Moment | None]  # when a number of the pool became a client's
    quarantined_at: Mapped[Moment | None]
    gone_at: Mapped[Moment | None]  # an operator says that Meta holds it no longer
    replaced_at: Mapped[Moment | None]
    retires_at: Mapped[Moment | None]  # policy's time
    released_at: Mapped[Moment | None]

    __table_args__ = (
        ForeignKeyConstraint(["client_id"], ["clients.client_id"], ondelete="SET NULL"),
        CheckConstraint(f"state IN {NUMBER_STATES}", name="state"),
        Index(
            "uq_numbers_line_id_of_those_rented",
            "line_id",
            unique=True,
            postgresql_where="state = 'rented'",
        ),
        Index(
            "uq_numbers_phone_number_of_those_held",
            "phone_number",
            unique=True,
            postgresql_where="state <> 'released'",
        ),
        Index(
            "uq_numbers_phone_number_id_of_those_held",
            "phone_number_id",
            unique=True,
            postgresql_where="state <> 'released'",
        ),
        Index("ix_numbers_phone_number_id", "phone_number_id"),
        Index("ix_numbers_portfolio_id", "portfolio_id"),
    )


class ClientWaba(Base):
    """A WABA that a client connected: it acts by the client's access, until that ends."""

    __tablename__ = "client_wabas"

    waba_id: Mapped[str] = mapped_column(Text, primary_key=True)
    client_id: Mapped[str] = reference("cli")
    expires_at: Mapped[Moment | None]  # null: the access does not end by itself
    connected_at: Mapped[Moment]
    reminded_at: Mapped[Moment | None]  # when the client was asked to renew it

    __table_args__ = (
        ForeignKeyConstraint(["client_id"], ["clients.client_id"], ondelete="CASCADE"),
    )


class FirstContact(Base):
    """A person whom a client wrote to first in 24 hours (`at`), or waits to (no `at` yet)."""

    __tablename__ = "first_contacts"

    portfolio_id: Mapped[str] = mapped_column(Text, primary_key=True)
    client_id: Mapped[ClientId]
    candidate_id: Mapped[str] = mapped_column(TypeId("cand"), primary_key=True)
    asked_at: Mapped[Moment]
    at: Mapped[Moment | None]

    __table_args__ = (
        ForeignKeyConstraint(["client_id"], ["clients.client_id"], ondelete="CASCADE"),
    )


class PortfolioLimit(Base):
    """To how many people a portfolio may write first in 24 hours, as the platform told us."""

    __tablename__ = "portfolio_limits"

    portfolio_id: Mapped[str] = mapped_column(Text, primary_key=True)
    people: Mapped[int | None]  # null: as many as it wants
    told_at: Mapped[Moment]


class WabaRestrictions(Base):
    """What the platform told us that an account may not do."""

    __tablename__ = "waba_restrictions"

    waba_id: Mapped[str] = mapped_column(Text, primary_key=True)
    restrictions: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)  # kind, until
    told_at: Mapped[Moment]


class WabaBan(Base):
    """Whether the platform closed an account, as it told us last."""

    __tablename__ = "waba_bans"

    waba_id: Mapped[str] = mapped_column(Text, primary_key=True)
    banned: Mapped[bool]
    told_at: Mapped[Moment]


class NumberLimit(Base):
    """How many numbers a portfolio or an account may hold, as the platform told us last."""

    __tablename__ = "number_limits"

    holder_id: Mapped[str] = mapped_column(Text, primary_key=True)
    numbers: Mapped[int]
    told_at: Mapped[Moment]


class NumberAttempt(Base):
    """A call that Meta counts against a number, whoever has the number by then."""

    __tablename__ = "number_attempts"

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=new_uuid)
    phone_number: Mapped[String]
    kind: Mapped[String]
    at: Mapped[Moment]

    __table_args__ = (Index(None, "phone_number", "kind", "at"),)


class HeardCodeRow(Base):
    """A verification code that reached a number, until it was handed in. Never logged."""

    __tablename__ = "heard_codes"

    client_id: Mapped[ClientId]
    id: Mapped[str] = key("code")
    line_id: Mapped[str] = reference("line", index=True)
    code: Mapped[String]
    method: Mapped[String]
    heard_at: Mapped[Moment]

    __table_args__ = (
        ForeignKeyConstraint(["client_id"], ["clients.client_id"], ondelete="CASCADE"),
    )


class SupplierStanding(Base):
    """What operators decided of a supplier, and how it fares; no row: nothing, and well."""

    __tablename__ = "supplier_standings"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    position: Mapped[int | None]  # preferred, from 0; null: as configured
    paused_at: Mapped[Moment | None]
    removed_at: Mapped[Moment | None]
    failures: Mapped[int] = mapped_column(default=0)  # in a row
    rests: Mapped[int] = mapped_column(default=0)  # in a row
    rests_until: Mapped[Moment | None]  # real time
    is_probed: Mapped[bool] = mapped_column(default=False)


class OperatorStanding(Base):
    """How the operator's own app, or a portfolio of its, stood with the platform when last seen."""

    __tablename__ = "operator_standings"

    subject: Mapped[str] = mapped_column(Text, primary_key=True)  # `app`, or a portfolio's id
    status: Mapped[str | None]
    seen_at: Mapped[Moment | None]
    obstacle: Mapped[str | None]  # why a later look showed nothing


class Coexistence(Base):
    """The line's number stays in the WhatsApp Business app. What the app shares is asked for once:
    `contacts` and `history` hold the state of that, and what more is known of it.

    `departures`: when the messages of the last second left, in real time."""

    __tablename__ = "coexistences"

    client_id: Mapped[ClientId]
    line_id: Mapped[str] = mapped_column(TypeId("line"), primary_key=True)
    began_at: Mapped[Moment]
    contacts: Mapped[Json]
    history: Mapped[Json]
    departures: Mapped[list[datetime]] = mapped_column(
        ARRAY(DateTime(timezone=True)), server_default="{}"
    )

    __table_args__ = (
        ForeignKeyConstraint(
            ["client_id", "line_id"], ["lines.client_id", "lines.id"], ondelete="CASCADE"
        ),
    )


class SupplierStock(Base):
    """What a supplier said of a country's numbers when it was asked last."""

    __tablename__ = "supplier_stock"

    supplier: Mapped[str] = mapped_column(Text, primary_key=True)
    country: Mapped[str] = mapped_column(Text, primary_key=True)
    wants: Mapped[list[str]] = mapped_column(JSONB)  # kinds of the client's papers
    refusal: Mapped[dict[str, str] | None] = mapped_column(JSONB)  # code, detail, who; null: sells
    seen_at: Mapped[Moment]
