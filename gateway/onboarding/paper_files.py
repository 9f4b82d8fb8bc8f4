"""Which files are taken as papers: by their content, and none that does anything when opened."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from werkzeug.datastructures import FileStorage
from werkzeug.utils import secure_filename

from gateway import pictures
from gateway.errors import Refused
from gateway.messaging import file_types
from gateway.problems import Problem

TYPES: Final = ("application/pdf", "image/png", "image/jpeg")
_PDF: Final = TYPES[0]
_ACTIVE: Final = (
    b"JavaScript", b"Launch", b"EmbeddedFile", b"EmbeddedFiles", b"RichMedia", b"XFA",
    b"SubmitForm", b"ImportData", b"GoToR", b"GoToE", b"Movie", b"Sound",
)  # fmt: skip
_ACTS: Final = re.compile(rb"/(" + b"|".join(_ACTIVE) + rb")(?![A-Za-z0-9])")
_ESCAPED: Final = re.compile(rb"#([0-9a-fA-F]{2})")
_STREAM: Final = re.compile(rb"\bstream\r?\n")
_DICTIONARY: Final = 2048  # how far before its stream an object's dictionary is looked for
_LARGEST: Final = 32 * 1024 * 1024  # of what object streams unpack to, together
_AFTER_END: Final = b"\x00 \t\r\n\f"


@dataclass(frozen=True, kw_only=True)
class Taken:
    """An uploaded file that may be kept."""

    filename: str
    content_type: str
    content: bytes


def taken(upload: FileStorage | None, kind: str) -> Taken:
    """An upload as a paper or logo of this kind; 422 where it is none."""
    if upload is None or not upload.filename:
        raise Problem(422, "invalid_request", "Send the paper as `file`.", pointer="/file")
    content = upload.read()
    judge = picture_type_of if kind == "logo" else type_of
    return Taken(
        filename=secure_filename(upload.filename) or "unnamed",
        content_type=judge(content),
        content=content,
    )


def type_of(content: bytes) -> str:
    """The media type of a paper; 422 where the file is none, or may be run."""
    found = file_types.sniff(content)
    if found not in TYPES or (found == _PDF and not content.startswith(b"%PDF-")):
        raise _refused("unsupported_document", "The file is no PDF, PNG or JPEG, whatever its name"
                       " says.")  # fmt: skip
    if zipfile.is_zipfile(io.BytesIO(content)):
        raise _refused("document_active", "The file is an archive or a program as well.")
    if found == _PDF:
        _require_passive(content)
    return found


def picture_type_of(content: bytes) -> str:
    """The media type of a logo; 422 where the file is no picture we can read."""
    try:
        return pictures.content_type(content)
    except Refused as refused:
        raise Problem(422, refused.code, refused.detail, pointer="/file") from refused


def _require_passive(content: bytes) -> None:
    _, ended, rest = content.rpartition(b"%%EOF")
    if ended and rest.strip(_AFTER_END):
        raise _refused("document_active", "The PDF goes on after its end: it is two files in one.")
    for part in (content, *_object_streams(content)):
        acts = _ACTS.search(_plain(part))
        if acts:
            name = acts[1].decode()
            raise _refused("document_active", f"The PDF holds {name}: print it to a plain PDF.")


def _object_streams(content: bytes) -> Iterator[bytes]:
    """What is packed into object streams, where a viewer finds actions as well as outside."""
    if b"/Encrypt" in _plain(content):
        raise _unreadable()
    room = _LARGEST
    for start in _STREAM.finditer(content):
        before = content[max(0, start.start() - _DICTIONARY) : start.start()]
        dictionary = _plain(before[before.rfind(b"obj") + 3 :] if b"obj" in before else before)
        if b"/ObjStm" not in dictionary:
            continue
        if b"/FlateDecode" not in dictionary or b"/DecodeParms" in dictionary:
            raise _unreadable()
        try:
            unpacked = zlib.decompressobj().decompress(content[start.end() :], room)
        except zlib.error:
            raise _unreadable() from None
        room -= len(unpacked)
        if room <= 0:
            raise _unreadable()
        yield unpacked


def _plain(part: bytes) -> bytes:
    """With names as they are meant: any letter of one may be written as `#` and its code."""
    return _ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), part)


def _unreadable() -> Problem:
    return _refused(
        "document_unreadable",
        "The PDF is encrypted or packed so that nobody can look into it: print it to a plain PDF.",
    )


def _refused(code: str, detail: str) -> Problem:
    return Problem(422, code, detail, pointer="/file")
