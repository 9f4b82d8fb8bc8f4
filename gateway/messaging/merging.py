"""Two candidates with one identifier: they are one person, or a number has a new owner.

A person has one BSUID in a portfolio. Who wrote under a user name and is then seen with a phone we
knew becomes one with whom we knew by it; who has another BSUID than the phone's former owner takes
the number over, and nothing of the history.
"""

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session, aliased

from gateway import outbox
from gateway.audit import service as audit
from gateway.database import tenant
from gateway.events import service as events
from gateway.messaging import consent, languages, people
from gateway.messaging.models import Candidate, CandidateIdentity, Consent, Conversation, Message
from gateway.outbox import Lease

_NUMBERS = ("phone", "wa_id")
_HELD = ("phone", "wa_id", "bsuid", "ats_candidate_id", "opt_in", "marketing_withheld_until")
_INTRODUCED = ("introduction_id", "introduced_by", "introduced_from")


def settle(lease: Lease) -> None:
    """The job: the first of the key's two candidates was seen with an identifier of the second."""
    seen_id, known_id = lease.key.split(":")
    with tenant(lease.client_id) as session:
        outbox.guard(session, lease)
        meet(session, lease.client_id, seen_id, known_id)


def meet(session: Session, client_id: str, seen_id: str, known_id: str) -> None:
    """Make them one, or give the known one's numbers to the one that was seen with them."""
    seen, known = (people.candidate(session, client_id, it) for it in (seen_id, known_id))
    if seen.id == known.id:
        return
    people.lock(session, client_id, _identities(session, seen, known))
    for row in sorted((seen, known), key=lambda row: row.id):
        session.refresh(row, with_for_update=True)
    if seen.merged_into or known.merged_into:
        meet(session, client_id, seen_id, known_id)
    elif _differ(session, seen, known):
        _take_over(session, seen, known)
    elif seen.ats_candidate_id and known.ats_candidate_id:
        _suspect(session, seen, known)
    else:
        _merge(session, *sorted((seen, known), key=_seniority))


def _suspect(session: Session, seen: Candidate, known: Candidate) -> None:
    """The client knows them apart, so who is who it must say; it is told once of these two."""
    first, second = sorted((seen, known), key=lambda row: row.id)
    if second.id in first.suspected:
        return
    first.suspected = [*first.suspected, second.id]
    events.record(
        session,
        seen.client_id,
        "candidate.merge_suspected",
        candidate_id=known.id,
        other_candidate_id=seen.id,
    )


def _identities(session: Session, *candidates: Candidate) -> list[tuple[str, str, str]]:
    rows = session.scalars(
        select(CandidateIdentity).where(
            CandidateIdentity.client_id == candidates[0].client_id,
            CandidateIdentity.candidate_id.in_([row.id for row in candidates]),
        )
    )
    return [(row.kind, row.value, row.portfolio_id) for row in rows]


def _differ(session: Session, one: Candidate, other: Candidate) -> bool:
    """Whether they have different BSUIDs in some portfolio."""
    theirs, others = aliased(CandidateIdentity), aliased(CandidateIdentity)
    return bool(
        session.scalar(
            select(
                exists().where(
                    theirs.client_id == one.client_id,
                    theirs.candidate_id == one.id,
                    theirs.kind == "bsuid",
                    others.client_id == one.client_id,
                    others.candidate_id == other.id,
                    others.kind == "bsuid",
                    others.portfolio_id == theirs.portfolio_id,
                    others.value != theirs.value,
                )
            )
        )
    )


def _take_over(session: Session, seen: Candidate, known: Candidate) -> None:
    """The number was given to another person: whoever had it is still known by its BSUID."""
    session.execute(
        delete(CandidateIdentity).where(
            CandidateIdentity.client_id == seen.client_id,
            CandidateIdentity.candidate_id == seen.id,
            CandidateIdentity.kind.in_(_NUMBERS),
        )
    )
    session.execute(
        update(CandidateIdentity)
        .where(
            CandidateIdentity.client_id == seen.client_id,
            CandidateIdentity.candidate_id == known.id,
            CandidateIdentity.kind.in_(_NUMBERS),
        )
        .values(candidate_id=seen.id)
    )
    for kind in _NUMBERS:
        setattr(seen, kind, getattr(known, kind) or getattr(seen, kind))
        setattr(known, kind, None)
    for row in (seen, known):
        events.record(session, row.client_id, "candidate.moved", candidate_id=row.id)


