"""How fast a line may send, where that is slower than we are."""

import time
from dataclasses import dataclass

from gateway.database import tenant
from gateway.outbox import Lease
from gateway.provisioning import coexistence


@dataclass(kw_only=True)
class Pace:
    """Rounds of messages, spread so that no second sees more than it may. Real time."""

    a_second: int | None  # None: as fast as it goes
    free_at: float = 0.0

    def most(self, wanted: int) -> int:
        """How many may leave in one round."""
        return min(wanted, self.a_second or wanted)

    def wait(self) -> None:
        """Until the next round may leave: a second at most."""
        time.sleep(max(0.0, self.free_at - time.monotonic()))

    def spend(self, messages: int) -> None:
        if self.a_second:
            self.free_at = time.monotonic() + messages / self.a_second


def of_line(lease: Lease) -> Pace:
    """The pace of the line that a lease is for."""
    with tenant(lease.client_id) as session:
        stays_in_app = coexistence.of_line(session, lease.client_id, lease.key) is not None
    return Pace(a_second=coexistence.MESSAGES_A_SECOND if stays_in_app else None)
