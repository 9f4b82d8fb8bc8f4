"""A line gets another number; the one before goes on answering until it retires."""

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway import clock, outbox, secrets
from gateway.audit import service as audit
from gateway.events import service as events
from gateway.problems import Problem
from gateway.provisioning.contract import OwnedNumber
from gateway.provisioning.models import Line, Number
from gateway.provisioning.numbers import number_of
from gateway.provisioning.service import rent_of

RETIRE: Final = "onboarding.retire"


def replacement_of(session: Session, client_id: str, line_id: str) -> Line | None:
    """The line that prepares another number for this one now."""
    query = select(Line).where(
        Line.client_id == client_id,
        Line.replaces == line_id,
        Line.status.in_(("pending", "failed")),
    )
    return session.scalars(query).first()


def hand_over(session: Session, prepared: Line, line: Line, retires_at: datetime) -> Number:
    """The number that was prepared is the line's, PIN and name and all. The one before it, which
    goes on answering until it retires."""
    before, after = number_of(session, line.id), number_of(session, prepared.id)
    if before is None or after is None:
        raise LookupError(f"{line.id} or {prepared.id} has no number")
    before.state, before.replaced_at, before.retires_at = "retiring", clock.now(), retires_at
    session.flush()  # a line has one rented number at a time
    after.line_id = line.id
    _hand_over_pin(session, prepared, line)
    line.display_name, line.display_name_status = (
        prepared.display_name,
        prepared.display_name_status,
    )
    line.branding, line.rebranding = prepared.branding, prepared.rebranding
    line.display_name_refusal = prepared.display_name_refusal
    prepared.status, prepared.released_at = "released", retires_at
    audit.record(
        session,
        line.client_id,
        "number.replaced",
        line.id,
        phone_number=before.phone_number,
        by=after.phone_number,
    )
    events.record(
        session,
        line.client_id,
        "line.number_replaced",
        line_id=line.id,
        replaced_number=before.phone_number,
        retires_at=retires_at.isoformat(),
        **rent_of(line, after),
    )
    outbox.put(session, RETIRE, str(before.id), client_id=line.client_id)
    return before


def move_rent(session: Session, line: Line, supplier: str, found: OwnedNumber) -> None:
    """The line's number is rented of this supplier now; a second time changes nothing."""
    number = number_of(session, line.id)
    if number is None or number.phone_number != found.phone_number or number.supplier == supplier:
        return
    before, price = number.supplier, found.monthly_price
    number.supplier, number.supplier_ref = supplier, found.supplier_ref
    number.hears = ",".join(found.hears)
    number.monthly_amount = price.amount if price else None
    number.monthly_currency = price.currency if price else None
    number.set_up_amount = number.set_up_currency = None
    audit.record(
        session, line.client_id, "number.rent_moved", line.id, supplier=supplier, before=before
    )
    events.record(
        session, line.client_id, "line.rent_moved", line_id=line.id, **rent_of(line, number)
    )


def retiring(session: Session, phone_number_id: str) -> Number | None:
    """The number by Meta's id, while it goes on answering."""
    query = select(Number).where(
        Number.phone_number_id == phone_number_id, Number.state == "retiring"
    )
    return session.scalars(query).first()


def quarantine(session: Session, number: Number) -> None:
    """It answers no more. Meta still holds it, so it is rented on until an operator has it deleted
    there."""
    number.state, number.quarantined_at = "quarantined", clock.now()
    audit.record(
        session,
        str(number.client_id),
        "number.quarantined",
        str(number.line_id),
        phone_number=number.phone_number,
    )


def require_replaceable(session: Session, line: Line) -> Number:
    """Its number. Problem 409 `not_replaceable` says why it cannot be replaced now."""
    number = number_of(session, line.id)
    ours = line.paid_by == "platform" and number is not None and number.supplier is not None
    if line.status != "active" or number is None or not ours:
        raise _refused(
            f"The line is {line.status}; only an active line on a number that the"
            " platform rents can get another."
        )
    if replacement_of(session, line.client_id, line.id):
        raise _refused("Another number is being prepared for it already.")
    return number


def _hand_over_pin(session: Session, prepared: Line, line: Line) -> None:
    name = f"pin:{prepared.id}"
    pin = secrets.read(session, line.client_id, name)
    if pin is None:
        raise LookupError(f"{prepared.id} is registered without a PIN of ours")
    for secret in (name, f"pin:{line.id}"):
        secrets.forget(session, line.client_id, secret)
    secrets.keep_once(session, line.client_id, f"pin:{line.id}", pin)


def _refused(detail: str) -> Problem:
    return Problem(409, "not_replaceable", detail)
