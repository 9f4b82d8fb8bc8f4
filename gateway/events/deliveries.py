"""Which event goes to which endpoint, what became of it, and when it is tried again."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway import outbox
from gateway.events import endpoints
from gateway.events.models import EventRow, WebhookDelivery, WebhookEndpoint
from gateway.ids import InvalidId
from gateway.outbox import Again
from gateway.problems import Problem, not_found

DELIVER: Final = "events.deliver"
DISABLED: Final = "endpoint_disabled"
MINUTE, HOUR = 60, 3600
SCHEDULE: Final = (
    5,
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    5 * HOUR,
    10 * HOUR,
    14 * HOUR,
    20 * HOUR,
    24 * HOUR,
)
"""Seconds from each failed attempt to the next; after the last there is none."""
JITTER: Final = 0.1
ATTEMPTS_KEPT: Final = 50
MOST_RESENT: Final = 10_000


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One call of an endpoint: the status it answered, or our code for why there is none."""

    at: str
    status_code: int | None
    error: str | None
    duration_ms: int


@dataclass(frozen=True, kw_only=True)
class Push:
    """What an attempt needs to know."""

    url: str
    event: EventRow
    secrets: tuple[str, ...]


def promise(session: Session, vendor_id: str, events: Sequence[EventRow]) -> None:
    """Each of these events goes to every endpoint that wants its type."""
    enabled = [one for one in endpoints.all_of(session, vendor_id) if one.enabled]
    for endpoint in enabled:
        _send(session, endpoint, [row for row in events if endpoints.wants(endpoint, row.type)])


def resend(session: Session, endpoint: WebhookEndpoint, wanted: Mapping[str, Any]) -> int:
    """Send one event (`event_id`), or what happened `after` and `before` two times; how many."""
    if "event_id" in wanted:
        return _resend_one(session, endpoint, wanted["event_id"])
    return _resend_range(session, endpoint, wanted["after"], wanted["before"])


def _resend_one(session: Session, endpoint: WebhookEndpoint, event_id: str) -> int:
    """Send an event (again), whether or not the endpoint subscribes to its type."""
    try:
        found = session.scalars(_published(endpoint).where(EventRow.id == event_id)).all()
    except InvalidId:
        found = []
    if not found:
        raise not_found("event")
    return _resend(session, endpoint, found)


def _resend_range(
    session: Session, endpoint: WebhookEndpoint, after: datetime, before: datetime | None
) -> int:
    """Send (again) what happened between two times and the endpoint subscribes to; how many."""
    query = _published(endpoint).where(EventRow.occurred_at > after)
    if before is not None:
        query = query.where(EventRow.occurred_at < before)
    if endpoints.EVERYTHING not in endpoint.events:
        query = query.where(EventRow.type.in_(endpoint.events))
    found = session.scalars(query.order_by(EventRow.position).limit(MOST_RESENT + 1)).all()
    if len(found) > MOST_RESENT:
        raise Problem(
            422,
            "too_many_events",
            f"More than {MOST_RESENT} events happened between these times; take them closer.",
        )
    return _resend(session, endpoint, found)


def page(
    session: Session,
    endpoint: WebhookEndpoint,
    *,
    status: str | None,
    before: int | None,
    limit: int,
) -> Sequence[Row[WebhookDelivery, str]]:
    """Deliveries with their events' types, newest event first, from before a position."""
    query = (
        select(WebhookDelivery, EventRow.type)
        .join(
            EventRow,
            (EventRow.client_id == WebhookDelivery.client_id)
            & (EventRow.id == WebhookDelivery.event_id),
        )
        .where(
            WebhookDelivery.vendor_id == endpoint.vendor_id,
            WebhookDelivery.endpoint_id == endpoint.id,
        )
        .order_by(WebhookDelivery.position.desc())
        .limit(limit)
    )
    if status:
        query = query.where(WebhookDelivery.status == status)
    if before is not None:
        query = query.where(WebhookDelivery.position < before)
    return session.execute(query).all()


