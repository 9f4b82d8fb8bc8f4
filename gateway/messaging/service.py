"""Conversations and messages: decide and record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from gateway import clock, outbox
from gateway.audit import service as audit
from gateway.events import service as events
from gateway.ids import InvalidId
from gateway.messaging import people, policy, templates
from gateway.messaging.models import Candidate, Conversation, Message, Template
from gateway.problems import Problem, not_found
from gateway.provisioning import service as provisioning
from gateway.provisioning.models import Line
from gateway.tenancy import service as tenancy
from gateway.tenancy.models import Client

SEND: Final = "messaging.send"


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
    application added and no second introduction.
    """
    client = tenancy.client(session, client_id)
    line, portfolio_id = _active_line(session, client_id, wanted.line_id)
    recruiter = tenancy.recruiter_here(session, client_id, wanted.recruiter_id)
    phone = (
        people.e164(wanted.phone, client.country, pointer="/candidate/phone")
        if wanted.phone
        else None
    )
    candidate = people.find_or_create(
        session,
        client_id,
        portfolio_id,
        {"phone": phone, "bsuid": wanted.bsuid},
        {
            "name": wanted.name,
            "language": wanted.language,
            "ats_candidate_id": wanted.ats_candidate_id,
            "opt_in": wanted.opt_in and dict(wanted.opt_in),
        },
    )
    existing = conversation_with(session, client_id, line.id, candidate.id)
    if existing is not None:
        _add_application(existing, wanted.application_ref)
        return existing, False
    conversation = _begin(session, client_id, line.id, candidate.id, recruiter.id)
    _add_application(conversation, wanted.application_ref)
    _introduce(session, client, line, conversation, candidate, recruiter.name)
    audit.record(session, client_id, "conversation.opened", conversation.id)
    events.record(
        session, client_id, "conversation.opened", conversation_id=conversation.id, line_id=line.id
    )
    return conversation, True


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
    query = select(Conversation).where(Conversation.client_id == client_id)
    if recruiter_id:
        query = query.where(Conversation.recruiter_id == recruiter_id)
    if line_id:
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
        row = session.get(Candidate, (client_id, candidate_id))
    except InvalidId:
        row = None
    if row is None:
        raise not_found("candidate")
    return row


def messages(
    session: Session, client_id: str, conversation_id: str, *, limit: int = 500
) -> list[Message]:
    """The newest `limit` messages, oldest first."""
    newest = session.scalars(
        select(Message)
        .where(Message.client_id == client_id, Message.conversation_id == conversation_id)
        .order_by(Message.position.desc())
        .limit(limit)
    )
    return list(newest)[::-1]


def message(session: Session, client_id: str, message_id: str) -> Message:
    try:
        row = session.get(Message, (client_id, message_id))
    except InvalidId:
        row = None
    if row is None:
        raise not_found("message")
    return row


def send(
    session: Session,
    client_id: str,
    conversation_id: str,
    *,
    type: str,
    content: Mapping[str, Any],
) -> Message:
    """Accept a message for sending, or refuse it with the rule, the window and what may be sent."""
    talk = conversation(session, client_id, conversation_id, lock=True)
    line, _ = _active_line(session, client_id, talk.line_id)
    if talk.recruiter_id is None:
        raise Problem(
            409, "conversation_unassigned", "Assign the conversation to a recruiter first."
        )
    usable = _usable_templates(session, client_id, line.id)
    chosen = _template(usable, content) if type == "template" else None
    verdict = policy.judge(
        policy.Facts(
            type=type,
            now=clock.now(),
            last_inbound_at=talk.last_inbound_at,
            introduced=talk.introduction_id is not None or talk.last_inbound_at is not None,
            template_approved=None if type != "template" else chosen is not None,
        )
    )
    if not verdict.allowed:
        closes_at = policy.window_closes_at(talk.last_inbound_at)
        raise Problem(
            409,
            verdict.rule,
            verdict.detail,
            extra={
                "reply_window": {
                    "open": policy.window_is_open(talk.last_inbound_at, clock.now()),
                    "closes_at": closes_at and closes_at.isoformat(),
                },
                "templates": [
                    {"name": row.name, "language": row.language, "category": row.category}
                    for row in usable
                ],
            },
        )
    row = Message(
        client_id=client_id,
        conversation_id=talk.id,
        line_id=line.id,
        recruiter_id=talk.recruiter_id,
        direction="outbound",
        type=type,
        content=dict(content),
        category=chosen.category.lower() if chosen else "service",
        status="queued",
        attempts=0,
        created_at=clock.now(),
    )
    return _queue(session, talk, row)


def assign(
    session: Session, client_id: str, conversation_id: str, recruiter_id: str | None
) -> Conversation:
    """Give a conversation to a recruiter, or to nobody. Its history stays with it."""
    talk = conversation(session, client_id, conversation_id, lock=True)
    if recruiter_id is not None:
        tenancy.recruiter_here(session, client_id, recruiter_id)
    talk.recruiter_id = recruiter_id
    _assigned(session, client_id, talk.id, recruiter_id)
    return talk


