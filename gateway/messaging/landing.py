"""What came of what was sent: taken, refused for now or for good, or unknown."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

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
from gateway.messaging import consent, introducing, outgoing, people, settling, uploading
from gateway.messaging.contract import Acceptance
from gateway.messaging.departing import Departure
from gateway.messaging.models import Message
from gateway.messaging.uploading import Uploaded
from gateway.outbox import Lease
from gateway.provisioning import numbers
from gateway.provisioning import service as provisioning

MOST_ATTEMPTS: Final = 8

Result = Acceptance | Uploaded | ProviderError


def land(lease: Lease, results: Sequence[tuple[Departure, Result]]) -> bool:
    """Record what came of a round, if the lease is still ours; False where the line must stop."""
    goes_on = True
    slow = next((result for _, result in results if isinstance(result, SlowDown)), None)
    with tenant(lease.client_id) as session:
        outbox.guard(session, lease)
        number = numbers.number_of(session, lease.key)
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
        settling.expect(session, lease.client_id, message.id)
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
