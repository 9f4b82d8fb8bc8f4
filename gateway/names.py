"""Names of people and companies: kept as they are written, made safe to show beside other words."""

import re
import unicodedata
from typing import Any, Final

from marshmallow import ValidationError, fields

MOST: Final = 200
_FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\u2068", "\u2069"
# Joiners belong to some scripts; every other invisible format character can only mislead.
_JOINERS: Final = "\u200c\u200d"
_RIGHT_TO_LEFT: Final = ("R", "AL")


class Name(fields.String):
    """A name: NFC, white space collapsed, diacritics and every script kept.

    Control characters and what overrides the direction of text are refused.
    """

    def __init__(self, **options: Any) -> None:
        shown = {"minLength": 1, "maxLength": MOST, "pattern": r"\S", **options.pop("metadata", {})}
        super().__init__(metadata=shown, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = _collapsed(super()._deserialize(value, attr, data, **kwargs))
        if not any(unicodedata.category(letter)[0] in "LNS" for letter in text):
            raise ValidationError("Must not be blank.")
        if len(text) > MOST:
            raise ValidationError(f"Longer than maximum length {MOST}.")
        if any(map(_is_harmful, text)):
            raise ValidationError(
                "Must not hold control characters or marks that turn the direction of text."
            )
        return text


def tidy(text: str) -> str:
    """A name that somebody else chose: what a `Name` refuses is left out. May be empty."""
    return _collapsed("".join(letter for letter in _collapsed(text) if not _is_harmful(letter)))[
        :MOST
    ]


def beside(name: str, words: str) -> str:
    """A name as it goes into these words: isolated where it runs in the other direction."""
    if _runs_right_to_left(name) == _runs_right_to_left(words):
        return name
    return f"{_FIRST_STRONG_ISOLATE}{name}{_POP_ISOLATE}"


def _collapsed(text: str) -> str:
    return re.sub(r"[^\S\n\r\t\v\f]+", " ", unicodedata.normalize("NFC", text)).strip(" ")


def _is_harmful(letter: str) -> bool:
    return unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp") and letter not in _JOINERS


def _runs_right_to_left(text: str) -> bool:
    """By the first letter that has a direction, as a phone decides it."""
    for letter in text:
        direction = unicodedata.bidirectional(letter)
        if direction in ("L", *_RIGHT_TO_LEFT):
            return direction in _RIGHT_TO_LEFT
    return False