def hand_over(session: Session, client_id: str, recruiter_id: str, to: str | None) -> Sequence[str]:
    """Move every conversation of a recruiter who leaves; their ids."""
    moved = session.scalars(
        update(Conversation)
        .where(Conversation.client_id == client_id, Conversation.recruiter_id == recruiter_id)
        .values(recruiter_id=to)
        .returning(Conversation.id)
    ).all()
    for conversation_id in moved:
        _assigned(session, client_id, conversation_id, to)
    return moved


def let_go(session: Session, client_id: str, line_id: str, reason: str) -> int:
    """Queue a line's messages that were held for this reason; how many."""
    freed = session.scalars(
        update(Message)
        .where(
            Message.client_id == client_id,
            Message.line_id == line_id,
            Message.status == "held",
            Message.reason == reason,
        )
        .values(status="queued", reason=None)
        .returning(Message.id)
    ).all()
    if freed:
        outbox.put(session, SEND, line_id, client_id=client_id)
    return len(freed)


def cancel(session: Session, client_id: str, message_id: str) -> Message:
    """Take back a message that has not left."""
    message(session, client_id, message_id)
    row = session.get_one(
        Message, (client_id, message_id), with_for_update=True, populate_existing=True
    )
    if row.status not in ("held", "queued") or row.introduction:
        raise Problem(409, "message_state", f"The message is {row.status} and cannot be cancelled.")
    row.status = "cancelled"
    events.record(session, client_id, "message.cancelled", message_id=row.id)
    return row


def _begin(
    session: Session, client_id: str, line_id: str, candidate_id: str, recruiter_id: str | None
) -> Conversation:
    row = Conversation(
        client_id=client_id,
        line_id=line_id,
        candidate_id=candidate_id,
        recruiter_id=recruiter_id,
        applications=[],
        last_message_at=clock.now(),
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()
    return row


def _add_application(conversation: Conversation, application_ref: str | None) -> None:
    if application_ref and application_ref not in conversation.applications:
        conversation.applications = [*conversation.applications, application_ref]


def _introduce(
    session: Session,
    client: Client,
    line: Line,
    conversation: Conversation,
    candidate: Candidate,
    recruiter_name: str,
) -> None:
    language = candidate.language or client.default_language
    if language not in templates.LANGUAGES:
        language = "en"
    usable = _usable_templates(session, client.client_id, line.id)
    content = templates.introduction(language, recruiter_name, client.name)
    template = _template(usable, content)
    reason = policy.hold_introduction(
        name_approved=line.display_name_status in provisioning.NAMED,
        hold_until_named=client.hold_introductions_until_named,
    )
    row = Message(
        client_id=client.client_id,
        conversation_id=conversation.id,
        line_id=line.id,
        recruiter_id=conversation.recruiter_id,
        direction="outbound",
        type="template",
        content=content,
        introduction=True,
        category=template.category.lower() if template else "utility",
        status="held" if reason else "queued",
        reason=reason,
        attempts=0,
        created_at=clock.now(),
    )
    _queue(session, conversation, row)
    conversation.introduction_id = row.id


def _queue(session: Session, conversation: Conversation, row: Message) -> Message:
    session.add(row)
    session.flush()
    conversation.last_message_at = row.created_at
    events.record(
        session,
        row.client_id,
        "message.created",
        message_id=row.id,
        conversation_id=row.conversation_id,
        line_id=row.line_id,
    )
    if row.status == "queued":
        outbox.put(session, SEND, row.line_id, client_id=row.client_id)
    return row


def _active_line(session: Session, client_id: str, line_id: str) -> tuple[Line, str]:
    """The line, if it can be written from, and the portfolio its number is in."""
    line = provisioning.line(session, client_id, line_id)
    number = provisioning.number_of(session, line_id)
    if line.status != "active" or number is None:
        raise Problem(
            409, "line_not_active", f"The line is {line.status}; only an active line can write."
        )
    return line, number.portfolio_id or ""


def _usable_templates(session: Session, client_id: str, line_id: str) -> list[Template]:
    number = provisioning.number_of(session, line_id)
    if number is None or number.waba_id is None:
        return []
    return templates.approved(session, client_id, number.waba_id)


def _template(usable: Sequence[Template], content: Mapping[str, Any]) -> Template | None:
    wanted = (content["name"], content["language"]["code"])
    return next((row for row in usable if (row.name, row.language) == wanted), None)


def _assigned(
    session: Session, client_id: str, conversation_id: str, recruiter_id: str | None
) -> None:
    audit.record(
        session, client_id, "conversation.assigned", conversation_id, recruiter_id=recruiter_id
    )
    events.record(
        session,
        client_id,
        "conversation.assigned",
        conversation_id=conversation_id,
        recruiter_id=recruiter_id,
    )
