"""Files of messages: each client's own, kept once by content. Nothing is fetched from here."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway import blobs, clock, outbox
from gateway.ids import InvalidId
from gateway.messaging import file_types, telling
from gateway.messaging.limits import FILES, MIB
from gateway.messaging.models import Media, Message
from gateway.names import tidy
from gateway.problems import Problem, not_found

FETCH: Final = "messaging.fetch_media"
MISMATCH: Final = "type_mismatch"
SENT: Final = ("image", "document", "audio", "video")  # videos in the headers of templates


def expect(
    session: Session, message: Message, *, provider: str, phone_number_id: str | None
) -> None:
    """A message with a file came in: promise that the file is fetched while it can be had."""
    provider_id = message.content.get("id")
    if message.type not in FILES or not isinstance(provider_id, str) or phone_number_id is None:
        return
    declared = str(message.content.get("mime_type") or file_types.UNKNOWN)
    row = Media(
        client_id=message.client_id,
        kind=message.type,
        declared_type=declared,
        mime_type=declared,
        filename=tidy(str(message.content.get("filename") or "")) or None,
        state="pending",
        provider=provider,
        provider_id=provider_id,
        phone_number_id=phone_number_id,
        created_at=message.created_at,
    )
    session.add(row)
    session.flush()
    message.media_id = row.id
    outbox.put(session, FETCH, row.id, client_id=row.client_id)


def keep(session: Session, row: Media, content: bytes) -> None:
    """The file is here. What it is not, though it was declared so, is noted."""
    found = file_types.sniff(content)
    if not file_types.agrees(row.declared_type, found):
        row.mime_type, row.reason = found, MISMATCH
    row.size, row.sha256 = len(content), blobs.keep(session, row.client_id, content)
    row.state = "stored"
    _tell(session, row, "media_stored")


def add(session: Session, client_id: str, *, filename: str, declared: str, content: bytes) -> Media:
    """A file to be sent: of a kind that some message carries, and small enough for it."""
    found = file_types.kind_of(declared, content)
    if found is None or found[0] not in SENT:
        known = ", ".join(kind for name in SENT for kind in FILES[name].types)
        raise _refused("unsupported_media", f"By its content the file is none of: {known}.")
    kind, mime_type = found
    if len(content) > FILES[kind].most_bytes:
        most = FILES[kind].most_bytes // MIB
        raise _refused("media_too_large", f"As {kind} a file has up to {most} MiB.")
    if mime_type == "audio/ogg" and not file_types.is_mono_opus(content):
        raise _refused("unsupported_media", "WhatsApp takes Ogg with one channel of Opus alone.")
    row = Media(
        client_id=client_id,
        kind=kind,
        declared_type=declared,
        mime_type=mime_type,
        filename=tidy(filename) or None,
        size=len(content),
        sha256=blobs.keep(session, client_id, content),
        state="stored",
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()
    return row


def _refused(code: str, detail: str) -> Problem:
    return Problem(422, code, detail, pointer="/file")


def give_up(session: Session, row: Media, state: str, reason: str) -> None:
    """The file will never come: `expired` or `failed`, and why."""
    row.state, row.reason = state, reason
    _tell(session, row, "media_failed")


def media(session: Session, client_id: str, media_id: str) -> Media:
    try:
        row = session.get(Media, (client_id, media_id))
    except InvalidId:
        row = None
    if row is None:
        raise not_found("file")
    return row


def of(session: Session, messages: Iterable[Message]) -> Mapping[str, Media]:
    """The files of these messages, by id."""
    rows = list(messages)
    ids = {row.media_id for row in rows if row.media_id}
    if not ids:
        return {}
    query = select(Media).where(Media.client_id == rows[0].client_id, Media.id.in_(ids))
    return {row.id: row for row in session.scalars(query)}


def shown(row: Media) -> dict[str, Any]:
    names = ("id", "mime_type", "size", "sha256", "filename", "state", "reason")
    return {name: getattr(row, name) for name in names}


def _tell(session: Session, row: Media, what: str) -> None:
    carriers = select(Message).where(Message.client_id == row.client_id, Message.media_id == row.id)
    for message in session.scalars(carriers):
        telling.of_message(session, message, what, media_id=row.id, reason=row.reason)
