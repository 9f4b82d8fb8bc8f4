"""Many conversations opened by one request: each judged by itself, all in one transaction.

Few batches work at the same time, those of one vendor one after the other: so no two wait for each
other, nobody's key is used twice at once, and the database has room for the locks of all.
"""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from flask import g
from marshmallow import ValidationError
from sqlalchemy.orm import Session

from gateway import idempotency, outbox
from gateway.api import (
    client_scope,
    problem_body,
    require_storable,
    vendor_scope,
    wrong,
)
from gateway.database import held, lock_soon
from gateway.idempotency import PartAnswer
from gateway.ids import InvalidId
from gateway.messaging import present, service
from gateway.messaging.batch_schemas import BatchEntryRequest
from gateway.messaging.schemas import ConversationShown, opening
from gateway.messaging.service import Opening
from gateway.problems import Problem, not_found

AT_ONCE: Final = 2
_SHOWN: Final = ConversationShown()


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An entry of a batch: what it asks for, or why it asks for nothing that there is."""

    key: str | None
    fingerprint: bytes
    asked: Opening | Problem


def open_all(client_id: str, given: Sequence[Any]) -> list[dict[str, Any]]:
    """What became of each entry, in order, as a `BatchResultShown`."""
    schema = BatchEntryRequest()
    entries = [_entry(schema, one) for one in given]
    with vendor_scope() as session:
        _take_turn(session)
        answers = idempotency.parts_answered(session, [it.key for it in entries if it.key])
    known = set(answers)
    with client_scope(client_id) as session, held(session), outbox.gathered(session):
        service.expect(session, client_id, _new(entries, answers))
        told = [
            {"index": index, **_told(session, client_id, entry, answers)}
            for index, entry in enumerate(entries)
        ]
    with vendor_scope() as session:
        fresh = {key: answer for key, answer in answers.items() if key not in known}
        idempotency.keep_parts(session, fresh)
    return told


def _take_turn(session: Session) -> None:
    turn = zlib.crc32(g.vendor_id.encode()) % AT_ONCE
    if not lock_soon(session, f"batches|{turn}", idempotency.PATIENCE):
        raise Problem(
            429, "batches_in_flight", "Other batches are still being worked on; send this later."
        )


def _entry(schema: BatchEntryRequest, given: Any) -> Entry:
    try:
        require_storable(given)
        fingerprint = idempotency.part_fingerprint(given)
    except Problem as problem:
        return Entry(key=None, fingerprint=b"", asked=problem)
    return Entry(key=_key(given), fingerprint=fingerprint, asked=_asked(schema, given))


def _key(given: Any) -> str | None:
    key = given.get("idempotency_key") if isinstance(given, dict) else None
    return key if isinstance(key, str) else None


def _asked(schema: BatchEntryRequest, given: Any) -> Opening | Problem:
    try:
        return opening(schema.load(given))
    except ValidationError as error:
        return wrong(error.messages)


def _told(
    session: Session, client_id: str, entry: Entry, answers: dict[str, PartAnswer]
) -> dict[str, Any]:
    """Open what the entry asks for, unless its key was answered before; note the answer."""
    try:
        if entry.key in answers:
            earlier = answers[entry.key]
            idempotency.require_same(entry.fingerprint, earlier.fingerprint)
            return {"status": earlier.status, "replayed": True, "conversation": earlier.body}
        if isinstance(entry.asked, Problem):
            raise entry.asked
        with _whole(session):
            row, is_new = service.open_conversation(session, client_id, entry.asked)
            shown = _SHOWN.dump(present.conversation(session, row))
    except Problem as problem:
        return {"status": problem.status, "replayed": False, "error": problem_body(problem)}
    status = 201 if is_new else 200
    if entry.key:
        answers[entry.key] = PartAnswer(fingerprint=entry.fingerprint, status=status, body=shown)
    return {"status": status, "replayed": False, "conversation": shown}


@contextmanager
def _whole(session: Session) -> Iterator[None]:
    """All that happens inside, or nothing of it."""
    try:
        with outbox.gathered(session), session.begin_nested():
            yield
    except InvalidId:
        raise not_found("object") from None


def _new(entries: Sequence[Entry], answers: Mapping[str, PartAnswer]) -> Iterator[Opening]:
    for entry in entries:
        if entry.key not in answers and isinstance(entry.asked, Opening):
            yield entry.asked
