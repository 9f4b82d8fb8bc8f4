"""What waits for a client's papers goes on when they change, or when a supplier judged them."""

from collections.abc import Sequence

import structlog
from sqlalchemy import select

from gateway import outbox
from gateway.database import platform, tenant
from gateway.ids import InvalidId
from gateway.onboarding import papers, service
from gateway.onboarding.models import Activation
from gateway.outbox import Lease
from gateway.tenancy import service as tenancy

log = structlog.get_logger()


def look_again(lease: Lease) -> None:
    """The client's papers changed: whatever may wait for them goes on, or says what it lacks."""
    with tenant(lease.client_id) as session:
        outbox.guard(session, lease)
        running = select(Activation.line_id).where(
            Activation.client_id == lease.client_id, Activation.state == "running"
        )
        for line_id in session.scalars(running):
            outbox.put(session, service.ADVANCE, line_id, client_id=lease.client_id)


def judged(references: Sequence[str]) -> None:
    """A supplier says that something became of these; of one that is no client's, nothing does."""
    for reference in references:
        client_id = papers.client_of(reference)
        try:
            with platform() as session:
                outbox.put(session, tenancy.PAPERS_CHANGED, client_id, client_id=client_id)
        except InvalidId:
            log.warning("papers_of_nobody")
