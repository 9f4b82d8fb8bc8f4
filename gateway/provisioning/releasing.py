"""A line is given up: nothing leaves it from then on; for a while that can be taken back."""

from datetime import timedelta
from typing import Final

from flask import current_app
from sqlalchemy.orm import Session

from gateway import clock, outbox
from gateway.audit import service as audit
from gateway.database import visiting
from gateway.events import service as events
from gateway.problems import Problem
from gateway.provisioning import health, numbers, service
from gateway.provisioning.models import Line

END: Final = "onboarding.end"


def request(session: Session, client_id: str, line_id: str) -> Line:
    """Promise the line's end. Asked for again, nothing changes."""
    row = service.line(session, client_id, line_id, lock=True)
    if row.release_at is not None or row.status == "released":
        return row
    if row.status not in ("active", "suspended"):
        raise _wrong_state(row, "Cancel its activation instead.")
    if row.paid_by != "platform":
        raise _wrong_state(row, "Its number is the client's own and cannot be released.")
    now = clock.now()
    hours = current_app.extensions["settings"].onboarding.release_undo_hours
    row.release_at = now + timedelta(hours=hours)
    row.status = "suspended"
    row.suspension = {
        "code": "release_requested",
        "detail": "The line is to be released. Until then it can be kept.",
        "since": now.isoformat(),
    }
    at = row.release_at.isoformat()
    audit.record(session, client_id, "line.release_requested", line_id, release_at=at)
    events.record(session, client_id, "line.release_requested", line_id=line_id, release_at=at)
    after = clock.seconds_until(row.release_at)
    outbox.put(session, END, line_id, client_id=client_id, after=after)
    return row


def take_back(session: Session, client_id: str, line_id: str) -> Line:
    """The line is kept: what waited on it leaves, unless the platform has stopped it meanwhile."""
    row = service.line(session, client_id, line_id, lock=True)
    if row.release_at is None or row.release_at <= clock.now():
        raise _wrong_state(row, "Only a release that has not begun can be taken back.")
    row.status, row.suspension, row.release_at = "active", None, None
    audit.record(session, client_id, "line.release_cancelled", line_id)
    events.record(session, client_id, "line.release_cancelled", line_id=line_id)
    outbox.put(session, service.SEND, line_id, client_id=client_id)
    number = numbers.number_of(session, line_id)
    if number is not None and number.waba_id is not None:
        with visiting(session, None):  # a WABA is not one client's
            health.ask(session, number.waba_id)
    return row


def _wrong_state(row: Line, what: str) -> Problem:
    return Problem(
        409, "line_state", f"The line is {row.status}. {what}", extra={"state": row.status}
    )
