"""The calls that Meta counts against a number, counted here before each is made.

The count is the number's: it outlives the activation, its retries, and the line.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from gateway import clock, outbox
from gateway.database import lock, platform
from gateway.errors import OutcomeUnknown, SlowDown, TryAgain
from gateway.ids import new_uuid
from gateway.outbox import Lease
from gateway.provisioning.models import NumberAttempt
from gateway.provisioning.registrar_contract import AttemptKind

MOST_ATTEMPTS: Final = 10  # of one kind, in any 72 hours
# Ours is counted before it arrives there: what we have forgotten, Meta has forgotten as well.
_COUNTED_FOR: Final = timedelta(hours=72, minutes=5)
# Seconds to the next one after the nth went wrong: an outage of hours shall not use all of them.
_SPACING: Final = (0, 0, 0, 60, 300, 900, 1800, 3600, 3600, 3600)
_CALLS: Final = {
    "request_code": "requests for a code",
    "register": "registrations",
    "deregister": "deregistrations",
}


class AttemptsUsedUp(TryAgain):
    """Nothing was called: Meta takes no more such calls for this number until a known time."""


@contextmanager
def counted(phone_number: str, kind: AttemptKind, lease: Lease) -> Iterator[None]:
    """Make one such call inside. AttemptsUsedUp, before it, where Meta would take no more."""
    spent = _count(phone_number, kind, lease)
    try:
        yield
    except SlowDown:  # it was turned away before it reached the number
        with platform() as session:
            session.execute(delete(NumberAttempt).where(NumberAttempt.id == spent[-1].id))
        raise
    except OutcomeUnknown as error:
        error.retry_after = error.retry_after or _SPACING[len(spent) - 1] or None
        raise


def left(session: Session, phone_number: str, kind: AttemptKind) -> int:
    """How many such calls the number has left now. The session sees the platform's rows."""
    since = clock.now() - _COUNTED_FOR
    mine = (NumberAttempt.phone_number == phone_number, NumberAttempt.kind == kind)
    query = select(func.count()).where(*mine, NumberAttempt.at > since)
    return max(0, MOST_ATTEMPTS - session.execute(query).scalar_one())


def _count(phone_number: str, kind: AttemptKind, lease: Lease) -> list[NumberAttempt]:
    """Count one more; all that count now, the new one last."""
    now = clock.now()
    with platform() as session:
        outbox.guard(session, lease)
        lock(session, f"attempts:{phone_number}:{kind}")
        mine = (NumberAttempt.phone_number == phone_number, NumberAttempt.kind == kind)
        session.execute(delete(NumberAttempt).where(*mine, NumberAttempt.at <= now - _COUNTED_FOR))
        spent = list(session.scalars(select(NumberAttempt).where(*mine).order_by(NumberAttempt.at)))
        if len(spent) < MOST_ATTEMPTS:
            spent.append(NumberAttempt(id=new_uuid(), phone_number=phone_number, kind=kind, at=now))
            session.add(spent[-1])
            return spent
    raise _used_up(phone_number, kind, spent[-MOST_ATTEMPTS].at + _COUNTED_FOR)


def _used_up(phone_number: str, kind: AttemptKind, until: datetime) -> AttemptsUsedUp:
    return AttemptsUsedUp(
        "attempts_used_up",
        f"Meta takes {MOST_ATTEMPTS} {_CALLS[kind]} for {phone_number} in 72 hours, and they are"
        f" used up; it goes on by itself at {until:%Y-%m-%d %H:%M} UTC.",
        retry_after=clock.seconds_until(until),
        who="gateway",
    )
