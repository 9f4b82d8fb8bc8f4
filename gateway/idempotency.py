"""`Idempotency-Key`: a POST that carries one takes effect once, however often it is sent.

Its answer is kept in the transaction of its effect. A twin waits for that transaction's advisory
lock: however it ends, by commit or by crash, the twin goes on and finds the answer, or nothing.
What was refused left nothing, so the key is free and a twin is judged again.
"""

import hashlib
import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any, Final

from flask import Response, g, request
from psycopg.errors import LockNotAvailable
from sqlalchemy import ForeignKey, Index, LargeBinary, Text, delete, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Mapped, Session, mapped_column

from gateway import clock, secrets
from gateway.columns import Moment, reference
from gateway.database import Base, vendor
from gateway.problems import Problem
from gateway.schedules import Schedule
from gateway.tenancy import service as tenancy

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotency-Replayed"
KEPT: Final = timedelta(hours=24)
PATIENCE: Final = timedelta(seconds=5)
_KEY: Final = re.compile(r"[\x20-\x7e]{1,255}")


class KeptAnswer(Base):
    """What a vendor's request with a key was answered. The body is sealed: it may show a secret."""

    __tablename__ = "idempotency_keys"

    vendor_id: Mapped[str] = reference("vnd", ForeignKey("vendors.id"), primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int]
    headers: Mapped[dict[str, str]] = mapped_column(JSONB)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[Moment]

    __table_args__ = (Index(None, "vendor_id", "created_at"),)


def once(
    scope: Callable[[], AbstractContextManager[Session]], answer: Callable[[], Response]
) -> Response:
    """The answer to this request: the one its twin got, or else made now and kept.

    `scope` is the request's transaction, in the scope of its vendor.
    """
    key, fingerprint = _key(), _fingerprint()
    with scope() as session:
        _wait_for_twins(session, key)
        kept = _kept(session, key)
        if kept is not None:
            return _again(kept, fingerprint)
    response = answer()
    with scope() as session:
        session.add(
            KeptAnswer(
                vendor_id=g.vendor_id,
                key=key,
                fingerprint=fingerprint,
                status=response.status_code,
                headers={name: it for name, it in response.headers if name != "Content-Length"},
                body=secrets.seal(response.get_data(), _place(key)),
                created_at=clock.now(),
            )
        )
    return response


def forget() -> None:
    """Remove the answers that nobody gets any more."""
    for row in tenancy.vendors():
        with vendor(row.id) as session:
            session.execute(
                delete(KeptAnswer).where(
                    KeptAnswer.vendor_id == row.id, KeptAnswer.created_at <= clock.now() - KEPT
                )
            )


SCHEDULE: Final = Schedule(name="idempotency-keys", every=timedelta(hours=1), run=forget)


def _key() -> str:
    key = request.headers[HEADER]
    if not _KEY.fullmatch(key):
        raise Problem(
            400,
            "idempotency_key_malformed",
            f"{HEADER} must be 1 to 255 printable ASCII characters.",
        )
    return key


def _fingerprint() -> bytes:
    """What makes two requests the same: method, path, query and body."""
    query = request.query_string.decode("latin-1")
    same = json.dumps([request.method, request.path, query, *_body()])
    return hashlib.sha256(same.encode()).digest()


def _body() -> list[Any]:
    """The hash of the bytes; of multipart those of its parts, whose boundary differs each time."""
    if request.mimetype != "multipart/form-data":
        return [_hash(request.get_data())]
    parts: list[Any] = list(request.form.items(multi=True))
    for name, file in request.files.items(multi=True):
        parts.append([name, file.filename, file.content_type, _hash(file.read())])
        file.seek(0)
    return parts


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _wait_for_twins(session: Session, key: str) -> None:
    """Let one request with this key go on at a time."""
    milliseconds = str(PATIENCE // timedelta(milliseconds=1))
    session.execute(_TIMEOUT, {"milliseconds": milliseconds})
    try:
        session.execute(_LOCK, {"name": _place(key)})
    except OperationalError as error:
        if not isinstance(error.orig, LockNotAvailable):
            raise
        raise Problem(
            409,
            "idempotency_in_flight",
            f"A request with this {HEADER} is still being worked on; send this one again later.",
        ) from None
    session.execute(_NO_TIMEOUT)


def _kept(session: Session, key: str) -> KeptAnswer | None:
    row = session.get(KeptAnswer, (g.vendor_id, key))
    if row is None or row.created_at > clock.now() - KEPT:
        return row
    session.delete(row)
    session.flush()
    return None


def _again(kept: KeptAnswer, fingerprint: bytes) -> Response:
    if kept.fingerprint != fingerprint:
        raise Problem(
            422,
            "idempotency_key_reused",
            f"This {HEADER} was used for another request; take a new one for each.",
        )
    body = secrets.unseal(kept.body, _place(kept.key))
    response = Response(body, kept.status, kept.headers)
    response.headers[REPLAYED] = "true"
    return response


def _place(key: str) -> str:
    return f"idempotency_keys|{g.vendor_id}|{key}"


_TIMEOUT = text("SELECT set_config('lock_timeout', :milliseconds, true)")
_NO_TIMEOUT = text("SET LOCAL lock_timeout TO DEFAULT")
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
