"""Numbers of the house that are kept ready, and how one becomes a client's."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import Session

from gateway import clock, secrets
from gateway.audit import service as audit
from gateway.database import visiting
from gateway.provisioning import health, health_rules, service
from gateway.provisioning.models import Line, LineHealth, Number
from gateway.tenancy import house

_NAME_REFUSED: Final = ("DECLINED", "EXPIRED")
_BAD: Final = (health_rules.AT_RISK, health_rules.BLOCKED)


def kept(session: Session, case: str, country: str) -> Sequence[tuple[Line, Number | None]]:
    """The lines of the house that are not over, oldest first, with their numbers; in its scope."""
    query = (
        select(Line, Number)
        .outerjoin(Number, (Number.line_id == Line.id) & (Number.state == "rented"))
        .where(Line.client_id == house.CLIENT, Line.status != "released")
        .where(Line.case_name == case, Line.country == country)
        .order_by(Line.id)
    )
    return [(line, number) for line, number in session.execute(query)]


def rented(session: Session, case: str, country: str) -> Sequence[Number]:
    """The numbers of the country that the house pays for, those in quarantine too; in its scope."""
    query = (
        select(Number)
        .join(Line, Line.id == Number.line_id)
        .where(Number.client_id == house.CLIENT, Number.state != "released")
        .where(Line.case_name == case, Line.country == country)
    )
    return session.scalars(query).all()


def objection(session: Session, line: Line) -> tuple[str, str] | None:
    """Why no client gets the number of a line whose activation is over: a code and a sentence."""
    if line.status != "active":
        why = line.suspension or {}
        return why.get("code", line.status), why.get("detail", "Nothing may leave it.")
    if line.display_name_status in _NAME_REFUSED:
        return "name_refused", f"Meta refused its name ({line.display_name_status})."
    seen = health.of_line(session, line.client_id, line.id)
    if seen is not None and seen.state in _BAD:
        return seen.problems[0]["code"], seen.problems[0]["detail"]
    return None


def hand_over(session: Session, line: Line, case: str) -> str | None:
    """Give a client's line a number that was kept ready for it, PIN and all, in the client's scope.

    The id of the line that kept it, which is over; None where no number is ready. Whoever asks at
    the same moment gets another one.
    """
    with visiting(session, house.CLIENT):
        found = _take(session, case, line.country)
        if found is None:
            return None
        before, number = found
        pin = secrets.read(session, house.CLIENT, f"pin:{before.id}")
        if pin is None:
            raise LookupError(f"{before.id} is registered without a PIN of ours")
        secrets.forget(session, house.CLIENT, f"pin:{before.id}")
        service.release(session, house.CLIENT, before.id)
    secrets.keep_once(session, line.client_id, f"pin:{line.id}", pin)
    _assign(session, number, line, before)
    return before.id


def hand_over_picked(session: Session, line: Line, case: str, phone_number: str) -> Number | None:
    """Give a client's line the number that was kept ready and that it picked at Meta's, in the
    client's scope. None where it is not one of those: a number is picked once."""
    with visiting(session, house.CLIENT):
        found = session.execute(
            select(Line, Number)
            .join(Number, (Number.line_id == Line.id) & (Number.state == "rented"))
            .where(Line.client_id == house.CLIENT, Line.case_name == case)
            .where(Line.status == "active", Number.phone_number == phone_number)
            .with_for_update(of=(Line, Number))
        ).first()
        if found is None:
            return None
        before, number = found[0], found[1]
        service.release(session, house.CLIENT, before.id)
    _assign(session, number, line, before)
    return number


def _assign(session: Session, number: Number, line: Line, before: Line) -> None:
    with visiting(session, None):
        number.client_id, number.line_id = line.client_id, line.id
        number.assigned_at = clock.now()
    audit.record(
        session,
        line.client_id,
        "number.assigned",
        line.id,
        phone_number=number.phone_number,
        kept_by=before.id,
    )


def count_ready(session: Session, case: str, country: str) -> int:
    """How many numbers `hand_over` could give now, in the scope of the house."""
    found = _ready(case, country).subquery()
    return session.scalar(select(func.count()).select_from(found)) or 0


def _take(session: Session, case: str, country: str) -> tuple[Line, Number] | None:
    """The good number that is ready for the longest time, locked."""
    found = session.execute(
        _ready(case, country)
        .order_by(Line.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=(Line, Number))
    ).first()
    return (found[0], found[1]) if found else None


def _ready(case: str, country: str) -> Select[Line, Number]:
    status = Line.display_name_status
    is_bad = exists().where(
        LineHealth.client_id == Line.client_id,
        LineHealth.line_id == Line.id,
        LineHealth.state.in_(_BAD),
    )
    return (
        select(Line, Number)
        .join(Number, (Number.line_id == Line.id) & (Number.state == "rented"))
        .where(Line.client_id == house.CLIENT, Line.case_name == case, Line.country == country)
        .where(Line.status == "active")
        .where(or_(status.is_(None), status.not_in(_NAME_REFUSED)), ~is_bad)
    )
