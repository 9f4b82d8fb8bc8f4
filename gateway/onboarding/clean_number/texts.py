"""The shape of the answers, the same in every language."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way to connect the number, step by step."""

    code: str
    title: str
    steps: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a number lives today."""

    code: str
    title: str
    ways: tuple[Way, ...]


@dataclass(frozen=True, kw_only=True)
class Advice:
    """What a code means for the client, and the next step."""

    code: str
    means: str
    do: str


@dataclass(frozen=True, kw_only=True)
class Language:
    """All of it in one language."""

    code: str
    direction: Literal["ltr", "rtl"]
    words: Mapping[str, str]  # headings
    places: Mapping[str, str]
    ways: Mapping[str, tuple[str, tuple[str, ...]]]
    answers: Mapping[str, tuple[str, str]]  # what it means, what to do
    said: Mapping[str, str]  # as Meta's page says it
