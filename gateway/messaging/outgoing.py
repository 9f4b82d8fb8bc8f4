"""Messages that leave: queued, held, let go or taken back. Nothing is sent from here."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gateway import clock, outbox
from gateway.ids import InvalidId
from gateway.messaging import judging, telling, templates
from gateway.messaging.models import Conversation, Message, Template
from gateway.problems import Problem, not_found
from gateway.provisioning import budget, numbers
from gateway.provisioning import service as provisioning
from gateway.provisioning.models import Line, Number

SEND: Final = "messaging.send"


def active_line(session: Session, client_id: str, line_id: str) -> tuple[Line, Number]:
    """The line, if it can be written from, and its number."""
    line = provisioning.line(session, client_id, line_id)
    number = numbers.number_of(session, line_id)
    if line.status == "released":
        raise Problem(
            409, "line_released", "The line was released: nothing can be written on it any more."
        )
    if line.status != "active" or number is None:
        raise Problem(
            409, "line_not_active", f"The line is {line.status}; only an active line can write."
        )
    return line, number


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


def by_id(session: Session, client_id: str, message_ids: Sequence[str]) -> Mapping[str, Message]:
    query = select(Message).where(Message.client_id == client_id, Message.id.in_(message_ids))
    return {row.id: row for row in session.scalars(query)}


def by_wamid(session: Session, client_id: str, wamids: Sequence[str]) -> Mapping[str, str]:
    """Our ids of the messages of these wamids."""
    query = select(Message.wamid, Message.id).where(
        Message.client_id == client_id, Message.wamid.in_(wamids)
    )
    return {str(row.wamid): row.id for row in session.execute(query)}


def changes(session: Session, client_id: str, wamids: Sequence[str]) -> Mapping[str, Message]:
    """What took back, else corrected last, the messages of these wamids."""
    query = (
        select(Message)
        .where(
            Message.client_id == client_id,
            Message.context_wamid.in_(wamids),
            Message.type.in_(("edit", "revoke")),
        )
        .order_by(Message.type == "revoke", Message.position)
    )
    return {str(message.context_wamid): message for message in session.scalars(query)}


def queue(
    session: Session,
    conversation: Conversation,
    *,
    type: str,
    content: Mapping[str, Any],
    category: str | None,
    introduction: bool = False,
    held: str | None = None,
    media_id: str | None = None,
    template_id: str | None = None,
    context_wamid: str | None = None,
    expires_at: datetime | None = None,
) -> Message:
    """Add a message to a locked conversation: it leaves by itself, unless `held` says why not."""
    quiet = None if held else judging.hold(session, conversation, type)
    row = Message(
        client_id=conversation.client_id,
        conversation_id=conversation.id,
        line_id=conversation.line_id,
        recruiter_id=conversation.recruiter_id,
        direction="outbound",
        type=type,
        content=dict(content),
        introduction=introduction,
        category=category,
        status="held" if held or quiet else "queued",
        reason=quiet.reason if quiet else held,
        not_before=quiet.until if quiet else None,
        expires_at=expires_at,
        media_id=media_id,
        template_id=template_id,
        context_wamid=context_wamid,
        attempts=0,
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()
    conversation.last_message_at = row.created_at
    telling.of_message(
        session,
        row,
        "created",
        type=type,
        status=row.status,
        reason=row.reason,
        introduction=introduction,
    )
    look_at = row.not_before or row.expires_at
    if row.status == "queued" or look_at:
        wake(session, row, after=clock.seconds_until(look_at) if look_at else 0)
    return row


def wake(session: Session, row: Message, *, after: float = 0) -> None:
    """Have the message's line looked at."""
    outbox.put(session, SEND, row.line_id, client_id=row.client_id, after=after)


def fail(session: Session, message: Message, error: Mapping[str, str | None]) -> None:
    """A message that will not arrive."""
    message.status, message.error = "failed", dict(error)
    telling.of_message(session, message, "failed", **{"provider_code": None, **error})


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
    if row.reason == "portfolio_limit":
        _give_up_place(session, client_id, [row.conversation_id])
        wake(session, row)
    row.status = "cancelled"
    telling.of_message(session, row, "cancelled", reason=None)
    return row


def drop(session: Session, client_id: str, conversation_ids: Sequence[str], reason: str) -> None:
    """Take back whatever of these conversations has not left."""
    dropped = session.scalars(
        update(Message)
        .where(
            Message.client_id == client_id,
            Message.conversation_id.in_(conversation_ids),
            Message.status.in_(("held", "queued")),
        )
        .values(status="cancelled", reason=reason)
        .returning(Message)
    ).all()
    _give_up_place(session, client_id, conversation_ids)
    for row in dropped:
        telling.of_message(session, row, "cancelled", reason=reason)


def drop_line(session: Session, client_id: str, line_id: str, reason: str) -> None:
    """Take back whatever has not left the line."""
    waiting = session.scalars(
        select(Message.conversation_id)
        .where(
            Message.client_id == client_id,
            Message.line_id == line_id,
            Message.status.in_(("held", "queued")),
        )
        .distinct()
    ).all()
    drop(session, client_id, waiting, reason)


def _give_up_place(session: Session, client_id: str, conversation_ids: Sequence[str]) -> None:
    """Whoever still waits for these people asks anew."""
    people = session.scalars(
        select(Conversation.candidate_id).where(
            Conversation.client_id == client_id, Conversation.id.in_(conversation_ids)
        )
    ).all()
    budget.withdraw(session, client_id, people)


def usable_templates(session: Session, client_id: str, line_id: str) -> list[Template]:
    number = numbers.number_of(session, line_id)
    if number is None or number.waba_id is None:
        return []
    return templates.approved(session, client_id, number.waba_id)


def template(usable: Sequence[Template], content: Mapping[str, Any]) -> Template | None:
    wanted = (content["name"], content["language"]["code"])
    return next((row for row in usable if (row.name, row.language) == wanted), None)
