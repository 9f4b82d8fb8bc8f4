"""Secrets at rest. Each owner has a data key, wrapped by the platform's key; destroying the owner's
key destroys its secrets. The row a secret stands in is authenticated with it: a ciphertext moved
elsewhere does not open."""

import base64
import os
from datetime import UTC, datetime

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import current_app
from sqlalchemy import ForeignKeyConstraint, LargeBinary, Text, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from gateway.columns import Moment, String, reference
from gateway.database import Base

_NONCE = 12


class DataKey(Base):
    """An owner's key (`client:cli_…`, `vendor:vnd_…` or `platform`), wrapped."""

    __tablename__ = "data_keys"

    owner: Mapped[str] = mapped_column(Text, primary_key=True)
    client_id: Mapped[str | None] = reference("cli")
    key_id: Mapped[String]
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[Moment]

    __table_args__ = (
        ForeignKeyConstraint(["client_id"], ["clients.client_id"], ondelete="CASCADE"),
    )


class Secret(Base):
    __tablename__ = "secrets"

    owner: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    client_id: Mapped[str | None] = reference("cli")
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[Moment]

    __table_args__ = (
        ForeignKeyConstraint(["owner"], ["data_keys.owner"], ondelete="CASCADE"),
        ForeignKeyConstraint(["client_id"], ["clients.client_id"], ondelete="CASCADE"),
    )


def keep_once(session: Session, client_id: str, name: str, value: str) -> str:
    """Store a client's secret unless it has one of that name; what is stored."""
    owner = f"client:{client_id}"
    sealed = _seal(_data_key(session, owner, client_id), value.encode(), _place(owner, name))
    session.execute(
        insert(Secret)
        .values(
            owner=owner,
            name=name,
            client_id=client_id,
            sealed=sealed,
            created_at=datetime.now(UTC),
        )
        .on_conflict_do_nothing()
    )
    found = read(session, client_id, name)
    if found is None:
        raise LookupError(f"secret {name} of {owner} is not there after it was stored")
    return found


def keep(session: Session, client_id: str, name: str, value: str) -> None:
    """Store a client's secret in place of what it had under that name."""
    forget(session, client_id, name)
    keep_once(session, client_id, name, value)


def read(session: Session, client_id: str, name: str) -> str | None:
    """A client's secret, opened."""
    owner = f"client:{client_id}"
    secret = session.get(Secret, (owner, name))
    if secret is None:
        return None
    key = _data_key(session, owner, client_id)
    return _open(key, secret.sealed, _place(owner, name)).decode()


def seal(value: bytes, place: str) -> bytes:
    """Encrypt with the platform's own key; it opens at this place alone."""
    return _seal(_platform_key(), value, place.encode())


def unseal(sealed: bytes, place: str) -> bytes:
    return _open(_platform_key(), sealed, place.encode())


def seal_for(session: Session, vendor_id: str, value: str, place: str) -> bytes:
    """Encrypt a vendor's secret with that vendor's key; it opens at this place alone."""
    return _seal(_data_key(session, f"vendor:{vendor_id}", None), value.encode(), place.encode())


def unseal_for(session: Session, vendor_id: str, sealed: bytes, place: str) -> str:
    return _open(_data_key(session, f"vendor:{vendor_id}", None), sealed, place.encode()).decode()


def forget(session: Session, client_id: str, name: str) -> None:
    """Destroy a client's secret."""
    session.execute(
        delete(Secret).where(Secret.owner == f"client:{client_id}", Secret.name == name)
    )


def _data_key(session: Session, owner: str, client_id: str | None) -> bytes:
    platform_key = _platform_key()
    row = session.execute(select(DataKey).where(DataKey.owner == owner)).scalar_one_or_none()
    if row is None:
        wrapped = _seal(platform_key, AESGCM.generate_key(256), owner.encode())
        session.execute(
            insert(DataKey)
            .values(
                owner=owner,
                client_id=client_id,
                key_id=current_app.extensions["settings"].secrets.key_id,
                wrapped=wrapped,
                created_at=datetime.now(UTC),
            )
            .on_conflict_do_nothing()
        )
        row = session.execute(select(DataKey).where(DataKey.owner == owner)).scalar_one()
    return _open(platform_key, row.wrapped, owner.encode())


def _platform_key() -> bytes:
    return base64.b64decode(current_app.extensions["settings"].secrets.key)


def _place(owner: str, name: str) -> bytes:
    return f"secrets|{owner}|{name}".encode()


def _seal(key: bytes, value: bytes, place: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, value, place)


def _open(key: bytes, sealed: bytes, place: bytes) -> bytes:
    return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], place)