def due(
    session: Session, vendor_id: str, client_id: str, key: tuple[str, str]
) -> Push | Attempt | None:
    """What to send to an endpoint of an event; an attempt where it is not to be called now."""
    endpoint_id, event_id = key
    delivery = session.get(WebhookDelivery, (client_id, event_id, endpoint_id))
    if delivery is None or delivery.status != "pending":
        return None
    endpoint = session.get_one(WebhookEndpoint, (vendor_id, endpoint_id))
    if not endpoint.enabled:
        return _uncalled(DISABLED)
    if endpoints.is_resting(endpoint):
        return _uncalled("endpoint_resting")
    return Push(
        url=endpoint.url,
        event=session.get_one(EventRow, (client_id, event_id)),
        secrets=endpoints.secrets_of(session, endpoint),
    )


def note(
    session: Session, vendor_id: str, client_id: str, key: tuple[str, str], attempt: Attempt
) -> Again | None:
    """Record an attempt; when to try again."""
    endpoint_id, event_id = key
    # The endpoint before the delivery: deleting an endpoint locks in this order as well.
    endpoints.heard(session, vendor_id, endpoint_id, attempt.status_code, attempt.error)
    delivery = session.get(
        WebhookDelivery, (client_id, event_id, endpoint_id), with_for_update=True
    )
    if delivery is None:
        return None
    delivery.attempts = [*delivery.attempts, asdict(attempt)][-ATTEMPTS_KEPT:]
    delivery.next_attempt_at = None
    if attempt.status_code is not None and 200 <= attempt.status_code < 300:
        delivery.status = "delivered"
        return None
    hopeless = attempt.status_code == endpoints.GONE or attempt.error == DISABLED
    if hopeless or delivery.tries >= len(SCHEDULE):
        delivery.status = "failed"
        return None
    pause = SCHEDULE[delivery.tries] * random.uniform(1 - JITTER, 1 + JITTER)
    delivery.tries += 1
    delivery.next_attempt_at = datetime.now(UTC) + timedelta(seconds=pause)
    return Again(after=pause)


def _uncalled(error: str) -> Attempt:
    return Attempt(at=datetime.now(UTC).isoformat(), status_code=None, error=error, duration_ms=0)


def _published(endpoint: WebhookEndpoint) -> Any:
    return select(EventRow).where(
        EventRow.vendor_id == endpoint.vendor_id, EventRow.position.is_not(None)
    )


def _resend(session: Session, endpoint: WebhookEndpoint, events: Sequence[EventRow]) -> int:
    if not endpoint.enabled:
        raise Problem(409, "endpoint_disabled", "Enable the endpoint first; nothing was sent.")
    _send(session, endpoint, events)
    return len(events)


def _send(session: Session, endpoint: WebhookEndpoint, events: Sequence[EventRow]) -> None:
    """Promise deliveries, and begin the schedule of those that there are anew."""
    if not events:
        return
    # The promises first: whoever records an attempt locks in this order as well.
    outbox.put_all(session, DELIVER, {promise_key(endpoint, row): row.client_id for row in events})
    fresh: Mapping[str, Any] = {
        "status": "pending",
        "tries": 0,
        "next_attempt_at": datetime.now(UTC),
    }
    session.execute(
        insert(WebhookDelivery).on_conflict_do_update(
            index_elements=["client_id", "event_id", "endpoint_id"], set_=fresh
        ),
        [
            {
                "client_id": row.client_id,
                "event_id": row.id,
                "endpoint_id": endpoint.id,
                "vendor_id": endpoint.vendor_id,
                "position": row.position,
                "attempts": [],
                "created_at": fresh["next_attempt_at"],
                **fresh,
            }
            for row in sorted(events, key=lambda row: row.id)
        ],
    )


def promise_key(endpoint: WebhookEndpoint, event: EventRow) -> str:
    return f"{endpoint.vendor_id}/{endpoint.id}/{event.id}"
