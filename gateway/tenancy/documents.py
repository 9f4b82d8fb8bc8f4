"""A client's papers and logos: kept for ever, the newest of each kind counts."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway import blobs, clock, outbox
from gateway.audit import service as audit
from gateway.ids import InvalidId
from gateway.problems import Problem, not_found
from gateway.tenancy import papers, service
from gateway.tenancy.models import Document
from gateway.tenancy.paper_numbers import checked
from gateway.tenancy.papers import Standing


def add(
    session: Session,
    client_id: str,
    *,
    kind: str,
    filename: str,
    content_type: str,
    content: bytes,
    says: Mapping[str, Any],
) -> Standing:
    """Keep a paper or the logo; a new logo is put on the lines. `says` is what stands on it."""
    told = _judged(kind, says, service.client(session, client_id).country)
    row = Document(
        client_id=client_id,
        kind=kind,
        filename=filename,
        content_type=content_type,
        sha256=blobs.keep(session, client_id, content),
        size=len(content),
        created_at=clock.now(),
        **told,
    )
    session.add(row)
    session.flush()
    audit.record(session, client_id, "document.added", row.id, kind=kind)
    promised = service.REBRAND if kind == "logo" else service.PAPERS_CHANGED
    outbox.put(session, promised, client_id, client_id=client_id)
    return standing(session, client_id, row.id)


def confirm(
    session: Session, client_id: str, document_id: str, *, seen: str | None = None
) -> Standing:
    """A person saw that the bill's address is the registered one, whatever the comparison says.

    `seen`: the registered address as that person saw it, where it may have changed meanwhile.
    """
    service.client(session, client_id, lock=True)  # the address stays what the person saw
    found = standing(session, client_id, document_id)
    if found.state == "accepted" and found.paper.confirmation:
        return found
    if found.state != "to_confirm" or found.comparison is None:
        raise Problem(
            409,
            "nothing_to_confirm",
            found.detail or f"{found.paper.kind} in state {found.state} needs no confirmation.",
            extra={"state": found.state},
        )
    if seen is not None and seen != found.comparison.registered:
        raise Problem(
            409, "nothing_to_confirm", "The registered address was changed meanwhile: look again."
        )
    by = audit.actor()
    found.paper.confirmation = {
        "at": clock.now().isoformat(),
        "by": by,
        "registered": found.comparison.registered,
    }
    audit.record(
        session,
        client_id,
        "document.confirmed",
        document_id,
        registered=found.comparison.registered,
        on_paper=found.comparison.on_paper,
        verdict=found.comparison.verdict,
    )
    outbox.put(session, service.PAPERS_CHANGED, client_id, client_id=client_id)
    return standing(session, client_id, document_id)


def standings(session: Session, client_id: str) -> list[Standing]:
    """Every paper and logo there ever was, oldest first."""
    rows = session.scalars(
        select(Document).where(Document.client_id == client_id).order_by(Document.id)
    )
    client = service.client(session, client_id)
    return papers.standings(rows, client, clock.now().date())


def standing(session: Session, client_id: str, document_id: str) -> Standing:
    try:
        row = session.get(Document, (client_id, document_id))
    except InvalidId:
        row = None
    if row is None:
        raise not_found("document")
    return next(it for it in standings(session, client_id) if it.paper.id == row.id)


def read(session: Session, paper: Document) -> bytes:
    return blobs.read(session, paper.client_id, paper.sha256)


def _judged(kind: str, says: Mapping[str, Any], country: str) -> dict[str, Any]:
    """The same, its number in one form. 422 where it cannot stand on a paper that counts."""
    told = dict(says)
    if told.get("number"):
        try:
            told["number"] = checked(kind, told["number"], country)
        except ValueError as wrong:
            raise Problem(422, "paper_number_invalid", str(wrong), pointer="/number") from None
    today, issued = clock.now().date(), told.get("issued_on")
    if issued and issued > today:
        raise Problem(
            422, "paper_of_the_future", f"Today is {today}: no paper of {issued} can be here.",
            pointer="/issued_on",
        )  # fmt: skip
    until = papers.expiry(kind, issued, told.get("expires_on"))
    if until and until < today:
        pointer = "/expires_on" if until == told.get("expires_on") else "/issued_on"
        raise Problem(
            422,
            "paper_expired",
            f"It counted until {until}; a bill counts for {papers.BILL_MONTHS} months. Upload a"
            " newer one.",
            pointer=pointer,
        )
    return told
