"""Identifiers: UUIDv7 in the database, TypeIDs (`cli_01h…`) everywhere people look."""

import secrets
import time
import uuid
from typing import Any

from sqlalchemy import Dialect, Uuid
from sqlalchemy.exc import DontWrapMixin
from sqlalchemy.types import TypeDecorator

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_VALUES = {letter: value for value, letter in enumerate(_ALPHABET)}
_LENGTH = 26


class InvalidId(ValueError, DontWrapMixin):
    """Not an id of the expected kind; raised as it is, also out of a query's parameters."""


def new_uuid() -> uuid.UUID:
    """A UUIDv7 (RFC 9562): ids sort by the time they were made, to a quarter of a microsecond."""
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    fraction = rest * 4096 // 1_000_000  # the RFC's method 3
    value = milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0x2 << 62 | secrets.randbits(62)
    return uuid.UUID(int=value)


def new_id(prefix: str) -> str:
    return show(prefix, new_uuid())


def show(prefix: str, value: uuid.UUID) -> str:
    """The TypeID of a UUID: `prefix_` and 26 letters of Crockford's base 32."""
    number = value.int
    letters = [_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5)]
    return f"{prefix}_{''.join(letters)}"


def parse(prefix: str, text: str) -> uuid.UUID:
    """The UUID of a TypeID; InvalidId where the text is none of this prefix."""
    head, separator, letters = text.rpartition("_")
    if head != prefix or not separator or len(letters) != _LENGTH or letters[0] > "7":
        raise InvalidId(f"{text!r} is not an id of the form {prefix}_…")
    number = 0
    for letter in letters:
        if letter not in _VALUES:
            raise InvalidId(f"{text!r} is not an id of the form {prefix}_…")
        number = number << 5 | _VALUES[letter]
    return uuid.UUID(int=number)


class TypeId(TypeDecorator[str]):
    """A uuid column that Python sees as a TypeID."""

    impl = Uuid
    cache_ok = True

    def __init__(self, prefix: str) -> None:
        super().__init__()
        self.prefix = prefix

    def process_bind_param(self, value: str | None, dialect: Dialect) -> uuid.UUID | None:
        return None if value is None else parse(self.prefix, value)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else show(self.prefix, value)
