"""The address of a line's sign-up page, good for whoever holds it until a day is past.

It is signed, not stored, so that the API can show it again and again. It opens one line's sign-up
and nothing else, and is worth nothing once the line is connected: a link that ended when it is
first looked at would be used up by whatever scans a mail for its reader.
"""

import base64
import hmac
import struct
import uuid
from datetime import timedelta
from typing import Final

from flask import current_app

from gateway import clock
from gateway.ids import parse, show

PATH: Final = "/signup"
LIFETIME: Final = timedelta(days=7)
_DAY: Final = 86_400
_FORM: Final = struct.Struct(">16s16sI")
_SIGNATURE: Final = 16


def url(client_id: str, line_id: str) -> str:
    """The page's address; the same for a whole day."""
    public_url = current_app.extensions["settings"].web.public_url
    return f"{public_url}{PATH}/{token(client_id, line_id)}"


def token(client_id: str, line_id: str) -> str:
    last_day = int((clock.now() + LIFETIME).timestamp()) // _DAY
    ids = parse("cli", client_id).bytes, parse("line", line_id).bytes
    return _text(_signed(_FORM.pack(*ids, last_day)))


def read(token: str) -> tuple[str, str] | None:
    """The client and the line that a token is for; None where it is none of ours, or too old."""
    try:
        signed = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        return None
    body = signed[:-_SIGNATURE]
    if len(body) != _FORM.size or not hmac.compare_digest(signed, _signed(body)):
        return None
    if token != _text(signed):  # the last letter has bits to spare
        return None
    client, line, last_day = _FORM.unpack(body)
    if clock.now().timestamp() // _DAY > last_day:
        return None
    return show("cli", uuid.UUID(bytes=client)), show("line", uuid.UUID(bytes=line))


def _signed(body: bytes) -> bytes:
    platform_key = base64.b64decode(current_app.extensions["settings"].secrets.key)
    key = hmac.digest(platform_key, b"gateway sign-up links", "sha256")
    return body + hmac.digest(key, body, "sha256")[:_SIGNATURE]


def _text(signed: bytes) -> str:
    return base64.urlsafe_b64encode(signed).rstrip(b"=").decode()
