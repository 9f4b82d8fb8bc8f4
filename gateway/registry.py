"""A name and what goes by it. Unknown and duplicate names are errors that name both sides."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Generic, TypeVar

from gateway.problems import Mistake

T = TypeVar("T")


class StartupError(Mistake):
    """The gateway cannot start like this: a sentence that names both sides and what to change."""


class UnknownNameError(LookupError):
    """Nothing goes by this name; the sentence lists what does."""

    def __str__(self) -> str:
        return str(self.args[0])


class Registry(Generic[T]):
    """Names and their values in the order of registration; iterating gives the values."""

    def __init__(self, what: str) -> None:
        self.what = what
        self._values: dict[str, T] = {}
        self._sources: dict[str, str] = {}

    def add(self, name: str, value: T, source: str) -> None:
        """Register a value. StartupError if the name is taken; `source` says by whom."""
        if name in self._values:
            raise StartupError(
                f"Two {self.what}s are called {name!r}, one from {self._sources[name]} and one "
                f"from {source}; take one of the two plugins off the list."
            )
        self._values[name] = value
        self._sources[name] = source

    def get(self, name: str) -> T:
        """The value of this name. UnknownNameError lists the names there are."""
        if name not in self._values:
            raise UnknownNameError(
                f"No {self.what} is called {name!r}; known: {listed(self._values)}."
            )
        return self._values[name]

    def names(self) -> list[str]:
        return list(self._values)

    def __iter__(self) -> Iterator[T]:
        return iter(self._values.values())


def listed(names: "dict[str, T] | list[str]") -> str:
    """Names for a sentence, sorted; `none` where there are none."""
    return ", ".join(sorted(names)) or "none"


def did_you_mean(word: str, known: "dict[str, T] | list[str]") -> str:
    """The end of a sentence that offers the nearest known word; empty where none is near."""
    near = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else ""
