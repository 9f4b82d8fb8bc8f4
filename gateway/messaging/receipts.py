"""What became of our messages. A status counts once, and a state never goes backwards."""

from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.ids import InvalidId
from gateway.messaging import consent, introducing, people, telling
from gateway.messaging.contract import StatusUpdate
from gateway.messaging.models import Candidate, Conversation, Message, MessageStatus
from gateway.provisioning import service as provisioning

RANK: Final = {
    "held": 0,
    "queued": 0,
    "sending": 1,
    "unconfirmed": 1,
    "accepted": 2,
    "sent": 3,
    "delivered": 4,
    "read": 5,
    "played": 6,
}
_DELIVERED: Final = ("delivered", "read", "played")
_FINAL: Final = ("failed", "cancelled", "received")


def note(session: Session, client_id: str, update: StatusUpdate) -> None:
    """Record a status; a repeated one changes nothing."""
    message = _message(session, client_id, update)
    fresh = session.execute(
        insert(MessageStatus)
        .values(
            client_id=client_id,
            wamid=update.wamid,
            status=update.status,
            recipient=update.recipient,
            message_id=message and message.id,
            at=update.at,
            details={
                "error_code": update.error_code,
                "pricing_category": update.pricing_category,
                "pricing_type": update.pricing_type,
            },
        )
        .on_conflict_do_nothing()
        .returning(MessageStatus.wamid)
    ).first()
    if fresh is None or message is None:
        return
    known_from = message.delivered_at or message.read_at
    _stamp(message, update)
    if message.source is not None:  # the app sent it: nobody pays for it or waits for it here
        if _advances(message.status, update.status):
            message.status = update.status
        return
    if not _advances(message.status, update.status):
        if update.status in _DELIVERED and (known_from is None or update.at < known_from):
            facts = _facts(session, message, update)
            telling.of_message(session, message, "delivery_learned", **facts)
        return
    message.status = update.status
    message.reason = None
    if update.status == "failed":
        _undelivered(session, message, update)
        message.error = {
            "code": "delivery_failed",
            "provider_code": update.error_code,
            "detail": update.error_detail,
        }
    facts = _facts(session, message, update)
    error = message.error or {} if update.status == "failed" else {}
    telling.of_message(session, message, update.status, **facts, **error)


def _undelivered(session: Session, message: Message, update: StatusUpdate) -> None:
    introducing.undo(session, message)
    talk = session.get_one(Conversation, (message.client_id, message.conversation_id))
    candidate = session.get_one(Candidate, (message.client_id, talk.candidate_id))
    if update.stops_line:
        detail = update.error_detail or ""
        provisioning.suspend(session, message.client_id, message.line_id, update.stops_line, detail)
    elif update.withholds_marketing:
        consent.marketing_withheld(candidate, update.at)
    elif update.stops_marketing:
        consent.marketing_refused(session, candidate, message.id, update.at)


def _message(session: Session, client_id: str, update: StatusUpdate) -> Message | None:
    """By the id that travelled along, which also settles what was unconfirmed; else by wamid."""
    query = select(Message).where(Message.client_id == client_id).with_for_update()
    message = session.scalars(query.where(Message.wamid == update.wamid)).first()
    if message is None and update.message_id:
        try:
            message = session.scalars(query.where(Message.id == update.message_id)).first()
        except InvalidId:
            return None
    if message is not None and message.wamid is None:
        message.wamid = update.wamid
    return message


def _advances(state: str, status: str) -> bool:
    if state in _FINAL or status not in (*RANK, "failed"):
        return False
    if status == "failed":
        return RANK[state] < RANK["delivered"]
    return RANK[status] > RANK[state]


def _stamp(message: Message, update: StatusUpdate) -> None:
    """When it was sent, delivered, read: by Meta's own timestamps, in whatever order."""
    if update.pricing_category:
        message.category = update.pricing_category
    for name, implied in (
        ("sent_at", ("sent",)),
        ("delivered_at", ("delivered",)),
        ("read_at", ("read", "played")),
    ):
        if update.status in implied:
            setattr(message, name, min(getattr(message, name) or update.at, update.at))


def _facts(session: Session, message: Message, update: StatusUpdate) -> dict[str, Any]:
    """What is told of a status beside the message itself."""
    talk = session.get_one(Conversation, (message.client_id, message.conversation_id))
    candidate = session.get_one(Candidate, (message.client_id, talk.candidate_id))
    return {
        "at": update.at.isoformat(),
        "category": message.category,
        "pricing_type": update.pricing_type,
        "country": people.country(candidate),
        "template_id": message.template_id,
        "application_ref": talk.applications[-1] if talk.applications else None,
    }
