"""The jobs of events: number them, push them."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import groupby
from typing import Final

from flask import current_app

from gateway import outbox
from gateway.database import working_for
from gateway.errors import ProviderError
from gateway.events import absence, deliveries, publishing, service, signing
from gateway.events.deliveries import Attempt, Push
from gateway.events.schemas import body_of
from gateway.http_client import HttpClient
from gateway.outbox import Again, Lease
from gateway.workers import Job, each, settle_by

AT_ONCE: Final = 32  # calls of one worker; none takes longer than `http_client.PUSH_SECONDS`
_ROUNDS: Final = 20
_FIXED_HEADERS: Final = {"Content-Type": "application/json", "User-Agent": "LinkoJob-Gateway"}


def publish(leases: Sequence[Lease]) -> None:
    """Number what the promises stand for; one look keeps all of a vendor's."""
    for _, promised in groupby(sorted(leases, key=_vendor), key=_vendor):
        first, *rest = promised
        settle_by(partial(_look, rest=rest), first)


def _look(first: Lease, *, rest: Sequence[Lease]) -> Again | None:
    more = all(publishing.publish(_vendor(first)) for _ in range(_ROUNDS))
    outbox.done(rest)  # the first one goes on, if there is more
    return Again(after=0) if more else None


def _vendor(lease: Lease) -> str:
    return lease.key.partition("/")[0]


def deliver(lease: Lease) -> Again | None:
    """One attempt to push one event to one endpoint. After a crash it may be pushed twice."""
    vendor_id, endpoint_id, event_id = lease.key.split("/")
    which = (vendor_id, lease.client_id, (endpoint_id, event_id))
    with working_for(vendor_id) as session:
        found = deliveries.due(session, *which)
    if found is None:
        return None
    attempt = _attempt(found) if isinstance(found, Push) else found
    with working_for(vendor_id) as session:
        outbox.guard(session, lease)
        return deliveries.note(session, *which, attempt)


def _attempt(push: Push) -> Attempt:
    http: HttpClient = current_app.extensions["http"]
    body = body_of(push.event)
    now, began = datetime.now(UTC), time.monotonic()
    headers = signing.headers(push.secrets, push.event.id, int(now.timestamp()), body)
    status: int | None = None
    error: str | None = None
    try:
        status = http.push(push.url, body=body, headers={**_FIXED_HEADERS, **headers})
    except ProviderError as failure:
        error = failure.code
    return Attempt(
        at=now.isoformat(),
        status_code=status,
        error=error,
        duration_ms=round((time.monotonic() - began) * 1000),
    )


JOBS = {
    service.PUBLISH: Job(run=publish, batch=200),
    absence.CATCH_UP: each(absence.catch_up),
    deliveries.DELIVER: each(deliver, at_once=AT_ONCE, lane="pushes"),
}
