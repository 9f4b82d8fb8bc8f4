"""Messages that wait: for the candidate's word, for the morning, for a place in the budget.

The drain of a line looks after them; the policy's clock says when.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, false, func, or_, select, text, update
from sqlalchemy.orm import Session

from gateway import clock, outbox
from gateway.database import platform, tenant
from gateway.messaging import answering, introducing, judging, outgoing, policy, telling
from gateway.messaging.models import Candidate, Conversation, Message
from gateway.outbox import Again, Lease
from gateway.problems import Problem
from gateway.provisioning import budget, numbers, routes
from gateway.provisioning import service as provisioning
from gateway.tenancy import quiet_hours
from gateway.tenancy import service as tenancy

SHARE: Final = "messaging.share_budget"
PASSABLE: Final = ("awaiting_reply", "quiet_hours", "portfolio_limit")
_LOOK_AGAIN: Final = 900.0  # a limit or its portfolio may have changed meanwhile


def hold(session: Session, message: Message, why: policy.Hold) -> None:
    """A message that was about to leave waits."""
    message.status, message.reason, message.not_before = "held", why.reason, why.until
    telling.of_message(
        session,
        message,
        "held",
        reason=why.reason,
        not_before=why.until and why.until.isoformat(),
    )


def answered(session: Session, talk: Conversation, candidate: Candidate) -> None:
    """The candidate of a locked conversation wrote: what waited for that is judged again."""
    if not policy.window_is_open(talk.last_inbound_at, clock.now()):
        return
    waiting = session.scalars(
        select(Message)
        .where(
            Message.client_id == talk.client_id,
            Message.conversation_id == talk.id,
            Message.status == "held",
            Message.reason.in_(PASSABLE),
        )
        .order_by(Message.position)
        .with_for_update()
    ).all()
    for message in waiting:
        if message.reason == "awaiting_reply":
            _release(session, talk, candidate, message)
    if waiting:
        outgoing.wake(session, waiting[0])


def _release(session: Session, talk: Conversation, candidate: Candidate, message: Message) -> None:
    """It takes its place anew, after the answer and after the introduction that may be missing."""
    try:
        _admit(session, talk, candidate)
    except Problem as problem:
        _give_up(session, message, problem.code, problem.detail)
        return
    session.execute(
        update(Message)
        .where(Message.client_id == message.client_id, Message.id == message.id)
        .values(status="queued", reason=None, position=text("DEFAULT"))
        .execution_options(synchronize_session=False)
    )
    session.expire(message)


def _admit(session: Session, talk: Conversation, candidate: Candidate) -> None:
    """Raise the Problem that the message meets now; introduce who wrote it, if nobody did."""
    if talk.recruiter_id is None:
        raise Problem(409, "conversation_unassigned", "The conversation is nobody's any more.")
    judging.require(session, talk, candidate, (), ())
    number = answering.number_for(session, talk)
    if number is not None and introducing.is_missing(talk, number):
        introducing.as_text(session, talk, candidate, number)


def _give_up(session: Session, message: Message, code: str, detail: str) -> None:
    message.reason = None
    outgoing.fail(session, message, {"code": code, "detail": detail})


def look(lease: Lease) -> None:
    """Let go what need not wait any longer on a line, and give up what waited too long."""
    now = clock.now()
    with tenant(lease.client_id) as session:
        outbox.guard(session, lease)
        expired = session.scalars(
            select(Message)
            .where(_held(lease), Message.reason == "awaiting_reply", Message.expires_at <= now)
            .order_by(Message.position)
            .with_for_update()
        ).all()
        for message in expired:
            detail = "The candidate did not write before the message expired."
            _give_up(session, message, "hold_expired", detail)
        freed = session.scalars(
            update(Message)
            .where(
                _held(lease),
                Conversation.client_id == Message.client_id,
                Conversation.id == Message.conversation_id,
                or_(
                    _may_wake(session, lease, now),
                    _has_place(session, lease, now),
                    _was_stopped(session, lease),
                ),
            )
            .values(status="queued", reason=None, not_before=None)
            .returning(Conversation.candidate_id)
            .execution_options(synchronize_session=False)
        ).all()
        budget.withdraw(session, lease.client_id, freed)


def next_look(lease: Lease) -> float | None:
    """In how many seconds something held on a line wants to be looked at; None: nothing does."""
    with tenant(lease.client_id) as session:
        soonest = session.scalar(
            select(func.min(func.coalesce(Message.expires_at, Message.not_before))).where(
                _held(lease), Message.reason.in_(("awaiting_reply", "quiet_hours"))
            )
        )
    return None if soonest is None else max(0.1, clock.seconds_until(soonest))


def ask(portfolio_id: str, client_id: str, candidate_ids: Sequence[str]) -> datetime | None:
    """Ask for places in the portfolio's budget; when the next one frees, if not all got one."""
    with platform() as session:
        shared = budget.ask(session, portfolio_id, client_id, candidate_ids)
        asked = {(client_id, candidate_id) for candidate_id in candidate_ids}
        others = [one for one in shared.given if (one.client_id, one.candidate_id) not in asked]
        _wake(session, portfolio_id, others)
        if shared.next_at:
            outbox.put(session, SHARE, portfolio_id, after=_pause(shared.next_at))
    return shared.next_at


