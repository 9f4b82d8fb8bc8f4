"""Lines: decide and record."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway import clock, outbox
from gateway.audit import service as audit
from gateway.errors import SlowDown
from gateway.events import service as events
from gateway.ids import InvalidId
from gateway.problems import not_found
from gateway.provisioning import numbers
from gateway.provisioning.models import Line, Number

SEND: Final = "messaging.send"  # what was stopped is looked at there
NAMED: Final = ("APPROVED", "AVAILABLE_WITHOUT_REVIEW")


def create_line(session: Session, client_id: str, *, case: str, country: str, paid_by: str) -> Line:
    row = Line(
        client_id=client_id,
        case_name=case,
        country=country,
        status="pending",
        paid_by=paid_by,
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()
    audit.record(session, client_id, "line.requested", row.id, case=case, country=country)
    return row


def lines(session: Session, client_id: str) -> list[Line]:
    return list(session.scalars(select(Line).where(Line.client_id == client_id).order_by(Line.id)))


def line(session: Session, client_id: str, line_id: str, *, lock: bool = False) -> Line:
    try:
        row = session.get(Line, (client_id, line_id), with_for_update=lock or None)
    except InvalidId:
        row = None
    if row is None:
        raise not_found("line")
    return row


def hand_in_display_name(
    session: Session, client_id: str, line_id: str, name: str, status: str
) -> None:
    row = line(session, client_id, line_id)
    row.display_name = name
    row.display_name_status = row.display_name_status or status


def record_display_name(
    session: Session, client_id: str, line_id: str, *, name: str, status: str
) -> None:
    """Note what Meta decided of the display name."""
    row = line(session, client_id, line_id, lock=True)
    if (row.display_name, row.display_name_status) == (name, status):
        return
    row.display_name, row.display_name_status = name, status
    events.record(
        session, client_id, "line.display_name_decided", line_id=line_id, name=name, status=status
    )


def record_branding(session: Session, client_id: str, line_id: str, **branding: str) -> None:
    line(session, client_id, line_id).branding = branding


def activate(session: Session, client_id: str, line_id: str) -> None:
    row = line(session, client_id, line_id, lock=True)
    if row.status != "pending":
        return
    row.status, row.activated_at = "active", clock.now()
    number = numbers.number_of(session, line_id)
    audit.record(session, client_id, "line.activated", line_id)
    events.record(session, client_id, "line.activated", line_id=line_id, **rent_of(row, number))


def suspend(session: Session, client_id: str, line_id: str, code: str, detail: str) -> None:
    """The account or the number may not send any more; somebody must act."""
    row = line(session, client_id, line_id, lock=True)
    if row.status != "active":
        return
    row.status = "suspended"
    row.suspension = {"code": code, "detail": detail, "since": clock.now().isoformat()}
    audit.record(session, client_id, "line.suspended", line_id, code=code)
    events.record(session, client_id, "line.suspended", line_id=line_id, code=code, detail=detail)


def resume(session: Session, client_id: str, line_id: str, *, seen_at: datetime) -> None:
    """The line was seen able to send: it does so again, unless it was stopped since."""
    row = line(session, client_id, line_id, lock=True)
    since = (row.suspension or {}).get("since")
    if row.status != "suspended" or row.release_at is not None:
        return
    if since and datetime.fromisoformat(since) >= seen_at:
        return
    code = (row.suspension or {}).get("code", "")
    row.status, row.suspension = "active", None
    audit.record(session, client_id, "line.resumed", line_id, code=code)
    events.record(session, client_id, "line.resumed", line_id=line_id, code=code)
    outbox.put(session, SEND, line_id, client_id=client_id)


def pause(session: Session, client_id: str, line_id: str, error: SlowDown) -> None:
    """Nothing leaves the line for a while; longer with each such refusal in a row."""
    row = line(session, client_id, line_id, lock=True)
    row.pauses += 1
    seconds = error.pause(row.pauses) or outbox.backoff(row.pauses)
    row.paused_until = datetime.now(UTC) + timedelta(seconds=seconds)


def unpause(session: Session, client_id: str, line_id: str) -> None:
    """The line was heard: the next refusal is a first one again."""
    row = line(session, client_id, line_id)
    if row.pauses:
        row.pauses, row.paused_until = 0, None


def release(session: Session, client_id: str, line_id: str, status: str = "released") -> None:
    """The line is over (`released`), or never came to be (`failed`)."""
    row = line(session, client_id, line_id, lock=True)
    if row.status == status:
        return
    row.status, row.released_at = status, clock.now()
    row.suspension = row.release_at = row.release_error = None
    number = numbers.last_of(session, line_id)
    audit.record(session, client_id, f"line.{status}", line_id)
    events.record(
        session,
        client_id,
        f"line.{status}",
        line_id=line_id,
        phone_number=number and number.phone_number,
        number_state=number and number.state,
        activated_at=row.activated_at and row.activated_at.isoformat(),
    )


def rent_of(line: Line, number: Number | None) -> Mapping[str, Any]:
    """What the ledger of a plugin needs to know of a rented number."""
    return {
        "country": line.country,
        "paid_by": line.paid_by,
        "phone_number": number and number.phone_number,
        "portfolio_id": number and number.portfolio_id,
        "supplier": number and number.supplier,
        "monthly_amount": number and number.monthly_amount and format(number.monthly_amount, "f"),
        "monthly_currency": number and number.monthly_currency,
        "set_up_amount": number and number.set_up_amount and format(number.set_up_amount, "f"),
        "set_up_currency": number and number.set_up_currency,
        "rented_at": number and number.rented_at.isoformat(),
        "assigned_at": number and number.assigned_at and number.assigned_at.isoformat(),
    }
