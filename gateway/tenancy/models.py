"""Vendors, their keys, their clients, and the clients' recruiters and papers."""

from datetime import date
from typing import Any

from sqlalchemy import (
    Boolean,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gateway.columns import ClientId, Moment, String, key, reference
from gateway.database import Base


class Vendor(Base):
    __tablename__ = "vendors"

    id: Mapped[str] = key("vnd")
    name: Mapped[String]
    created_at: Mapped[Moment]


class ApiKey(Base):
    __tablename__ = "api_keys"

    id: Mapped[str] = key("key")
    vendor_id: Mapped[str] = reference("vnd", ForeignKey("vendors.id"), index=True)
    name: Mapped[String]
    prefix: Mapped[String]
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    created_at: Mapped[Moment]
    revoked_at: Mapped[Moment | None]


class Client(Base):
    """A recruiting company: the tenant."""

    __tablename__ = "clients"

    client_id: Mapped[str] = key("cli")
    vendor_id: Mapped[str] = reference("vnd", ForeignKey("vendors.id"), index=True)
    name: Mapped[String]
    legal_name: Mapped[String | None]
    display_name: Mapped[String | None]  # what candidates see; null: made of the name
    country: Mapped[String]
    logo_url: Mapped[String | None]
    logo_error: Mapped[dict[str, str] | None] = mapped_column(JSONB)  # of what is there
    website: Mapped[String | None]
    email: Mapped[String | None]
    registered_address: Mapped[dict[str, str] | None] = mapped_column(JSONB)
    external_ref: Mapped[String | None]
    default_language: Mapped[String]
    hold_introductions_until_named: Mapped[bool] = mapped_column(Boolean, default=True)
    quiet_hours: Mapped[dict[str, str] | None] = mapped_column(JSONB)  # from, to, timezone
    created_at: Mapped[Moment]

    __table_args__ = (UniqueConstraint("client_id", "vendor_id"),)  # for others to refer to both


class Recruiter(Base):
    __tablename__ = "recruiters"

    client_id: Mapped[ClientId]
    id: Mapped[str] = key("rec")
    name: Mapped[String]
    email: Mapped[String]
    created_at: Mapped[Moment]
    left_at: Mapped[Moment | None]

    __table_args__ = (
        ForeignKeyConstraint(["client_id"], ["clients.client_id"], ondelete="CASCADE"),
        Index(
            "uq_recruiters_email_of_those_here",
            "client_id",
            "email",
            unique=True,
            postgresql_where="left_at IS NULL",
        ),
    )


class Document(Base):
    """A paper of the client's (RC, tax id, utility bill) or its logo; the newest counts."""

    __tablename__ = "documents"

    client_id: Mapped[ClientId]
    id: Mapped[str] = key("doc")
    kind: Mapped[String]
    filename: Mapped[String]
    content_type: Mapped[String]
    sha256: Mapped[String]
    size: Mapped[int]
    number: Mapped[String | None]  # of the register or of the taxpayer
    court: Mapped[String | None]  # that keeps the register
    issued_on: Mapped[date | None]
    expires_on: Mapped[date | None]
    address: Mapped[String | None]  # as the paper shows it
    confirmation: Mapped[dict[str, Any] | None] = mapped_column(JSONB)  # at, by, registered
    created_at: Mapped[Moment]

    __table_args__ = (
        ForeignKeyConstraint(["client_id"], ["clients.client_id"], ondelete="CASCADE"),
    )
