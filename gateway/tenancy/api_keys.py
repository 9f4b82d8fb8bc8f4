"""API keys: `lgk_<22 letters>_<6 letters checksum>`. The checksum tells a typo from a stranger
without asking the database, and lets scanners recognise a leaked key. Only a digest is stored: the
secret part is random enough for a fast hash."""

import hashlib
import secrets
import zlib
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from gateway.database import platform
from gateway.ids import InvalidId, parse
from gateway.problems import not_found
from gateway.tenancy import house
from gateway.tenancy.models import ApiKey

PREFIX: Final = "lgk"
_BASE62: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def make(vendor_id: str, name: str) -> str:
    """A new key of this vendor's. It is shown this once. The house has none."""
    if vendor_id == house.VENDOR:
        raise not_found("vendor")
    body = "".join(secrets.choice(_BASE62) for _ in range(22))
    key = f"{PREFIX}_{body}_{_checksum(body)}"
    row = ApiKey(
        vendor_id=vendor_id,
        name=name,
        prefix=key[:12],
        digest=_digest(key),
        created_at=datetime.now(UTC),
    )
    try:
        parse("vnd", vendor_id)
        with platform() as session:
            session.add(row)
    except (InvalidId, IntegrityError):
        raise not_found("vendor") from None
    return key


def revoke(key_id: str) -> None:
    """Let a key open nothing any more. Revoking it again changes nothing."""
    try:
        parse("key", key_id)
    except InvalidId:
        raise not_found("API key") from None
    with platform() as session:
        row = session.get(ApiKey, key_id)
        if row is None:
            raise not_found("API key")
        session.execute(
            update(ApiKey)
            .where(ApiKey.id == key_id, ApiKey.revoked_at.is_(None))
            .values(revoked_at=datetime.now(UTC))
        )


def vendor_of(key: str) -> tuple[str, str] | None:
    """The vendor and the id of a key that is known and not revoked."""
    if not is_well_formed(key):
        return None
    with platform() as session:
        row = session.execute(
            select(ApiKey.vendor_id, ApiKey.id).where(
                ApiKey.digest == _digest(key), ApiKey.revoked_at.is_(None)
            )
        ).first()
    return (row.vendor_id, row.id) if row else None


def is_well_formed(key: str) -> bool:
    head, _, rest = key.partition("_")
    body, _, checksum = rest.partition("_")
    return head == PREFIX and len(body) == 22 and checksum == _checksum(body)


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def _checksum(body: str) -> str:
    number = zlib.crc32(body.encode())
    letters = []
    for _ in range(6):
        number, rest = divmod(number, 62)
        letters.append(_BASE62[rest])
    return "".join(letters)