def _seniority(row: Candidate) -> tuple[bool, bool, object]:
    """Whom the client knows by an id of its own or by a phone stays; else who came first."""
    return not row.ats_candidate_id, not row.phone, row.created_at


def _merge(session: Session, stays: Candidate, goes: Candidate) -> None:
    """One person from now on; whoever asks for the other is answered with this one."""
    client_id = stays.client_id
    _move_rows(session, stays, goes)
    for name in _HELD:
        if getattr(stays, name) is None:
            setattr(stays, name, getattr(goes, name))
    stays.other_names = list(dict.fromkeys([*stays.other_names, goes.name, *goes.other_names]))
    goes.merged_into = stays.id
    goes.phone = goes.wa_id = goes.bsuid = None
    _move_conversations(session, stays, goes)
    languages.inherit(session, stays, goes)
    consent.weigh(session, stays, "merge")
    audit.record(session, client_id, "candidate.merged", stays.id, merged_id=goes.id)
    events.record(
        session, client_id, "candidate.merged", candidate_id=stays.id, merged_candidate_id=goes.id
    )


def _move_rows(session: Session, stays: Candidate, goes: Candidate) -> None:
    session.execute(
        update(CandidateIdentity)
        .where(
            CandidateIdentity.client_id == stays.client_id,
            CandidateIdentity.candidate_id == goes.id,
        )
        .values(candidate_id=stays.id)
    )
    said = aliased(Consent)
    session.execute(
        update(Consent)
        .where(
            Consent.client_id == stays.client_id,
            Consent.candidate_id == goes.id,
            ~exists().where(
                said.client_id == stays.client_id,
                said.candidate_id == stays.id,
                said.scope == Consent.scope,
                said.at == Consent.at,
                said.granted == Consent.granted,
            ),
        )
        .values(candidate_id=stays.id)
        .execution_options(synchronize_session=False)
    )


def _move_conversations(session: Session, stays: Candidate, goes: Candidate) -> None:
    talks = session.scalars(
        select(Conversation)
        .where(
            Conversation.client_id == stays.client_id,
            Conversation.candidate_id.in_([stays.id, goes.id]),
        )
        .order_by(Conversation.id)
        .with_for_update()
    ).all()
    kept = {talk.line_id: talk for talk in talks if talk.candidate_id == stays.id}
    for talk in talks:
        if talk.candidate_id == stays.id:
            continue
        if talk.line_id in kept:
            _join(session, kept[talk.line_id], talk)
        else:
            talk.candidate_id = stays.id


def _join(session: Session, stays: Conversation, goes: Conversation) -> None:
    """One history, in the order in which it happened."""
    session.execute(
        update(Message)
        .where(Message.client_id == stays.client_id, Message.conversation_id == goes.id)
        .values(conversation_id=stays.id)
    )
    if stays.introduced_by is None:
        for name in _INTRODUCED:
            setattr(stays, name, getattr(goes, name))
    stays.recruiter_id = stays.recruiter_id or goes.recruiter_id
    stays.applications = list(dict.fromkeys([*stays.applications, *goes.applications]))
    heard = [at for at in (stays.last_inbound_at, goes.last_inbound_at) if at]
    stays.last_inbound_at = max(heard, default=None)
    stays.last_message_at = max(stays.last_message_at, goes.last_message_at)
    goes.merged_into, goes.recruiter_id = stays.id, None
    events.record(
        session,
        stays.client_id,
        "conversation.merged",
        conversation_id=stays.id,
        merged_conversation_id=goes.id,
    )
