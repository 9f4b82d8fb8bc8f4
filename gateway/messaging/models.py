"""Candidates, conversations, messages, templates, and what came in."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKeyConstraint,
    Identity,
    Index,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gateway.columns import ClientId, Json, Moment, String, key, reference
from gateway.database import Base

STATES = (
    "held",
    "queued",
    "sending",
    "unconfirmed",
    "accepted",
    "sent",
    "delivered",
    "read",
    "played",
    "failed",
    "cancelled",
    "received",
)


def _of_client() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["client_id"], ["clients.client_id"], ondelete="CASCADE")


class Candidate(Base):
    __tablename__ = "candidates"

    client_id: Mapped[ClientId]
    id: Mapped[str] = key("cand")
    name: Mapped[String]
    other_names: Mapped[list[str]] = mapped_column(JSONB, default=list)
    phone: Mapped[String | None]
    wa_id: Mapped[String | None]
    bsuid: Mapped[String | None]
    language: Mapped[String | None]  # in which they are written to
    told_language: Mapped[String | None]
    told_language_at: Mapped[Moment | None]  # where it was corrected
    ats_candidate_id: Mapped[String | None]
    opt_in: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    opted_out_at: Mapped[Moment | None]
    marketing_stopped_at: Mapped[Moment | None]
    merged_into: Mapped[str | None] = reference("cand")
    suspected: Mapped[list[str]] = mapped_column(JSONB, default=list)  # to be one with these
    marketing_withheld_until: Mapped[Moment | None]
    created_at: Mapped[Moment]

    __table_args__ = (_of_client(),)


class Consent(Base):
    """A candidate's word, or the platform's, on being written to. The newest word counts."""

    __tablename__ = "consents"

    client_id: Mapped[ClientId]
    id: Mapped[str] = key("cons")
    candidate_id: Mapped[str] = reference("cand")
    scope: Mapped[String]
    at: Mapped[Moment]
    granted: Mapped[bool] = mapped_column(Boolean)
    source: Mapped[String]
    evidence: Mapped[Json]

    __table_args__ = (
        ForeignKeyConstraint(
            ["client_id", "candidate_id"],
            ["candidates.client_id", "candidates.id"],
            ondelete="CASCADE",
        ),
        UniqueConstraint("client_id", "candidate_id", "scope", "at", "granted"),
        CheckConstraint("scope IN ('all', 'marketing')", name="scope"),
    )


class CandidateIdentity(Base):
    """By which identifier, in which portfolio, a candidate is known. One person, one row a kind."""

    __tablename__ = "candidate_identities"

    client_id: Mapped[ClientId]
    portfolio_id: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[str] = mapped_column(Text, primary_key=True)
    candidate_id: Mapped[str] = reference("cand")

    __table_args__ = (
        ForeignKeyConstraint(
            ["client_id", "candidate_id"],
            ["candidates.client_id", "candidates.id"],
            ondelete="CASCADE",
        ),
    )


class Conversation(Base):
    __tablename__ = "conversations"

    client_id: Mapped[ClientId]
    id: Mapped[str] = key("conv")
    line_id: Mapped[str] = reference("line")
    candidate_id: Mapped[str] = reference("cand")
    recruiter_id: Mapped[str | None] = reference("rec")
    introduction_id: Mapped[str | None] = reference("msg")
    introduced_by: Mapped[str | None] = reference("rec")
    introduced_from: Mapped[String | None]  # the number they were introduced on
    applications: Mapped[list[str]] = mapped_column(JSONB, default=list)
    last_inbound_at: Mapped[Moment | None]
    answered_from: Mapped[String | None]  # the retiring number (Meta's id) they last wrote to
    last_message_at: Mapped[Moment]
    merged_into: Mapped[str | None] = reference("conv")
    created_at: Mapped[Moment]

    __table_args__ = (
        _of_client(),
        UniqueConstraint("client_id", "line_id", "candidate_id"),
        Index(None, "client_id", "last_message_at"),
        Index(None, "client_id", "recruiter_id"),
        Index(None, "client_id", "candidate_id"),
    )


class Message(Base):
    __tablename__ = "messages"

    client_id: Mapped[ClientId]
    id: Mapped[str] = key("msg")
    position: Mapped[int] = mapped_column(BigInteger, Identity())
    conversation_id: Mapped[str] = reference("conv")
    line_id: Mapped[str] = reference("line")
    recruiter_id: Mapped[str | None] = reference("rec")
    direction: Mapped[String]
    type: Mapped[String]
    content: Mapped[Json]
    introduction: Mapped[bool] = mapped_column(Boolean, default=False)
    category: Mapped[String | None]
    status: Mapped[String]
    reason: Mapped[String | None]
    error: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    source: Mapped[String | None]  # where it was written, if not here
    wamid: Mapped[String | None]
    context_wamid: Mapped[String | None]
    media_id: Mapped[str | None] = reference("med")
    template_id: Mapped[str | None] = reference("tpl")  # as it was known when this was accepted
    fence: Mapped[int | None] = mapped_column(BigInteger)
    attempts: Mapped[int] = mapped_column(default=0)
    retry_at: Mapped[Moment | None]  # real time
    not_before: Mapped[Moment | None]  # by the policy's clock, as the next
    expires_at: Mapped[Moment | None]
    sending_since: Mapped[Moment | None]
    created_at: Mapped[Moment]
    sent_at: Mapped[Moment | None]
    delivered_at: Mapped[Moment | None]
    read_at: Mapped[Moment | None]

    __table_args__ = (
        ForeignKeyConstraint(
            ["client_id", "conversation_id"],
            ["conversations.client_id", "conversations.id"],
            ondelete="CASCADE",
        ),
        UniqueConstraint("client_id", "wamid"),
        Index(None, "client_id", "conversation_id", "position"),
        Index(
            "ix_messages_to_send",
            "client_id",
            "line_id",
            "position",
            postgresql_where="status IN ('held', 'queued', 'sending', 'unconfirmed')",
        ),
        Index(
            "ix_messages_changes",
            "client_id",
            "context_wamid",
            postgresql_where="type IN ('edit', 'revoke')",
        ),
        Index(None, "client_id", "media_id", postgresql_where="media_id IS NOT NULL"),
        CheckConstraint(f"status IN {STATES}", name="status"),
        CheckConstraint("direction IN ('inbound', 'outbound')", name="direction"),
    )


class Media(Base):
    """A file of the client's: a candidate sent it, or it was handed in to be sent."""

    __tablename__ = "media"

    client_id: Mapped[ClientId]
    id: Mapped[str] = key("med")
    kind: Mapped[String]  # of the message that carries it
    declared_type: Mapped[String]
    mime_type: Mapped[String]  # as declared, until the content says otherwise
    filename: Mapped[String | None]
    size: Mapped[int | None]
    sha256: Mapped[String | None]
    state: Mapped[String]
    reason: Mapped[String | None]  # why it is not here, or what is odd about it
    provider: Mapped[String | None]  # who has it, by which id, for which number: where it came in
    provider_id: Mapped[String | None]
    phone_number_id: Mapped[String | None]
    created_at: Mapped[Moment]

    __table_args__ = (
        _of_client(),
        CheckConstraint("state IN ('pending', 'stored', 'expired', 'failed')", name="state"),
    )


