"""Who is who: one person of one client, by whichever identifiers are known.

A phone, a wa_id and a BSUID are identifiers of different kinds; none is ever derived from another.
The same human under two clients is two unrelated candidates.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

import phonenumbers
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway import clock, database, outbox
from gateway.events import service as events
from gateway.messaging.models import Candidate, CandidateIdentity
from gateway.problems import Problem

MEET: Final = "messaging.meet"


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


def country(candidate: Candidate) -> str | None:
    """The country (ISO 3166 alpha-2) of a candidate's number; a user id begins with it."""
    if candidate.phone:
        return phonenumbers.region_code_for_number(phonenumbers.parse(candidate.phone))
    return candidate.bsuid.partition(".")[0] if candidate.bsuid else None


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
    lock(session, client_id, identities(identifiers, portfolio_id))
    candidate = find(session, client_id, portfolio_id, identifiers)
    if candidate is None:
        candidate = Candidate(
            client_id=client_id, created_at=clock.now(), **{**values, **identifiers}
        )
        session.add(candidate)
        session.flush()
    learn(session, candidate, portfolio_id, identifiers)
    return candidate


def identities(known: Mapping[str, str | None], portfolio_id: str) -> set[tuple[str, str, str]]:
    """Each identifier as (kind, value, realm): where it means this person."""
    return {(kind, value, _realm(kind, portfolio_id)) for kind, value in known.items() if value}


def lock(session: Session, client_id: str, identities: Iterable[tuple[str, str, str]]) -> None:
    """Wait for whoever else decides whom these (kind, value, realm) mean, until the commit."""
    named = [f"{client_id}|{realm}|{kind}|{value}" for kind, value, realm in sorted(identities)]
    database.lock(session, *named)


def candidate(session: Session, client_id: str, candidate_id: str) -> Candidate:
    """A candidate by its id; the one it was merged into, if it was."""
    row = session.get_one(Candidate, (client_id, candidate_id))
    while row.merged_into:
        row = session.get_one(Candidate, (client_id, row.merged_into))
    return row


def candidates(
    session: Session, client_id: str, candidate_ids: Collection[str]
) -> Mapping[str, Candidate]:
    """The same of many, by the ids that were asked for."""
    query = select(Candidate).where(
        Candidate.client_id == client_id, Candidate.id.in_(candidate_ids)
    )
    return {
        row.id: candidate(session, client_id, row.merged_into) if row.merged_into else row
        for row in session.scalars(query)
    }


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


def correct(session: Session, candidate: Candidate, phone: str) -> None:
    """The client knows the phone better: who answers at another one was somebody else."""
    if candidate.phone:
        session.execute(
            delete(CandidateIdentity).where(
                CandidateIdentity.client_id == candidate.client_id,
                CandidateIdentity.candidate_id == candidate.id,
            )
        )
        candidate.phone = candidate.wa_id = candidate.bsuid = None
    learn(session, candidate, "", {"phone": phone})


def learn(
    session: Session, candidate: Candidate, portfolio_id: str, known: Mapping[str, str | None]
) -> None:
    """Remember further identifiers of a candidate; what is known already stays.

    One that is somebody else's means that the two are one person, or that a number was given to
    another: a job of its own finds out.
    """
    for kind, value in known.items():
        if not value:
            continue
        if getattr(candidate, kind) is None:
            setattr(candidate, kind, value)
        realm = _realm(kind, portfolio_id)
        is_new = session.scalar(
            insert(CandidateIdentity)
            .values(
                client_id=candidate.client_id,
                portfolio_id=realm,
                kind=kind,
                value=value,
                candidate_id=candidate.id,
            )
            .on_conflict_do_nothing()
            .returning(CandidateIdentity.candidate_id)
        )
        if is_new:
            continue
        owner_id = session.get_one(
            CandidateIdentity, (candidate.client_id, realm, kind, value)
        ).candidate_id
        if owner_id != candidate.id:
            # Who is known by a BSUID is the person; the number is where that person was found.
            now, before = (owner_id, candidate.id) if kind == "bsuid" else (candidate.id, owner_id)
            outbox.put(session, MEET, f"{now}:{before}", client_id=candidate.client_id)


def find(
    session: Session, client_id: str, portfolio_id: str, known: Mapping[str, str | None]
) -> Candidate | None:
    """The candidate known by any of these identifiers; the surest is asked first.

    Who has a number is somebody else than its former owner when the BSUIDs differ.
    """
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
        if candidate_id and not _has_other_bsuid(
            session, client_id, candidate_id, portfolio_id, known.get("bsuid")
        ):
            return session.get_one(Candidate, (client_id, candidate_id))
    return None


def _has_other_bsuid(
    session: Session, client_id: str, candidate_id: str, portfolio_id: str, bsuid: str | None
) -> bool:
    """A person has one BSUID in a portfolio."""
    theirs = session.scalars(
        select(CandidateIdentity.value).where(
            CandidateIdentity.client_id == client_id,
            CandidateIdentity.candidate_id == candidate_id,
            CandidateIdentity.portfolio_id == portfolio_id,
            CandidateIdentity.kind == "bsuid",
        )
    ).all()
    return bsuid is not None and bool(theirs) and bsuid not in theirs


def _realm(kind: str, portfolio_id: str) -> str:
    """Where an identifier means this person: a BSUID in its portfolio, a phone everywhere."""
    return portfolio_id if kind == "bsuid" else ""