def share(lease: Lease) -> Again | None:
    """Places of a portfolio have become free: give them to those who wait."""
    with platform() as session:
        outbox.guard(session, lease)
        shared = budget.share_out(session, lease.key)
        _wake(session, lease.key, shared.given)
    return Again(after=_pause(shared.next_at)) if shared.next_at else None


def would_wait_until(portfolio_id: str, client_id: str, candidate_id: str) -> datetime | None:
    """Until when a first message to this person would wait for a place; None: not at all."""
    with platform() as session:
        place = budget.Place(client_id=client_id, candidate_id=candidate_id)
        return budget.would_wait_until(session, portfolio_id, place)


def _pause(until: datetime) -> float:
    return max(0.1, min(_LOOK_AGAIN, clock.seconds_until(until)))


def _wake(session: Session, portfolio_id: str, given: Sequence[budget.Place]) -> None:
    clients = {place.client_id for place in given}
    for route in routes.lines_in_portfolio(session, portfolio_id):
        if route.client_id in clients:
            outbox.put(session, outgoing.SEND, route.line_id, client_id=route.client_id)


def _held(lease: Lease) -> ColumnElement[bool]:
    return and_(
        Message.client_id == lease.client_id,
        Message.line_id == lease.key,
        Message.status == "held",
    )


def _may_wake(session: Session, lease: Lease, now: datetime) -> ColumnElement[bool]:
    """What waits for the quiet hours: they are over, or the candidate wrote in them."""
    period = quiet_hours.period(tenancy.client(session, lease.client_id).quiet_hours, now)
    waits = Message.reason == "quiet_hours"
    if period is None:
        return waits
    return and_(waits, or_(Message.not_before <= now, Conversation.last_inbound_at >= period[0]))


def _was_stopped(session: Session, lease: Lease) -> ColumnElement[bool]:
    """What was refused because the line was stopped: the line sends again."""
    line = provisioning.line(session, lease.client_id, lease.key)
    return Message.reason == Message.error["code"].astext if line.status == "active" else false()


def _has_place(session: Session, lease: Lease, now: datetime) -> ColumnElement[bool]:
    """What waits for a place: it has one, nobody asks for one any more, or it needs none."""
    number = numbers.number_of(session, lease.key)
    still_waits = budget.still_waits(
        number.portfolio_id if number else None, Message.client_id, Conversation.candidate_id
    )
    needs_none = Conversation.last_inbound_at > now - policy.REPLY_WINDOW
    return and_(Message.reason == "portfolio_limit", or_(~still_waits, needs_none))
