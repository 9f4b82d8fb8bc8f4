"""Looks at how lines stand with groups."""

from gateway import clock, outbox
from gateway.database import tenant
from gateway.errors import ProviderError
from gateway.groups import service
from gateway.groups.models import GroupsLook
from gateway.outbox import Again, Lease
from gateway.provisioning import numbers
from gateway.workers import each


def look(lease: Lease) -> Again | None:
    """Read how the number stands, and keep what follows from it."""
    client_id, line_id = lease.client_id, lease.key
    with tenant(client_id) as session:
        number = numbers.number_of(session, line_id)
    if number is None or number.phone_number_id is None:
        return None
    try:
        report, error = service.investigate(number, client_id), None
    except ProviderError as refused:
        if refused.retryable:
            pause = refused.pause(lease.attempts) or outbox.backoff(lease.attempts)
            return Again(after=pause, error=refused.code)
        report, error = None, {"code": refused.code, "detail": refused.detail}
    with tenant(client_id) as session:
        outbox.guard(session, lease)
        row = session.get_one(GroupsLook, (client_id, line_id))
        row.report, row.error, row.seen_at = report, error, clock.now()
    return None


JOBS = {service.LOOK: each(look)}
