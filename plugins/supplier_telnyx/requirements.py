"""What Telnyx asks for, and which of a client's papers says it.

Assumed: Telnyx names each requirement in words of its own, by country; what it is about is told by
those words. What no word here fits is for an operator to see to.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.plugin_api import Actor, PaperKind, PaperRequirement, Refused, Submission

_Said = Callable[[Submission], str | None]

_DOCUMENTS: Final[Sequence[tuple[str, PaperKind]]] = (
    (r"address|utility bill", "utility_bill"),
    (r"\btax|\bvat\b|fiscal", "tax_id"),
    (r"regist|incorporation|commercial", "rc"),
)
_TEXTS: Final[Sequence[tuple[str, PaperKind | None, _Said]]] = (
    (r"\btax|\bvat\b|fiscal", "tax_id", lambda it: it.business.tax_number),
    (r"(regist\w*|company) (number|id)", "rc", lambda it: it.business.register_number),
    (r"(company|business|customer|end.user) name", None, lambda it: it.business.name),
)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One requirement. `said` is its value where it is a text; None where it is a resource."""

    requirement_id: str
    title: str
    type: str  # textual, address, document
    kind: PaperKind | None = None
    said: _Said | None = None

    @property
    def is_known(self) -> bool:
        return self.type == "address" or self.kind is not None or self.said is not None

    def who(self, *, asks_clients: bool) -> Actor:
        return "client" if asks_clients and self.is_known else "operator"


def asked(requirements: Sequence[Mapping[str, Any]]) -> Iterator[Asked]:
    """What numbers of a country and a type want, each once."""
    seen = set()
    for requirement in requirements:
        for wanted in requirement["requirements_types"]:
            if wanted["id"] not in seen:
                seen.add(wanted["id"])
                yield _read(wanted)


def shown(wanted: Asked, *, asks_clients: bool) -> PaperRequirement:
    return PaperRequirement(
        name=wanted.requirement_id,
        title=wanted.title,
        who=wanted.who(asks_clients=asks_clients),
        kind=wanted.kind,
    )


def check_complete(wanted: Sequence[Asked], submission: Submission) -> None:
    """Refused `papers_missing` where something that is asked for has not been given."""
    for one in wanted:
        if one.said is not None:
            given = bool(one.said(submission))
        else:
            given = one.type == "address" or one.kind in submission.papers
        if not given:
            raise Refused(
                "papers_missing",
                f"Telnyx asks for this as well: {one.title}.",
                who=one.who(asks_clients=True),
            )


def _read(wanted: Mapping[str, Any]) -> Asked:
    title, type_ = wanted["name"], wanted["type"]
    kind, said = None, None
    if type_ == "document":
        kind = next((it for words, it in _DOCUMENTS if _has(words, title)), None)
    elif type_ == "textual":
        fits = (it for it in _TEXTS if _has(it[0], title))
        _, kind, said = next(fits, (None, None, None))
    return Asked(requirement_id=wanted["id"], title=title, type=type_, kind=kind, said=said)


def _has(words: str, title: str) -> bool:
    return re.search(words, title, re.IGNORECASE) is not None
