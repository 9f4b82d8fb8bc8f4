"""Papers, logos and media in PostgreSQL: 1 MiB chunks, named by their hash, once per client."""

import hashlib
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import ForeignKeyConstraint, LargeBinary, Text, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from gateway.columns import ClientId, Moment
from gateway.database import Base

CHUNK: Final = 1024 * 1024


class Blob(Base):
    __tablename__ = "blobs"

    client_id: Mapped[ClientId]
    sha256: Mapped[str] = mapped_column(Text, primary_key=True)
    size: Mapped[int]
    created_at: Mapped[Moment]

    __table_args__ = (
        ForeignKeyConstraint(["client_id"], ["clients.client_id"], ondelete="CASCADE"),
    )


class BlobChunk(Base):
    __tablename__ = "blob_chunks"

    client_id: Mapped[ClientId]
    sha256: Mapped[str] = mapped_column(Text, primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (
        ForeignKeyConstraint(
            ["client_id", "sha256"], ["blobs.client_id", "blobs.sha256"], ondelete="CASCADE"
        ),
    )


def keep(session: Session, client_id: str, content: bytes) -> str:
    """Store the content once for this client; its SHA-256 in hex names it."""
    sha256 = hashlib.sha256(content).hexdigest()
    blob = {
        "client_id": client_id,
        "sha256": sha256,
        "size": len(content),
        "created_at": datetime.now(UTC),
    }
    added = session.execute(
        insert(Blob).values(blob).on_conflict_do_nothing().returning(Blob.sha256)
    ).first()
    if added:
        session.add_all(
            BlobChunk(
                client_id=client_id,
                sha256=sha256,
                position=position,
                content=content[start : start + CHUNK],
            )
            for position, start in enumerate(range(0, len(content), CHUNK))
        )
    return sha256


def read(session: Session, client_id: str, sha256: str) -> bytes:
    """The content; LookupError where this client has none of that name."""
    chunks = session.scalars(
        select(BlobChunk.content)
        .where(BlobChunk.client_id == client_id, BlobChunk.sha256 == sha256)
        .order_by(BlobChunk.position)
    ).all()
    if not chunks:
        raise LookupError(f"no blob {sha256}")
    return b"".join(chunks)
