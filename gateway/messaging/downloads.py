"""A file as an HTTP answer that no browser runs, whatever its sender called it."""

import io
from typing import Final

from flask import Response, send_file
from sqlalchemy.orm import Session

from gateway import blobs
from gateway.messaging import file_types
from gateway.messaging.limits import FILES
from gateway.messaging.media import MISMATCH
from gateway.messaging.models import Media
from gateway.problems import Problem

SHOWN: Final = ("image", "sticker", "audio", "video")
_KNOWN: Final = {kind for limit in FILES.values() for kind in limit.types} | {"image/gif"}
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-cache",
}


def is_shown(row: Media) -> bool:
    """Whether a page may show it in place; anything else is for downloading."""
    return row.state == "stored" and row.kind in SHOWN and _type(row) != file_types.UNKNOWN


def answer(session: Session, row: Media) -> Response:
    """The file, or the part of it that was asked for."""
    if row.state == "pending":
        raise Problem(409, "media_pending", "The file is being fetched; ask again in a moment.")
    if row.state != "stored":
        code = "media_expired" if row.state == "expired" else "media_failed"
        raise Problem(409, code, "The file cannot be had; ask the candidate to send it again.")
    content = blobs.read(session, row.client_id, str(row.sha256))
    name, sha256 = row.filename or row.id, str(row.sha256)
    return attached(content, _type(row), name, sha256, in_place=is_shown(row))


def attached(
    content: bytes, kind: str, name: str, sha256: str, *, in_place: bool = False
) -> Response:
    """A file for downloading, or for a page to show in place."""
    response = send_file(
        io.BytesIO(content),
        mimetype=kind,
        as_attachment=not in_place,
        download_name=name,
        etag=sha256,
        conditional=True,
    )
    response.headers.update(_HEADERS)
    return response


def _type(row: Media) -> str:
    """Its own type only where its content was seen to be of that type, and none that runs."""
    kind = file_types.base(row.mime_type)
    return kind if kind in _KNOWN and row.reason != MISMATCH else file_types.UNKNOWN
