"""Conversations and messages: decide and record."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from gateway import clock
from gateway.audit import service as audit
from gateway.events import service as events
from gateway.ids import InvalidId
from gateway.messaging import introducing, languages, merging, outgoing, people, telling
from gateway.messaging.models import Candidate, Conversation
from gateway.problems import Problem, not_found
from gateway.provisioning.models import Number
from gateway.tenancy import service as tenancy
from gateway.tenancy.models import Client


@dataclass(frozen=True, kw_only=True)
class Opening:
    """What a recruiter asks for when a conversation is opened."""

    line_id: str
    recruiter_id: str
    name: str
    phone: str | None
    bsuid: str | None
    language: str | None
    ats_candidate_id: str | None
    opt_in: Mapping[str, Any] | None
    application_ref: str | None


def open_conversation(
    session: Session, client_id: str, wanted: Opening
) -> tuple[Conversation, bool]:
    """The conversation of a line with a candidate, and whether it is new.

    A new one begins with the introduction, which nobody can leave out. An existing one gets the
    application added and no second introduction; one that nobody has becomes this recruiter's.
    """
    client = tenancy.client(session, client_id)
    line, number = outgoing.active_line(session, client_id, wanted.line_id)
    recruiter = tenancy.recruiter_here(session, client_id, wanted.recruiter_id)
    candidate = people.find_or_create(
        session,
        client_id,
        number.portfolio_id or "",
        _known(client, wanted),
        {
            "name": wanted.name,
            "language": wanted.language,
            "told_language": wanted.language,
            "ats_candidate_id": wanted.ats_candidate_id,
            "opt_in": wanted.opt_in and dict(wanted.opt_in),
        },
    )
    people.called(session, candidate, wanted.name)
    existing = conversation_with(session, client_id, line.id, candidate.id)
    if existing is not None:
        _add_application(existing, wanted.application_ref)
        if existing.recruiter_id is None:
            existing = assign(session, client_id, existing.id, recruiter.id)
        return existing, False
    conversation = _begin(
        session, client_id, line.id, candidate.id, recruiter.id, wanted.application_ref
    )
    introducing.begin(session, conversation, candidate, line, number)
    audit.record(session, client_id, "conversation.opened", conversation.id)
    return conversation, True


def expect(session: Session, client_id: str, openings: Iterable[Opening]) -> None:
    """Take all the people whom these name before the first of them is looked for.

    Each waiting for the next one in its own order, two that open many would wait for each other.
    """
    client = tenancy.client(session, client_id)
    numbers: dict[str, Number] = {}
    identities = set()
    for wanted in openings:
        with suppress(Problem):  # whatever is refused is refused when its turn comes
            if wanted.line_id not in numbers:
                _, numbers[wanted.line_id] = outgoing.active_line(
                    session, client_id, wanted.line_id
                )
            portfolio_id = numbers[wanted.line_id].portfolio_id or ""
            identities |= people.identities(_known(client, wanted), portfolio_id)
    people.lock(session, client_id, identities)


def conversation_with(
    session: Session, client_id: str, line_id: str, candidate_id: str
) -> Conversation | None:
    return session.scalars(
        select(Conversation).where(
            Conversation.client_id == client_id,
            Conversation.line_id == line_id,
            Conversation.candidate_id == candidate_id,
        )
    ).first()


def begin_from_candidate(
    session: Session, client_id: str, line_id: str, candidate_id: str
) -> Conversation:
    """The candidate wrote first: a conversation that no recruiter has yet."""
    found = conversation_with(session, client_id, line_id, candidate_id)
    return found or _begin(session, client_id, line_id, candidate_id, None)


def conversation(
    session: Session, client_id: str, conversation_id: str, *, lock: bool = False
) -> Conversation:
    try:
        row = session.get(Conversation, (client_id, conversation_id), with_for_update=lock or None)
    except InvalidId:
        row = None
    if row is None:
        raise not_found("conversation")
    if row.merged_into:
        return conversation(session, client_id, row.merged_into, lock=lock)
    return row


def conversations(
    session: Session,
    client_id: str,
    *,
    recruiter_id: str | None = None,
    line_id: str | None = None,
    limit: int = 100,
) -> list[Conversation]:
    """The newest first."""
    query = select(Conversation).where(
        Conversation.client_id == client_id, Conversation.merged_into.is_(None)
    )
    if recruiter_id is not None:
        query = query.where(Conversation.recruiter_id == recruiter_id)
    if line_id is not None:
        query = query.where(Conversation.line_id == line_id)
    return list(
        session.scalars(
            query.order_by(Conversation.last_message_at.desc(), Conversation.id).limit(limit)
        )
    )


def counts_by_recruiter(session: Session, client_id: str) -> Mapping[str, int]:
    """How many conversations each recruiter has."""
    rows = session.execute(
        select(Conversation.recruiter_id, func.count())
        .where(Conversation.client_id == client_id, Conversation.recruiter_id.is_not(None))
        .group_by(Conversation.recruiter_id)
    )
    return {str(recruiter_id): count for recruiter_id, count in rows}


def candidate(session: Session, client_id: str, candidate_id: str) -> Candidate:
    try:
        return people.candidate(session, client_id, candidate_id)
    except (InvalidId, NoResultFound):
        raise not_found("candidate") from None


def change_candidate(
    session: Session, client_id: str, candidate_id: str, values: Mapping[str, Any]
) -> Candidate:
    """Correct what is known of a candidate; the phone as it is dialled in the client's country."""
    row = candidate(session, client_id, candidate_id)
    client = tenancy.client(session, client_id)
    known = dict(values)
    phone = known.pop("phone", None)
    if "language" in known:
        languages.tell(session, row, known.pop("language"))
    for name, value in known.items():
        setattr(row, name, value)
    if phone:
        _reach_at(session, row, people.e164(phone, client.country, pointer="/phone"))
    audit.record(session, client_id, "candidate.changed", row.id, fields=sorted(values))
    events.record(session, client_id, "candidate.changed", candidate_id=row.id)
    return people.candidate(session, client_id, row.id)


