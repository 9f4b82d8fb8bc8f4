"""Who is who: one person of one client, by whichever identifiers are known.

A phone, a wa_id and a BSUID are identifiers of different kinds; none is ever derived from another.
The same human under two clients is two unrelated candidates.
"""

from collections.abc import Mapping
from typing import Any

import phonenumbers
from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway import clock
from gateway.events import service as events
from gateway.messaging.models import Candidate, CandidateIdentity
from gateway.problems import Problem


def e164(phone: str, country: str, *, pointer: str) -> str:
    """A phone number in E.164, read in the client's country where it is in national form."""
    try:
        number = phonenumbers.parse(phone, country)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        raise Problem(
            422,
            "invalid_phone_number",
            f"{phone!r} is not a phone number; write it as +212612345678 or as it is dialled in"
            f" {country}.",
            pointer=pointer,
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def country_of(phone: str) -> str | None:
    """The country (ISO 3166 alpha-2) of an E.164 number."""
    return phonenumbers.region_code_for_number(phonenumbers.parse(phone))


def find_or_create(
    session: Session,
    client_id: str,
    portfolio_id: str,
    known: Mapping[str, str | None],
    values: Mapping[str, Any],
) -> Candidate:
    """The candidate known by any of these identifiers (`phone`, `wa_id`, `bsuid`), or a new one.

    Two transactions with an identifier in common wait for each other.
    """
    identifiers = {kind: value for kind, value in known.items() if value}
    for kind, value in sorted(identifiers.items()):
        session.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"),
            {"name": f"{client_id}|{_realm(kind, portfolio_id)}|{kind}|{value}"},
        )
    candidate = find(session, client_id, portfolio_id, identifiers)
    if candidate is None:
        candidate = Candidate(
            client_id=client_id, created_at=clock.now(), **{**values, **identifiers}
        )
        session.add(candidate)
        session.flush()
    learn(session, candidate, portfolio_id, identifiers)
    return candidate


def called(session: Session, candidate: Candidate, name: str) -> None:
    """Somebody calls this person by another name: perhaps another person has the phone now."""
    known = [candidate.name, *candidate.other_names]
    if name.casefold() in {other.casefold() for other in known}:
        return
    candidate.other_names = [*candidate.other_names, name]
    events.record(
        session, candidate.client_id, "candidate.name_differed", candidate_id=candidate.id
    )


def move(
    session: Session, candidate: Candidate, portfolio_id: str, new: Mapping[str, str | None]
) -> None:
    """The person has other identifiers now. The old ones are nobody's: a number is given again."""
    for kind, value in new.items():
        if not value or getattr(candidate, kind) == value:
            continue
        if find(session, candidate.client_id, portfolio_id, {kind: value}) is not None:
            continue  # that is somebody we know already; who is who, a person must say
        session.execute(
            delete(CandidateIdentity).where(
                CandidateIdentity.client_id == candidate.client_id,
                CandidateIdentity.candidate_id == candidate.id,
                CandidateIdentity.portfolio_id == _realm(kind, portfolio_id),
                CandidateIdentity.kind == kind,
            )
        )
        setattr(candidate, kind, None)
        learn(session, candidate, portfolio_id, {kind: value})
    events.record(session, candidate.client_id, "candidate.moved", candidate_id=candidate.id)


def learn(
    session: Session, candidate: Candidate, portfolio_id: str, known: Mapping[str, str | None]
) -> None:
    """Remember further identifiers of a candidate; what is known already stays."""
    for kind, value in known.items():
        if not value:
            continue
        if getattr(candidate, kind) is None:
            setattr(candidate, kind, value)
        session.execute(
            insert(CandidateIdentity)
            .values(
                client_id=candidate.client_id,
                portfolio_id=_realm(kind, portfolio_id),
                kind=kind,
                value=value,
                candidate_id=candidate.id,
            )
            .on_conflict_do_nothing()
        )


def find(
    session: Session, client_id: str, portfolio_id: str, known: Mapping[str, str | None]
) -> Candidate | None:
    """The candidate known by any of these identifiers; the surest is asked first."""
    for kind in ("bsuid", "wa_id", "phone"):
        if not known.get(kind):
            continue
        candidate_id = session.scalars(
            select(CandidateIdentity.candidate_id).where(
                CandidateIdentity.client_id == client_id,
                CandidateIdentity.portfolio_id == _realm(kind, portfolio_id),
                CandidateIdentity.kind == kind,
                CandidateIdentity.value == known[kind],
            )
        ).first()
        if candidate_id:
            return session.get_one(Candidate, (client_id, candidate_id))
    return None


def _realm(kind: str, portfolio_id: str) -> str:
    """Where an identifier means this person: a BSUID in its portfolio, a phone everywhere."""
    return portfolio_id if kind == "bsuid" else ""
