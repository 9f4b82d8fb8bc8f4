"""Vendors, clients and recruiters: decide and record."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gateway import blobs, clock, outbox
from gateway.audit import service as audit
from gateway.database import platform, tenant, vendor
from gateway.events import service as events
from gateway.ids import InvalidId, new_id, show
from gateway.problems import Problem, not_found
from gateway.tenancy import house, logo_urls
from gateway.tenancy.models import Client, Document, Recruiter, Vendor
from gateway.tenancy.quiet_hours import timezone_of

REBRAND: Final = "onboarding.rebrand"
"""The job that gives a client's lines its new face."""

PAPERS_CHANGED: Final = "onboarding.papers"
"""What is promised whenever a client's papers stand otherwise than before."""
_PAPERS_NAME: Final = frozenset(("name", "legal_name", "country", "registered_address"))
_DEFAULT_LANGUAGE: Final = {"MA": "fr", "FR": "fr", "DZ": "fr", "TN": "fr"}


def create_vendor(name: str) -> str:
    """A new vendor's id."""
    with platform() as session:
        row = Vendor(name=name, created_at=clock.now())
        session.add(row)
    return row.id


def vendors() -> list[Vendor]:
    with platform() as session:
        query = select(Vendor).where(Vendor.id != house.VENDOR).order_by(Vendor.id)
        return list(session.scalars(query))


def create_client(vendor_id: str, values: Mapping[str, Any]) -> Client:
    """A new client of this vendor's."""
    with vendor(vendor_id) as session:
        return add_client(session, vendor_id, values)


def add_client(session: Session, vendor_id: str, values: Mapping[str, Any]) -> Client:
    """A new client of the vendor whose scope is open; the transaction goes on in the client's.

    `country` decides its language where none is given.
    """
    if values.get("logo_url"):
        logo_urls.check(values["logo_url"])
    client_id = new_id("cli")
    language = values.get("default_language") or _DEFAULT_LANGUAGE.get(values["country"], "en")
    row = Client(
        **{**_timed(values, values["country"]), "default_language": language},
        client_id=client_id,
        vendor_id=vendor_id,
        created_at=clock.now(),
    )
    session.add(row)
    with tenant(client_id, within=session):
        audit.record(session, client_id, "client.created", client_id, name=row.name)
        logo_urls.given(session, row)
    return row


def clients(vendor_id: str) -> list[Client]:
    with vendor(vendor_id) as session:
        return list(session.scalars(select(Client).order_by(Client.client_id)))


def clients_after(vendor_id: str, after: int | None, limit: int) -> list[Client]:
    """At most so many of the vendor's clients, in the order of their ids as numbers."""
    query = select(Client).order_by(Client.client_id).limit(limit)
    if after is not None:
        query = query.where(Client.client_id > show("cli", UUID(int=after)))
    with vendor(vendor_id) as session:
        return list(session.scalars(query))


def client_of(vendor_id: str, client_id: str) -> Client:
    """The vendor's client; another vendor's answers as if there were none."""
    with vendor(vendor_id) as session:
        return client(session, client_id)


def client(session: Session, client_id: str, *, lock: bool = False) -> Client:
    """A client of the scope that is open. Locked, it makes others who lock it wait their turn."""
    try:
        row = session.get(Client, client_id, with_for_update={"key_share": True} if lock else None)
    except InvalidId:
        row = None
    if row is None:
        raise not_found("client")
    return row


def update_client(session: Session, client_id: str, values: Mapping[str, Any]) -> Client:
    row = client(session, client_id)
    logo_url = values.get("logo_url", row.logo_url)
    if logo_url != row.logo_url and logo_url:
        logo_urls.check(logo_url)
    for name, value in _timed(values, values.get("country", row.country)).items():
        setattr(row, name, value)
    if "logo_url" in values:
        logo_urls.given(session, row)
    audit.record(session, client_id, "client.updated", client_id, fields=sorted(values))
    if _PAPERS_NAME & values.keys():
        outbox.put(session, PAPERS_CHANGED, client_id, client_id=client_id)
    return row


def _timed(values: Mapping[str, Any], country: str) -> Mapping[str, Any]:
    """The same values; quiet hours without a timezone go by the clocks of the country."""
    quiet = values.get("quiet_hours")
    if not quiet or "timezone" in quiet:
        return values
    zone = timezone_of(country)
    if zone is None:
        raise Problem(
            422,
            "timezone_missing",
            f"{country} has no single timezone: say which one the quiet hours go by.",
            pointer="/quiet_hours/timezone",
        )
    return {**values, "quiet_hours": {**quiet, "timezone": zone}}


def create_recruiter(session: Session, client_id: str, name: str, email: str) -> Recruiter:
    row = Recruiter(client_id=client_id, name=name, email=email.lower(), created_at=clock.now())
    session.add(row)
    try:
        session.flush()
    except IntegrityError:
        raise Problem(
            409, "recruiter_exists", f"A recruiter with the e-mail {email} is here already."
        ) from None
    audit.record(session, client_id, "recruiter.created", row.id)
    return row


def recruiters(session: Session, client_id: str) -> list[Recruiter]:
    query = select(Recruiter).where(Recruiter.client_id == client_id).order_by(Recruiter.id)
    return list(session.scalars(query))


def recruiter(session: Session, client_id: str, recruiter_id: str) -> Recruiter:
    try:
        row = session.get(Recruiter, (client_id, recruiter_id))
    except InvalidId:
        row = None
    if row is None:
        raise not_found("recruiter")
    return row


def recruiter_by_email(session: Session, client_id: str, email: str) -> Recruiter | None:
    """The recruiter with this e-mail who has not left."""
    return session.scalars(
        select(Recruiter).where(
            Recruiter.client_id == client_id,
            Recruiter.email == email.lower(),
            Recruiter.left_at.is_(None),
        )
    ).first()


def recruiter_here(session: Session, client_id: str, recruiter_id: str) -> Recruiter:
    """A recruiter who has not left."""
    row = recruiter(session, client_id, recruiter_id)
    if row.left_at is not None:
        raise Problem(409, "recruiter_left", f"{row.name} has left and can do nothing any more.")
    return row


def leave(
    session: Session, client_id: str, recruiter_id: str, hand_over_to: str | None
) -> Recruiter:
    """End a recruiter's access. Conversations follow in the same transaction, by the caller."""
    row = recruiter_here(session, client_id, recruiter_id)
    if hand_over_to is not None:
        if hand_over_to == recruiter_id:
            raise Problem(
                422,
                "hand_over_to_oneself",
                "Whoever leaves cannot take over; name a colleague or nobody.",
                pointer="/hand_over_to",
            )
        recruiter_here(session, client_id, hand_over_to)
    row.left_at = clock.now()
    audit.record(session, client_id, "recruiter.left", recruiter_id, hand_over_to=hand_over_to)
    events.record(session, client_id, "recruiter.left", recruiter_id=recruiter_id)
    return row


def logo(session: Session, client_id: str) -> tuple[bytes, str] | None:
    """The newest uploaded logo and its content type."""
    row = session.scalars(
        select(Document)
        .where(Document.client_id == client_id, Document.kind == "logo")
        .order_by(Document.id.desc())
        .limit(1)
    ).first()
    return (blobs.read(session, client_id, row.sha256), row.content_type) if row else None
