"""The drain: takes the lines that have something to send, and sends.

The platform has no idempotency key. So `sending` is committed before the call, our message id
travels along, and what a crash or a timeout left open is `unconfirmed` until a status that carries
the id settles it. Nothing is ever sent twice on our own account.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from flask import Flask, current_app
from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session, aliased

from gateway import clock, outbox
from gateway.database import tenant
from gateway.errors import (
    AccountStopped,
    MarketingStopped,
    MarketingWithheld,
    OutcomeUnknown,
    ProviderError,
    SlowDown,
    TryAgain,
)
from gateway.messaging import (
    consent,
    holding,
    introducing,
    judging,
    outgoing,
    people,
    policy,
    uploading,
)
from gateway.messaging.contract import Acceptance, MessagingProvider, OutgoingMessage, Recipient
from gateway.messaging.models import Candidate, Conversation, Message, MessageStatus
from gateway.messaging.uploading import Uploaded
from gateway.outbox import Again, Lease
from gateway.plugin_host import PluginHost
from gateway.provisioning import budget
from gateway.provisioning import service as provisioning
from gateway.workers import this_app

log = structlog.get_logger()

SETTLE: Final = "messaging.settle"
MOST_ATTEMPTS: Final = 8


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


Result = Acceptance | Uploaded | ProviderError


def send_line(lease: Lease) -> Again | None:
    """Send what is due on one line, a round at a time: one message a conversation, in order."""
    host: PluginHost = current_app.extensions["plugin_host"]
    settings = current_app.extensions["settings"].messaging
    provider = host.messaging_providers.get(settings.provider)
    ends = datetime.now(UTC) + timedelta(seconds=current_app.extensions["lease"].total_seconds())
    free_at = None
    _give_up_on_the_dead(lease)
    holding.look(lease)
    app = this_app()
    with ThreadPoolExecutor(settings.threads, thread_name_prefix="send") as pool:
        while datetime.now(UTC) < ends:
            found = _depart(lease, settings.threads, free_at)
            if not found.departures and not found.asking:
                return _rest(lease, found.wait)
            results = pool.map(
                lambda leaving: _send(app, lease, provider, leaving), found.departures
            )
            if not _land(lease, list(zip(found.departures, results, strict=True))):
                return _rest(lease, None)
            if found.asking:
                free_at = holding.ask(found.portfolio_id, lease.client_id, found.asking)
    return Again(after=0)


def _rest(lease: Lease, wait: float | None) -> Again | None:
    """Until something that is queued may leave, or something held wants to be looked at."""
    waits = [it for it in (wait, holding.next_look(lease)) if it is not None]
    return Again(after=min(waits)) if waits else None


def _give_up_on_the_dead(lease: Lease) -> None:
    """What a former holder of the lease left in `sending` may have gone out: it is unconfirmed."""
    with tenant(lease.client_id) as session:
        outbox.guard(session, lease)
        left = session.scalars(
            update(Message)
            .where(
                Message.client_id == lease.client_id,
                Message.line_id == lease.key,
                Message.status == "sending",
                Message.fence < lease.fence,
            )
            .values(status="unconfirmed")
            .returning(Message.id)
        ).all()
        for message_id in left:
            _await_settlement(session, lease.client_id, message_id)


def _depart(lease: Lease, most: int, free_at: datetime | None) -> Round:
    """Mark what leaves now as `sending`, and hold what must wait.

    `free_at`: when the next place of the portfolio's budget frees.
    """
    earlier = aliased(Message)
    now = datetime.now(UTC)
    ours = (Message.client_id == lease.client_id) & (Message.line_id == lease.key)
    blocked = exists().where(
        earlier.client_id == Message.client_id,
        earlier.conversation_id == Message.conversation_id,
        earlier.position < Message.position,
        earlier.status.in_(("held", "queued", "sending")),
        # What waits by itself does not keep others waiting, unless it is an introduction.
        (earlier.status != "held") | earlier.introduction | earlier.reason.not_in(holding.PASSABLE),
    )
    with tenant(lease.client_id) as session:
        outbox.guard(session, lease)
        line = provisioning.line(session, lease.client_id, lease.key)
        if line.status != "active":
            return Round()
        if line.paused_until and line.paused_until > now:
            return Round(wait=(line.paused_until - now).total_seconds())
        rows = session.execute(
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
            .where(ours, Message.status == "queued", ~blocked)
            .where(func.coalesce(Message.retry_at, now) <= now)
            .order_by(Message.position)
            .limit(most)
            .with_for_update(of=Message)
        ).all()
        number = provisioning.number_of(session, lease.key)
        if number is None or number.phone_number_id is None:
            return Round()
        portfolio_id = number.portfolio_id or ""
        allowed, asking = [], []
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
        known = uploading.known(session, number.phone_number_id, [row.Message for row in allowed])
        waiting = uploading.waiting([row.Message for row in allowed], known)
        departures = [
            _leaving(message, talk, candidate, number.phone_number_id, lease, known)
            for message, talk, candidate in allowed
            if message.id not in waiting
        ]
        if rows:
            return Round(departures=departures, asking=asking, portfolio_id=portfolio_id, wait=0)
        earliest = session.scalar(
            select(func.min(Message.retry_at)).where(ours, Message.status == "queued")
        )
    if earliest is None:
        return Round()
    return Round(wait=max(0.1, (earliest - now).total_seconds()))


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


def _send(app: Flask, lease: Lease, provider: MessagingProvider, leaving: Departure) -> Result:
    try:
        if leaving.upload is None:
            return provider.send(leaving.outgoing)
        with app.app_context():
            number_id = leaving.outgoing.phone_number_id
            return uploading.upload(provider, lease.client_id, number_id, leaving.upload)
    except ProviderError as error:
        return error


def _land(lease: Lease, results: Sequence[tuple[Departure, Result]]) -> bool:
    """Record what came of a round, if the lease is still ours; False where the line must stop."""
    goes_on = True
    slow = next((result for _, result in results if isinstance(result, SlowDown)), None)
    with tenant(lease.client_id) as session:
        outbox.guard(session, lease)
        number = provisioning.number_of(session, lease.key)
        portfolio_id = (number and number.portfolio_id) or ""
        for leaving, result in results:
            key = (lease.client_id, leaving.message_id)
            message = session.get_one(Message, key, with_for_update=True)
            if isinstance(result, Acceptance):
                _accepted(session, message, leaving, result, portfolio_id)
            elif isinstance(result, Uploaded):
                uploading.record(session, lease.client_id, result)
            elif message.status == ("queued" if leaving.upload else "sending"):
                stays = _refused(session, lease, message, leaving.candidate_id, result)
                goes_on = stays and goes_on
        if slow:
            provisioning.pause(session, lease.client_id, lease.key, slow)
        elif any(isinstance(result, Acceptance) for _, result in results):
            provisioning.unpause(session, lease.client_id, lease.key)
    return goes_on


def _accepted(
    session: Session, message: Message, leaving: Departure, result: Acceptance, portfolio_id: str
) -> None:
    message.wamid = message.wamid or result.wamid
    if message.status == "sending":  # a status may have been faster than the answer
        message.status, message.error = "accepted", None
    candidate = people.candidate(session, message.client_id, leaving.candidate_id)
    known: Mapping[str, str | None] = {"wa_id": result.wa_id, "bsuid": result.bsuid}
    people.learn(session, candidate, portfolio_id, known)


def _refused(
    session: Session, lease: Lease, message: Message, candidate_id: str, error: ProviderError
) -> bool:
    """What each class of error means for the message; False where the whole line must stop."""
    shown = {"code": error.code, "detail": error.detail, "provider_code": error.provider_code}
    if isinstance(error, OutcomeUnknown):
        message.status, message.error = "unconfirmed", shown
        _await_settlement(session, lease.client_id, message.id)
    elif isinstance(error, SlowDown):  # not the message's fault: it is no attempt of its own
        message.status, message.error = "queued", shown
        message.attempts -= 1
    elif isinstance(error, TryAgain) and message.attempts < MOST_ATTEMPTS:
        pause = error.pause(message.attempts) or outbox.backoff(message.attempts)
        message.status, message.error = "queued", shown
        message.retry_at = datetime.now(UTC) + timedelta(seconds=pause)
    elif isinstance(error, AccountStopped):
        message.status, message.reason, message.error = "held", error.code, shown
        provisioning.suspend(session, lease.client_id, lease.key, error.code, error.detail)
        return False
    else:
        outgoing.fail(session, message, shown)
        introducing.undo(session, message)
        if message.media_id is not None:
            uploading.forget(session, lease.client_id, message.media_id)
        candidate = people.candidate(session, message.client_id, candidate_id)
        if isinstance(error, MarketingWithheld):
            consent.marketing_withheld(candidate, clock.now())
        elif isinstance(error, MarketingStopped):
            consent.marketing_refused(session, candidate, message.id, clock.now())
    return True


def _await_settlement(session: Session, client_id: str, message_id: str) -> None:
    silence = current_app.extensions["settings"].messaging.unconfirmed_seconds
    outbox.put(session, SETTLE, message_id, client_id=client_id, after=silence)


def settle(lease: Lease) -> Again | None:
    """After the stated silence an unconfirmed message fails, if its line was heard meanwhile."""
    silence = current_app.extensions["settings"].messaging.unconfirmed_seconds
    with tenant(lease.client_id) as session:
        outbox.guard(session, lease)
        message = session.get(Message, (lease.client_id, lease.key), with_for_update=True)
        if message is None or message.status != "unconfirmed":
            return None
        heard = session.scalar(
            select(
                exists().where(
                    Message.client_id == lease.client_id,
                    Message.line_id == message.line_id,
                    Message.id == MessageStatus.message_id,
                    MessageStatus.client_id == lease.client_id,
                    Message.sending_since > message.sending_since,
                )
            )
        )
        if not heard:
            return Again(after=silence)
        outgoing.fail(
            session,
            message,
            {
                "code": "outcome_unknown",
                "detail": "Nothing was heard of this message while others were delivered."
                " It may or may not have arrived; send it again only if a double does no harm.",
            },
        )
    return None