def _reach_at(session: Session, row: Candidate, phone: str) -> None:
    people.lock(session, row.client_id, [("phone", phone, "")])
    owner = people.find(session, row.client_id, "", {"phone": phone})
    if owner is None:
        people.correct(session, row, phone)
    elif owner.id != row.id:
        if row.phone or (row.ats_candidate_id and owner.ats_candidate_id):
            raise Problem(
                409,
                "phone_of_another_candidate",
                f"This is the phone of {owner.id}; change that candidate's first.",
                pointer="/phone",
            )
        merging.meet(session, row.client_id, row.id, owner.id)


def assign(
    session: Session, client_id: str, conversation_id: str, recruiter_id: str | None
) -> Conversation:
    """Give a conversation to a recruiter, or to nobody. Its history stays with it."""
    talk = conversation(session, client_id, conversation_id, lock=True)
    if recruiter_id is not None:
        tenancy.recruiter_here(session, client_id, recruiter_id)
    talk.recruiter_id = recruiter_id
    _assigned(session, talk)
    return talk


def hand_over(session: Session, client_id: str, recruiter_id: str, to: str | None) -> Sequence[str]:
    """Move every conversation of a recruiter who leaves; their ids."""
    moved = session.scalars(
        update(Conversation)
        .where(Conversation.client_id == client_id, Conversation.recruiter_id == recruiter_id)
        .values(recruiter_id=to)
        .returning(Conversation)
    ).all()
    for talk in moved:
        _assigned(session, talk)
    return [talk.id for talk in moved]


def _known(client: Client, wanted: Opening) -> dict[str, str | None]:
    """By which identifiers the person is known; a phone is read in the client's country."""
    phone = wanted.phone and people.e164(wanted.phone, client.country, pointer="/candidate/phone")
    return {"phone": phone, "bsuid": wanted.bsuid}


def _begin(
    session: Session,
    client_id: str,
    line_id: str,
    candidate_id: str,
    recruiter_id: str | None,
    application_ref: str | None = None,
) -> Conversation:
    row = Conversation(
        client_id=client_id,
        line_id=line_id,
        candidate_id=candidate_id,
        recruiter_id=recruiter_id,
        applications=[application_ref] if application_ref else [],
        last_message_at=clock.now(),
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()
    telling.of_conversation(session, row, "opened")
    return row


def _add_application(conversation: Conversation, application_ref: str | None) -> None:
    if application_ref and application_ref not in conversation.applications:
        conversation.applications = [*conversation.applications, application_ref]


def _assigned(session: Session, talk: Conversation) -> None:
    audit.record(
        session,
        talk.client_id,
        "conversation.assigned",
        talk.id,
        recruiter_id=talk.recruiter_id,
    )
    telling.of_conversation(session, talk, "assigned")
