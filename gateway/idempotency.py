"""`Idempotency-Key`: a POST that carries one takes effect once, however often it is sent.

Its answer is kept in the transaction of its effect. A twin waits for that transaction's advisory
lock: however it ends, by commit or by crash, the twin goes on and finds the answer, or nothing.
What was refused left nothing, so the key is free and a twin is judged again. The parts of a batch
may have keys of their own (`parts_answered`, `keep_parts`), to which the same applies.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from flask import Response, g, request
from sqlalchemy import ForeignKey, Index, LargeBinary, Text, delete, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from gateway import clock, secrets
from gateway.columns import Moment, reference
from gateway.database import Base, lock_soon, vendor
from gateway.problems import Problem
from gateway.schedules import Schedule
from gateway.tenancy import service as tenancy

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotency-Replayed"
KEPT: Final = timedelta(hours=24)
PATIENCE: Final = timedelta(seconds=5)
KEY: Final = r"^[\x20-\x7e]{1,255}$(?!\n)"
_KEY: Final = re.compile(KEY)
# No header holds a line break: the key of a part never meets that of a request.
_PART: Final = "part\n"


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


@dataclass(frozen=True, kw_only=True)
class PartAnswer:
    """What a part of a batch was answered; `fingerprint` tells which part that was."""

    fingerprint: bytes
    status: int
    body: Any


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


def part_fingerprint(part: Any) -> bytes:
    """What makes two parts the same: method, path, and content in whatever order."""
    same = json.dumps([request.method, request.path, part], sort_keys=True)
    return hashlib.sha256(same.encode()).digest()


def parts_answered(session: Session, keys: Iterable[str]) -> dict[str, PartAnswer]:
    """What the vendor's parts with these keys were answered, in the scope of that vendor."""
    named = KeptAnswer.key.in_([_PART + key for key in keys])
    session.execute(delete(KeptAnswer).where(named, KeptAnswer.created_at <= clock.now() - KEPT))
    return {
        row.key.removeprefix(_PART): PartAnswer(
            fingerprint=row.fingerprint,
            status=row.status,
            body=json.loads(secrets.unseal(row.body, _place(row.key))),
        )
        for row in session.scalars(select(KeptAnswer).where(named))
    }


def keep_parts(session: Session, answers: Mapping[str, PartAnswer]) -> None:
    """Remember what parts were answered, by their keys. One transaction at a time has a key."""
    session.add_all(
        KeptAnswer(
            vendor_id=g.vendor_id,
            key=_PART + key,
            fingerprint=answer.fingerprint,
            status=answer.status,
            headers={},
            body=secrets.seal(json.dumps(answer.body).encode(), _place(_PART + key)),
            created_at=clock.now(),
        )
        for key, answer in answers.items()
    )


def require_same(fingerprint: bytes, known: bytes) -> None:
    """422 where a key was used for something else."""
    if fingerprint != known:
        raise Problem(
            422,
            "idempotency_key_reused",
            f"This {HEADER} was used for another request; take a new one for each.",
        )


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
    if not lock_soon(session, _place(key), PATIENCE):
        raise Problem(
            409,
            "idempotency_in_flight",
            f"A request with this {HEADER} is still being worked on; send this one again later.",
        )


def _kept(session: Session, key: str) -> KeptAnswer | None:
    row = session.get(KeptAnswer, (g.vendor_id, key))
    if row is None or row.created_at > clock.now() - KEPT:
        return row
    session.delete(row)
    session.flush()
    return None


def _again(kept: KeptAnswer, fingerprint: bytes) -> Response:
    require_same(fingerprint, kept.fingerprint)
    body = secrets.unseal(kept.body, _place(kept.key))
    response = Response(body, kept.status, kept.headers)
    response.headers[REPLAYED] = "true"
    return response


def _place(key: str) -> str:
    return f"idempotency_keys|{g.vendor_id}|{key}"
