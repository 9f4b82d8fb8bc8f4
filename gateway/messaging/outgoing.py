"""Messages that leave: judged, queued, held, let go or taken back. Nothing is sent from here."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gateway import clock, outbox
from gateway.events import service as events
from gateway.ids import InvalidId
from gateway.messaging import policy, templates
from gateway.messaging.models import Candidate, Conversation, Message, Template
from gateway.problems import Problem, not_found
from gateway.provisioning import service as provisioning
from gateway.provisioning.models import Line
from gateway.tenancy.models import Client

SEND: Final = "messaging.send"


def active_line(session: Session, client_id: str, line_id: str) -> tuple[Line, str]:
    """The line, if it can be written from, and the portfolio its number is in."""
    line = provisioning.line(session, client_id, line_id)
    number = provisioning.number_of(session, line_id)
    if line.status != "active" or number is None:
        raise Problem(
            409, "line_not_active", f"The line is {line.status}; only an active line can write."
        )
    return line, number.portfolio_id or ""


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
    talk: Conversation,
    *,
    type: str,
    content: Mapping[str, Any],
) -> Message:
    """Accept a message of a locked conversation, or refuse it: why, and what may be sent."""
    client_id = talk.client_id
    line, _ = active_line(session, client_id, talk.line_id)
    if talk.recruiter_id is None:
        raise Problem(
            409, "conversation_unassigned", "Assign the conversation to a recruiter first."
        )
    usable = usable_templates(session, client_id, line.id)
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


def introduce(
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
    usable = usable_templates(session, client.client_id, line.id)
    content = templates.introduction(language, recruiter_name, client.name)
    template = _template(usable, content)
    reason = _hold_introduction(session, client, line)
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


def _hold_introduction(session: Session, client: Client, line: Line) -> str | None:
    def judge() -> str | None:
        return policy.hold_introduction(
            name_approved=line.display_name_status in provisioning.NAMED,
            hold_until_named=client.hold_introductions_until_named,
        )

    if judge():
        # Either we see the decision, or whoever records it waits and sees what we hold.
        session.refresh(line, with_for_update={"read": True})
    return judge()


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


def usable_templates(session: Session, client_id: str, line_id: str) -> list[Template]:
    number = provisioning.number_of(session, line_id)
    if number is None or number.waba_id is None:
        return []
    return templates.approved(session, client_id, number.waba_id)


def _template(usable: Sequence[Template], content: Mapping[str, Any]) -> Template | None:
    wanted = (content["name"], content["language"]["code"])
    return next((row for row in usable if (row.name, row.language) == wanted), None)
