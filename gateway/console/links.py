"""Sign-in links: a secret that lets whoever holds it into one client's pages, once and soon."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from gateway.console.models import SignInLink
from gateway.database import platform
from gateway.ids import InvalidId, parse
from gateway.problems import not_found

LIFETIME: Final = timedelta(minutes=15)


def make(client_id: str) -> str:
    """A new token for this client. Only its digest is stored, so it is shown this once."""
    token = secrets.token_urlsafe(32)
    try:
        parse("cli", client_id)
        with platform() as session:
            session.add(
                SignInLink(
                    digest=_digest(token),
                    client_id=client_id,
                    expires_at=datetime.now(UTC) + LIFETIME,
                )
            )
    except (InvalidId, IntegrityError):
        raise not_found("client") from None
    return token


def use(token: str) -> str | None:
    """The client a token lets in, if it was never used and is not too old. It is used now."""
    now = datetime.now(UTC)
    with platform() as session:
        return session.scalars(
            update(SignInLink)
            .where(
                SignInLink.digest == _digest(token),
                SignInLink.used_at.is_(None),
                SignInLink.expires_at > now,
            )
            .values(used_at=now)
            .returning(SignInLink.client_id)
        ).first()


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
