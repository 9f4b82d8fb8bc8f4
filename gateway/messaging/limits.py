"""Meta's limits on what a message may hold: one table, for the checks and the reference page.

Source: the reference of `POST /{phone number id}/messages` and of supported media.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB

_OFFICE: Final = "application/vnd.openxmlformats-officedocument"


@dataclass(frozen=True, kw_only=True)
class FileLimit:
    """Which files a kind of message carries."""

    types: tuple[str, ...]
    most_bytes: int


FILES: Final[Mapping[str, FileLimit]] = {
    "image": FileLimit(types=("image/jpeg", "image/png"), most_bytes=5 * MIB),
    "document": FileLimit(
        types=(
            "application/pdf",
            "application/msword",
            f"{_OFFICE}.wordprocessingml.document",
            "application/vnd.ms-excel",
            f"{_OFFICE}.spreadsheetml.sheet",
            "application/vnd.ms-powerpoint",
            f"{_OFFICE}.presentationml.presentation",
            "text/plain",
        ),
        most_bytes=100 * MIB,
    ),
    "audio": FileLimit(
        types=("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"),
        most_bytes=16 * MIB,
    ),
    "video": FileLimit(types=("video/mp4", "video/3gpp"), most_bytes=16 * MIB),
    "sticker": FileLimit(types=("image/webp",), most_bytes=500 * KIB),
}

LENGTHS: Final[Mapping[str, int]] = {  # the most characters of each text
    "text.body": 4096,
    "caption": 1024,
    "interactive.header": 60,
    "interactive.footer": 60,
    "button.body": 1024,
    "button.id": 256,
    "button.title": 20,
    "list.body": 4096,
    "list.button": 20,
    "section.title": 24,
    "row.id": 200,
    "row.title": 24,
    "row.description": 72,
}
COUNTS: Final[Mapping[str, int]] = {"buttons": 3, "sections": 10, "rows": 10}

REACTION_REACHES: Final = timedelta(days=30)  # back to the message it is for
UPLOADED_MEDIA_LIVES: Final = timedelta(days=30)
RECEIVED_MEDIA_LIVES: Final = timedelta(days=7)  # an id that a webhook brought
