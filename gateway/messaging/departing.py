"""What leaves a line now: marked `sending` before it is sent; what may not is held or fails."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Row, and_, exists, func, select
from sqlalchemy.orm import Session, aliased

from gateway import clock, outbox
from gateway.database import tenant
from gateway.messaging import (
    answering,
    holding,
    introducing,
    judging,
    outgoing,
    pace,
    policy,
    uploading,
)
from gateway.messaging.contract import OutgoingMessage, Recipient
from gateway.messaging.models import Candidate, Conversation, Message
from gateway.outbox import Lease
from gateway.provisioning import budget, numbers
from gateway.provisioning import service as provisioning

Due = Row[Message, Conversation, Candidate]


@dataclass(frozen=True, kw_only=True)
class Departure:
    """A message about to leave, with what its result must find again."""

    message_id: str
    conversation_id: str
    candidate_id: str
    attempts: int
    upload: str | None  # the file that the platform must have first: then this leaves next time
    outgoing: OutgoingMessage


@dataclass(frozen=True, kw_only=True)
class Round:
    """What leaves now; who needs a place in the portfolio's budget before their message may; else
    in how many seconds something may leave."""

    departures: Sequence[Departure] = ()
    asking: Sequence[str] = ()
    portfolio_id: str = ""
    wait: float | None = None


def depart(lease: Lease, most: int, free_at: datetime | None) -> Round:
    """Mark what leaves now as `sending`, and hold what must wait: one message a conversation.

    `free_at`: when the next place of the portfolio's budget frees.
    """
    now = datetime.now(UTC)
    with tenant(lease.client_id) as session:
        outbox.guard(session, lease)
        line = provisioning.line(session, lease.client_id, lease.key)
        if line.status != "active":
            return Round()
        if line.paused_until and line.paused_until > now:
            return Round(wait=(line.paused_until - now).total_seconds())
        most, wait = pace.room(session, lease, now, most)
        if not most:
            return Round(wait=wait)
        rows = _due(session, lease, now, most)
        number = numbers.number_of(session, lease.key)
        if number is None or number.phone_number_id is None:
            return Round()
        if not rows:
            return Round(wait=_until_the_next(session, lease, now))
        portfolio_id = number.portfolio_id or ""
        allowed, asking = _admit(session, lease, rows, portfolio_id, free_at)
        departures: list[Departure] = []
        for phone_number_id, rows in _by_number(session, allowed, number.phone_number_id).items():
            known = uploading.known(session, phone_number_id, [row.Message for row in rows])
            waiting = uploading.waiting([row.Message for row in rows], known)
            departures += [
                _leaving(message, talk, candidate, phone_number_id, lease, known)
                for message, talk, candidate in rows
                if message.id not in waiting
            ]
        leaving = sum(departure.upload is None for departure in departures)
        pace.spend(session, lease, now, leaving)
        return Round(departures=departures, asking=asking, portfolio_id=portfolio_id, wait=0)


def _by_number(session: Session, rows: Sequence[Due], own: str) -> Mapping[str, list[Due]]:
    """What leaves from each number, by Meta's id: a line has two while one retires."""
    found: dict[str, list[Due]] = {}
    for row in rows:
        talk = row.Conversation
        number = answering.number_for(session, talk) if talk.answered_from else None
        found.setdefault((number and number.phone_number_id) or own, []).append(row)
    return found


def _queued(lease: Lease) -> ColumnElement[bool]:
    return and_(
        Message.client_id == lease.client_id,
        Message.line_id == lease.key,
        Message.status == "queued",
    )


def _due(session: Session, lease: Lease, now: datetime, most: int) -> Sequence[Due]:
    """The first message of each conversation that nothing before it keeps waiting, locked."""
    earlier = aliased(Message)
    blocked = exists().where(
        earlier.client_id == Message.client_id,
        earlier.conversation_id == Message.conversation_id,
        earlier.position < Message.position,
        earlier.status.in_(("held", "queued", "sending")),
        # What waits by itself does not keep others waiting, unless it is an introduction.
        (earlier.status != "held") | earlier.introduction | earlier.reason.not_in(holding.PASSABLE),
    )
    return session.execute(
        select(Message, Conversation, Candidate)
        .join(
            Conversation,
            (Conversation.client_id == Message.client_id)
            & (Conversation.id == Message.conversation_id),
        )
        .join(
            Candidate,
            (Candidate.client_id == Conversation.client_id)
            & (Candidate.id == Conversation.candidate_id),
        )
        .where(_queued(lease), ~blocked)
        .where(func.coalesce(Message.retry_at, now) <= now)
        .order_by(Message.position)
        .limit(most)
        .with_for_update(of=Message)
    ).all()


def _until_the_next(session: Session, lease: Lease, now: datetime) -> float | None:
    """In how many seconds something that pauses may leave; None: nothing does."""
    earliest = session.scalar(select(func.min(Message.retry_at)).where(_queued(lease)))
    return None if earliest is None else max(0.1, (earliest - now).total_seconds())


def _admit(
    session: Session,
    lease: Lease,
    rows: Sequence[Due],
    portfolio_id: str,
    free_at: datetime | None,
) -> tuple[list[Due], list[str]]:
    """What may leave, and the candidates who need a place in the budget first. The rest is held."""
    allowed: list[Due] = []
    asking: list[str] = []
    places = budget.fresh(
        session, portfolio_id, lease.client_id, [candidate.id for *_, candidate in rows]
    )
    for row in rows:
        message, talk, candidate = row
        if not _still_allowed(session, message, talk):
            continue
        if why := judging.hold(session, talk, message.type):
            holding.hold(session, message, why)
        elif not portfolio_id or not _writes_first(message, talk) or places.get(candidate.id):
            allowed.append(row)
        elif candidate.id in places:
            why = policy.Hold(reason="portfolio_limit", until=free_at)
            holding.hold(session, message, why)
        else:
            asking.append(candidate.id)
    return allowed, asking


def _writes_first(message: Message, talk: Conversation) -> bool:
    return policy.writes_first(
        is_template=message.type == "template",
        last_inbound_at=talk.last_inbound_at,
        now=clock.now(),
    )


def _still_allowed(session: Session, message: Message, talk: Conversation) -> bool:
    """The window may have closed while a free-form message waited."""
    if message.type == "template" or policy.window_is_open(talk.last_inbound_at, clock.now()):
        return True
    error = {
        "code": "reply_window_closed",
        "detail": "The reply window closed before the message could leave; send a template.",
    }
    outgoing.fail(session, message, error)
    introducing.undo(session, message)
    return False


def _leaving(
    message: Message,
    talk: Conversation,
    candidate: Candidate,
    phone_number_id: str,
    lease: Lease,
    known: Mapping[str, str],
) -> Departure:
    provider_id = known.get(message.media_id or "")
    upload = message.media_id if provider_id is None else None
    if upload is None:
        message.status, message.fence = "sending", lease.fence
        message.sending_since = datetime.now(UTC)
    message.attempts += 1
    return Departure(
        message_id=message.id,
        conversation_id=talk.id,
        candidate_id=candidate.id,
        attempts=message.attempts,
        upload=upload,
        outgoing=OutgoingMessage(
            message_id=message.id,
            phone_number_id=phone_number_id,
            recipient=Recipient(phone=candidate.phone, bsuid=candidate.bsuid),
            type=message.type,
            content=uploading.renamed(message.content, message.media_id, provider_id),
            context_wamid=message.context_wamid,
        ),
    )
