"""What waits for a client's papers goes on when they change."""

from sqlalchemy import select

from gateway import outbox
from gateway.database import tenant
from gateway.onboarding import service
from gateway.onboarding.models import Activation
from gateway.outbox import Lease


def look_again(lease: Lease) -> None:
    """The client's papers changed: whatever may wait for them goes on, or says what it lacks."""
    with tenant(lease.client_id) as session:
        outbox.guard(session, lease)
        running = select(Activation.line_id).where(
            Activation.client_id == lease.client_id, Activation.state == "running"
        )
        for line_id in session.scalars(running):
            outbox.put(session, service.ADVANCE, line_id, client_id=lease.client_id)
