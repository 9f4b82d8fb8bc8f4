"""What a file is, by its content. Pure; what a name or a sender says of it is only compared."""

import io
import re
import zipfile
from collections.abc import Mapping
from typing import Final

from PIL import Image

from gateway.messaging.limits import FILES

UNKNOWN: Final = "application/octet-stream"
HTML: Final = "text/html"
PROGRAM: Final = "application/x-executable"
ZIP: Final = "application/zip"
_OLE: Final = "application/x-ole-storage"
_OFFICE: Final = "application/vnd.openxmlformats-officedocument"
_HEAD: Final = 1024
_TEXT: Final = 65536
_BLANKS: Final = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n\f"
_PROGRAMS: Final = (
    b"MZ",
    b"\x7fELF",
    b"\xca\xfe\xba\xbe",
    b"\xcf\xfa\xed\xfe",
    b"\xce\xfa\xed\xfe",
    b"\xfe\xed\xfa",
    b"dex\n",
    b"#!",
)
_MARKUP: Final = re.compile(
    rb"<(!doctype|!--|\?xml|html|head|body|script|iframe|svg|title|style|table|div|img|a|p|b|h1)\b"
    rb"|<(!--|\?)",
    re.IGNORECASE,
)
_IMAGES: Final = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "WEBP": "image/webp",
    "GIF": "image/gif",
}
_BOMBS: Final = (Image.DecompressionBombError, Image.DecompressionBombWarning)
_OFFICE_FOLDERS: Final = {
    "word/": f"{_OFFICE}.wordprocessingml.document",
    "xl/": f"{_OFFICE}.spreadsheetml.sheet",
    "ppt/": f"{_OFFICE}.presentationml.presentation",
}
_CONTROLS: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")

# Which forms the content of a declared type may have, for types whose form we know.
_FORMS: Final[Mapping[str, tuple[str, ...]]] = {
    **{kind: (kind,) for limit in FILES.values() for kind in limit.types},
    **dict.fromkeys(
        ("application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"), (_OLE,)
    ),
    "audio/mp4": ("audio/mp4", "video/mp4"),
    "audio/aac": ("audio/aac", "audio/mp4", "video/mp4"),
    "video/3gpp": ("video/3gpp", "video/mp4"),
    "image/gif": ("image/gif",),
}
_SAME: Final = {
    "image/jpg": "image/jpeg",
    "audio/mp3": "audio/mpeg",
    "audio/m4a": "audio/mp4",
    "audio/x-m4a": "audio/mp4",
    "audio/opus": "audio/ogg",
}
# Content of these forms can be of many types that nobody can tell apart.
_MANY: Final = (ZIP, UNKNOWN, "text/plain")


def base(declared: str) -> str:
    """A media type without its parameters, by its usual name."""
    name = declared.partition(";")[0].strip().lower()
    return _SAME.get(name, name)


def sniff(content: bytes) -> str:
    """The media type of this content; UNKNOWN where it shows none."""
    head = content[:_HEAD]
    if head.startswith(b"#!AMR"):
        return "audio/amr"
    if head.startswith(_PROGRAMS):
        return PROGRAM
    if head.startswith(b"PK\x03\x04"):
        return _in_zip(content)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _OLE
    if head.startswith(b"OggS"):
        return "audio/ogg" if b"OpusHead" in head else "application/ogg"
    if head[4:8] == b"ftyp":
        return _in_mp4(head[8:12])
    if head.startswith(b"ID3"):
        return "audio/mpeg"
    if head[:1] == b"\xff" and len(head) > 1 and head[1] & 0xE0 == 0xE0 and head[:2] != b"\xff\xfe":
        return _in_frames(head[1])
    return _image(content) or _words(content, head)


def agrees(declared: str, found: str) -> bool:
    """Whether content of this form can be of the declared type."""
    forms = _FORMS.get(base(declared))
    if forms is not None:
        return found in forms
    return found in _MANY or found == base(declared)


def kind_of(declared: str, content: bytes) -> tuple[str, str] | None:
    """The kind of message that carries a file, and the file's type; None where none does."""
    found, said = sniff(content), base(declared)
    # Only the sender knows a sound from a film in one container, or which Office wrote it.
    kind = said if said in _FORMS and found in _FORMS[said] else found
    return next(((name, kind) for name, limit in FILES.items() if kind in limit.types), None)


def is_mono_opus(content: bytes) -> bool:
    """Meta carries Opus with one channel alone: the byte after the version in its header."""
    start = content.find(b"OpusHead", 0, _HEAD)
    return start >= 0 and content[start + 9 : start + 10] == b"\x01"


def _in_zip(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return UNKNOWN
    if "[Content_Types].xml" not in names or any(name.endswith("vbaProject.bin") for name in names):
        return ZIP
    for folder, kind in _OFFICE_FOLDERS.items():
        if any(name.startswith(folder) for name in names):
            return kind
    return ZIP


def _in_mp4(brand: bytes) -> str:
    if brand[:3] == b"M4A":
        return "audio/mp4"
    if brand[:2] == b"3g":
        return "video/3gpp"
    if brand in (b"heic", b"heix", b"mif1", b"avif", b"crx "):
        return "image/heic"
    return "video/quicktime" if brand == b"qt  " else "video/mp4"


def _in_frames(second: int) -> str:
    """MPEG audio: the layer's two bits are 00 in AAC's own framing."""
    if second & 0xF6 == 0xF0:
        return "audio/aac"
    return "audio/mpeg" if second & 0x06 == 0x02 else UNKNOWN


def _image(content: bytes) -> str | None:
    """Nothing is decoded: the header alone is read."""
    try:
        with Image.open(io.BytesIO(content), formats=tuple(_IMAGES)) as image:
            return _IMAGES[str(image.format)]
    except (OSError, ValueError, SyntaxError, *_BOMBS):
        return None


def _words(content: bytes, head: bytes) -> str:
    start = head.lstrip(_BLANKS)
    if start.startswith(b"%PDF-"):
        return "application/pdf"
    if _MARKUP.match(start.replace(b"\x00", b"")):
        return HTML
    return "text/plain" if content and not _CONTROLS.search(content[:_TEXT]) else UNKNOWN
