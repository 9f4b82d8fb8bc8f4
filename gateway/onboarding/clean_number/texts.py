"""The shape of the answers, the same in every language."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
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


def unbroken(text: str) -> str:
    """French sets a space before some signs, at which no line may break."""
    return re.sub(r" (?=[;:?!»])|(?<=«) ", "\u00a0", text)


def with_unbroken_signs(spoken: Language) -> Language:
    return replace(
        spoken,
        words=_unbroken(spoken.words),
        places=_unbroken(spoken.places),
        ways={
            code: (unbroken(title), tuple(unbroken(step) for step in steps))
            for code, (title, steps) in spoken.ways.items()
        },
        answers={
            code: (unbroken(means), unbroken(do)) for code, (means, do) in spoken.answers.items()
        },
        said=_unbroken(spoken.said),
    )


def _unbroken(texts: Mapping[str, str]) -> Mapping[str, str]:
    return {name: unbroken(text) for name, text in texts.items()}
