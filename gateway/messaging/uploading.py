"""Hands a file to the platform before a message carries it: once a number, for as long as it lives.

A message whose file is not there yet stays queued: whatever breaks off an upload sends nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway import blobs, clock
from gateway.database import tenant
from gateway.errors import Refused
from gateway.messaging import file_types
from gateway.messaging.contract import MediaCarrier, MessagingProvider, OutgoingFile
from gateway.messaging.limits import UPLOADED_MEDIA_LIVES
from gateway.messaging.models import Media, MediaUpload, Message

AT_ONCE: Final = 4  # each holds a whole file in memory
_MARGIN: Final = timedelta(days=1)  # a message on its way must find it still there


@dataclass(frozen=True, kw_only=True)
class Uploaded:
    """The platform has the file."""

    media_id: str
    phone_number_id: str
    provider_id: str


def known(session: Session, phone_number_id: str, messages: Iterable[Message]) -> Mapping[str, str]:
    """By which ids the platform has the files of these messages for this number."""
    carriers = [message for message in messages if message.media_id]
    if not carriers:
        return {}
    rows = session.execute(
        select(MediaUpload.media_id, MediaUpload.provider_id).where(
            MediaUpload.client_id == carriers[0].client_id,
            MediaUpload.media_id.in_({message.media_id for message in carriers}),
            MediaUpload.phone_number_id == phone_number_id,
            MediaUpload.uploaded_at > clock.now() - UPLOADED_MEDIA_LIVES + _MARGIN,
        )
    )
    return {row.media_id: row.provider_id for row in rows}


def waiting(messages: Iterable[Message], known: Mapping[str, str]) -> set[str]:
    """Which of these messages wait for an upload that an earlier one makes."""
    uploads: set[str] = set()
    found: set[str] = set()
    for message in messages:
        if message.media_id is None or message.media_id in known:
            continue
        if message.media_id in uploads or len(uploads) == AT_ONCE:
            found.add(message.id)
        else:
            uploads.add(message.media_id)
    return found


def upload(
    provider: MessagingProvider, client_id: str, phone_number_id: str, media_id: str
) -> Uploaded:
    """Hand the file over. A ProviderError says what to do; twice does no harm."""
    if not isinstance(provider, MediaCarrier):
        raise Refused("media_not_carried", f"{provider.name} carries no files.")
    with tenant(client_id) as session:
        row = session.get_one(Media, (client_id, media_id))
        file = OutgoingFile(
            content=blobs.read(session, client_id, str(row.sha256)),
            mime_type=file_types.base(row.mime_type),
            filename=row.filename or row.id,
        )
    provider_id = provider.upload_media(phone_number_id, file)
    return Uploaded(media_id=media_id, phone_number_id=phone_number_id, provider_id=provider_id)


def record(session: Session, client_id: str, uploaded: Uploaded) -> None:
    values = {"provider_id": uploaded.provider_id, "uploaded_at": clock.now()}
    key = {"media_id": uploaded.media_id, "phone_number_id": uploaded.phone_number_id}
    session.execute(
        insert(MediaUpload)
        .values(client_id=client_id, **key, **values)
        .on_conflict_do_update(
            index_elements=["client_id", "media_id", "phone_number_id"], set_=values
        )
    )


def forget(session: Session, client_id: str, media_id: str) -> None:
    """The platform refused what carried it: perhaps it no longer has the file."""
    session.execute(
        delete(MediaUpload).where(
            MediaUpload.client_id == client_id, MediaUpload.media_id == media_id
        )
    )


def renamed(content: Any, media_id: str | None, provider_id: str | None) -> Any:
    """The content with the platform's id of the file in place of ours, wherever it stands."""
    if media_id is None:
        return content
    if isinstance(content, Mapping):
        return {
            name: provider_id
            if name == "id" and value == media_id
            else renamed(value, media_id, provider_id)
            for name, value in content.items()
        }
    if isinstance(content, list):
        return [renamed(value, media_id, provider_id) for value in content]
    return content
