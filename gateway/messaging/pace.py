"""How many messages may leave a line now, where that is fewer than we could send. Real time.

The line remembers when its last messages left: no second sees more than it may, whichever worker
sends, and nobody waits for it in the meantime.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from gateway.outbox import Lease
from gateway.provisioning import coexistence
from gateway.provisioning.app_limits import MESSAGES_A_SECOND

# A little more than the second that counts over there: calls take unequally long to arrive.
_SECOND: Final = timedelta(seconds=1.1)


def room(session: Session, lease: Lease, now: datetime, most: int) -> tuple[int, float]:
    """How many may leave, up to `most`; where none may, in how many seconds one does."""
    recent = _recent(session, lease, now)
    if recent is None:
        return most, 0.0
    if len(recent) >= MESSAGES_A_SECOND:
        return 0, (recent[0] + _SECOND - now).total_seconds()
    return min(most, MESSAGES_A_SECOND - len(recent)), 0.0


def spend(session: Session, lease: Lease, now: datetime, messages: int) -> None:
    """So many leave now."""
    recent = _recent(session, lease, now)
    if recent is not None and messages:
        coexistence.left(session, lease.client_id, lease.key, [*recent, *[now] * messages])


def _recent(session: Session, lease: Lease, now: datetime) -> list[datetime] | None:
    """When those of the last second left, the oldest first; None: the line has no pace."""
    row = coexistence.of_line(session, lease.client_id, lease.key)
    return None if row is None else [at for at in row.departures if at > now - _SECOND]
