"""How a client's paper stands on a day: whether it counts, why not, and who must act. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from gateway.errors import Actor
from gateway.tenancy import addresses
from gateway.tenancy.addresses import Comparison
from gateway.tenancy.models import Client, Document

PAPER_KINDS: Final = ("rc", "tax_id", "utility_bill")
DOCUMENT_KINDS: Final = (*PAPER_KINDS, "logo")
TITLES: Final = {
    "rc": "the trade register extract (RC)",
    "tax_id": "the tax certificate (ICE or IF)",
    "utility_bill": "a utility bill",
    "logo": "the logo",
}
PAPER_STATES: Final = ("accepted", "to_confirm", "incomplete", "expired", "replaced")
BILL_MONTHS: Final = 3

_TOLD: Final = {
    "rc": ("number", "court"),
    "tax_id": ("number",),
    "utility_bill": ("issued_on", "address"),
}


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A paper with how it stands. Only `accepted` counts."""

    paper: Document
    state: Literal["accepted", "to_confirm", "incomplete", "expired", "replaced"]
    detail: str | None
    who: Actor | None
    comparison: Comparison | None


def standings(papers: Iterable[Document], client: Client, today: date) -> list[Standing]:
    """Each paper, oldest first; of each kind the newest is judged, the others are history."""
    found = list(papers)
    newest = {paper.kind: paper.id for paper in found}
    return [_standing(paper, client, today, newest[paper.kind] == paper.id) for paper in found]


def written(address: Mapping[str, str]) -> str:
    """A registered address in one line."""
    town = f"{address.get('postal_code', '')} {address['city']}".strip()
    return ", ".join(filter(None, (address["street"], town, address.get("region"))))


def expiry(kind: str, issued_on: date | None, expires_on: date | None) -> date | None:
    """The last day on which a paper counts; None where it names none."""
    aged = _months_after(issued_on, BILL_MONTHS) if kind == "utility_bill" and issued_on else None
    days = [day for day in (aged, expires_on) if day]
    return min(days) if days else None


def _standing(paper: Document, client: Client, today: date, is_newest: bool) -> Standing:
    comparison = None
    if paper.address and client.registered_address:
        comparison = addresses.compare(written(client.registered_address), paper.address)
    state, detail = ("replaced", None)
    if is_newest:
        state, detail = _judged(paper, client, today)
    return Standing(
        paper=paper,
        state=state,  # type: ignore[arg-type]
        detail=detail,
        who="client" if detail else None,
        comparison=comparison,
    )


def _judged(paper: Document, client: Client, today: date) -> tuple[str, str | None]:
    until = expiry(paper.kind, paper.issued_on, paper.expires_on)
    if until and until < today:
        return "expired", f"It counted until {until}: upload a newer one."
    wanted = _TOLD.get(paper.kind, ())
    if client.country != "MA":
        wanted = tuple(name for name in wanted if name != "court")
    untold = [name for name in wanted if not getattr(paper, name)]
    if untold:
        return "incomplete", f"Upload it again with its {' and '.join(untold)}."
    if paper.kind != "utility_bill":
        return "accepted", None
    if not client.registered_address:
        return "to_confirm", "Give the client's registered_address, to which it is compared."
    confirmed = (paper.confirmation or {}).get("registered")
    if confirmed != written(client.registered_address):
        return "to_confirm", "A person compares its address with the registered one and confirms."
    return "accepted", None


def _months_after(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")
