"""A client's own papers as they can be handed in."""

import hashlib
from collections.abc import Collection, Mapping

from sqlalchemy.orm import Session

from gateway.onboarding.step_contract import ClientPapers
from gateway.provisioning.contract import NumberType
from gateway.provisioning.papers_contract import Address, Business, Paper, PaperKind, Submission
from gateway.tenancy import documents
from gateway.tenancy import service as tenancy
from gateway.tenancy.models import Client
from gateway.tenancy.paper_numbers import is_common_identifier
from gateway.tenancy.papers import TITLES, Standing

_NO_ADDRESS = "the client's registered address (`registered_address`)"


def reference_of(client_id: str, country: str, number_type: NumberType, version: str) -> str:
    """Under what they are handed in to a supplier: other papers, another reference."""
    return ":".join((client_id, country, number_type, version))


def client_of(reference: str) -> str:
    """Whose papers were handed in under a reference of ours."""
    return reference.partition(":")[0]


def ready(session: Session, client_id: str, kinds: Collection[PaperKind]) -> ClientPapers:
    """Whether the papers of these kinds can be handed in, and in which version."""
    client, newest = _newest(session, client_id)
    lacking = [] if client.registered_address else [_NO_ADDRESS]
    for kind in sorted(kinds):
        found = newest.get(kind)
        if found is None:
            lacking.append(TITLES[kind])
        elif found.state != "accepted":
            lacking.append(f"{TITLES[kind]} ({found.detail})")
    ids = [found.paper.id for _, found in sorted(newest.items()) if found.state == "accepted"]
    told = repr((client.legal_name or client.name, client.registered_address, ids))
    version = hashlib.sha256(told.encode()).hexdigest()[:12]
    return ClientPapers(lacking=tuple(lacking), version=version)


def submission(
    session: Session,
    client_id: str,
    kinds: Collection[PaperKind],
    *,
    reference: str,
    country: str,
    number_type: NumberType,
) -> Submission:
    """The papers of these kinds with their contents, as they are handed in. They must be ready."""
    client, newest = _newest(session, client_id)
    return Submission(
        reference=reference,
        country=country,
        number_type=number_type,
        business=_business(client, newest),
        papers={
            kind: Paper(
                kind=kind,
                filename=paper.filename,
                content_type=paper.content_type,
                content=documents.read(session, paper),
                number=paper.number,
                issued_on=paper.issued_on,
            )
            for kind in kinds
            for paper in (newest[kind].paper,)
        },
    )


def _business(client: Client, newest: Mapping[str, Standing]) -> Business:
    where = client.registered_address or {}
    register, tax = (newest[kind].paper if kind in newest else None for kind in ("rc", "tax_id"))
    common = tax.number if tax and tax.number and is_common_identifier(tax.number) else None
    return Business(
        name=client.legal_name or client.name,
        address=Address(
            street=where["street"],
            city=where["city"],
            postal_code=where.get("postal_code"),
            region=where.get("region"),
            country=client.country,
        ),
        register_number=(register.number if register else None) or common,
        tax_number=tax.number if tax else None,
    )


def _newest(session: Session, client_id: str) -> tuple[Client, dict[str, Standing]]:
    found = documents.standings(session, client_id)
    papers = {it.paper.kind: it for it in found if it.state != "replaced"}
    papers.pop("logo", None)
    return tenancy.client(session, client_id), papers