class MediaUpload(Base):
    """Where the platform keeps a file of ours for one of the client's numbers."""

    __tablename__ = "media_uploads"

    client_id: Mapped[ClientId]
    media_id: Mapped[str] = reference("med", primary_key=True)
    phone_number_id: Mapped[str] = mapped_column(Text, primary_key=True)
    provider_id: Mapped[String]
    uploaded_at: Mapped[Moment]

    __table_args__ = (
        ForeignKeyConstraint(
            ["client_id", "media_id"], ["media.client_id", "media.id"], ondelete="CASCADE"
        ),
    )


class MessageStatus(Base):
    """A status as it arrived, once, however often the platform repeats it."""

    __tablename__ = "message_statuses"

    client_id: Mapped[ClientId]
    wamid: Mapped[str] = mapped_column(Text, primary_key=True)
    status: Mapped[str] = mapped_column(Text, primary_key=True)
    recipient: Mapped[str] = mapped_column(Text, primary_key=True)
    message_id: Mapped[str | None] = reference("msg")
    at: Mapped[Moment]
    details: Mapped[Json]

    __table_args__ = (_of_client(),)


class Template(Base):
    """A message template as it stands in the WABA of one of the client's lines."""

    __tablename__ = "templates"

    client_id: Mapped[ClientId]
    id: Mapped[str] = key("tpl")
    waba_id: Mapped[String]
    name: Mapped[String]
    language: Mapped[String]
    category: Mapped[String]
    status: Mapped[String]
    components: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    updated_at: Mapped[Moment]

    __table_args__ = (_of_client(), UniqueConstraint("client_id", "waba_id", "name", "language"))


class AppContactRow(Base):
    """A name in the address book of the client's WhatsApp Business app."""

    __tablename__ = "app_contacts"

    client_id: Mapped[ClientId]
    line_id: Mapped[str] = reference("line", primary_key=True)
    phone: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[String]

    __table_args__ = (
        ForeignKeyConstraint(
            ["client_id", "line_id"],
            ["coexistences.client_id", "coexistences.line_id"],
            ondelete="CASCADE",
        ),
    )
