"""Lines and numbers: decide and record."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from flask import current_app
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from gateway import clock, outbox
from gateway.audit import service as audit
from gateway.database import platform
from gateway.errors import Refused, SlowDown
from gateway.events import service as events
from gateway.ids import InvalidId
from gateway.problems import not_found
from gateway.provisioning.contract import CodeMethod, HeardCode, OwnedNumber
from gateway.provisioning.models import HeardCodeRow, Line, Number

NAMED: Final = ("APPROVED", "AVAILABLE_WITHOUT_REVIEW")


@dataclass(frozen=True, kw_only=True)
class Route:
    """Whose a number is."""

    client_id: str
    line_id: str
    phone_number: str
    phone_number_id: str | None
    portfolio_id: str | None
    waba_id: str | None


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


def number_of(session: Session, line_id: str) -> Number | None:
    """The number that is the line's now."""
    return session.scalars(
        select(Number).where(Number.line_id == line_id, Number.state == "rented")
    ).first()


def remember_number(
    session: Session, client_id: str, line_id: str, supplier: str, number: OwnedNumber
) -> None:
    """Record the rent of a number for a line; a second time changes nothing."""
    if number_of(session, line_id) is not None:
        return
    price = number.monthly_price
    session.add(
        Number(
            client_id=client_id,
            line_id=line_id,
            supplier=supplier,
            supplier_ref=number.supplier_ref,
            phone_number=number.phone_number,
            hears=",".join(number.hears),
            state="rented",
            monthly_amount=price and price.amount,
            monthly_currency=price and price.currency,
            rented_at=clock.now(),
        )
    )
    audit.record(session, client_id, "number.rented", line_id, phone_number=number.phone_number)


def end_number(session: Session, client_id: str, line_id: str, state: str) -> None:
    """The line's number was given back (`released`) or waits for Meta (`quarantined`)."""
    row = number_of(session, line_id)
    if row is None:
        return
    row.state = state
    if state == "released":
        row.released_at = clock.now()
    audit.record(session, client_id, f"number.{state}", line_id, phone_number=row.phone_number)


def place(line_id: str) -> Mapping[str, str]:
    """Choose portfolio and WABA for the line's number: the first portfolio with room, and there the
    WABA with the fewest numbers. Numbers in quarantine take room: Meta still counts them."""
    portfolios = current_app.extensions["settings"].provisioning.portfolios
    with platform() as session:
        session.execute(text("SELECT pg_advisory_xact_lock(hashtext('gateway.place'))"))
        number = number_of(session, line_id)
        if number is None:
            raise Refused("no_number", "The line has no number to place.")
        if number.portfolio_id and number.waba_id:
            return {"portfolio_id": number.portfolio_id, "waba_id": number.waba_id}
        for portfolio in portfolios:
            wabas = _taken(session, portfolio.id)
            if sum(wabas.values()) < portfolio.number_limit:
                number.portfolio_id = portfolio.id
                number.waba_id = min(portfolio.wabas, key=lambda waba: wabas.get(waba, 0))
                return {"portfolio_id": number.portfolio_id, "waba_id": number.waba_id}
    raise Refused(
        "portfolio_full",
        "Every portfolio holds all the numbers Meta allows; ask Meta for more or add a portfolio.",
    )


def room(session: Session) -> Mapping[str, int]:
    """How many more numbers each portfolio may hold."""
    portfolios = current_app.extensions["settings"].provisioning.portfolios
    return {
        portfolio.id: portfolio.number_limit - sum(_taken(session, portfolio.id).values())
        for portfolio in portfolios
    }


def _taken(session: Session, portfolio_id: str) -> dict[str, int]:
    rows = session.execute(
        select(Number.waba_id, func.count())
        .where(Number.portfolio_id == portfolio_id, Number.state != "released")
        .group_by(Number.waba_id)
    )
    return {str(waba): count for waba, count in rows}


def route(session: Session, line_id: str, phone_number_id: str) -> None:
    """What arrives for this phone_number_id is the line's from now on."""
    session.execute(
        update(Number)
        .where(Number.line_id == line_id, Number.state == "rented")
        .values(phone_number_id=phone_number_id)
    )


def route_of(
    session: Session, *, phone_number_id: str | None = None, phone_number: str | None = None
) -> Route | None:
    """Whose number this is, by Meta's id or by itself (E.164); asked in the platform's scope."""
    query = select(Number).where(Number.client_id.is_not(None), Number.line_id.is_not(None))
    if phone_number_id:
        query = query.where(Number.phone_number_id == phone_number_id)
    elif phone_number:
        query = query.where(Number.phone_number == phone_number, Number.state != "released")
    else:
        return None
    row = session.scalars(query).first()
    if row is None or row.client_id is None or row.line_id is None:
        return None
    return Route(
        client_id=row.client_id,
        line_id=row.line_id,
        phone_number=row.phone_number,
        phone_number_id=row.phone_number_id,
        portfolio_id=row.portfolio_id,
        waba_id=row.waba_id,
    )


def lines_in_waba(session: Session, waba_id: str) -> Sequence[Route]:
    """The lines whose numbers are in this WABA."""
    return _routes(session.scalars(select(Number).where(Number.waba_id == waba_id)))


def lines_in_portfolio(session: Session, portfolio_id: str) -> Sequence[Route]:
    """The lines that have a number in this portfolio now."""
    query = select(Number).where(Number.portfolio_id == portfolio_id, Number.state == "rented")
    return _routes(session.scalars(query))


def _routes(rows: Iterable[Number]) -> Sequence[Route]:
    return [
        Route(
            client_id=row.client_id,
            line_id=row.line_id,
            phone_number=row.phone_number,
            phone_number_id=row.phone_number_id,
            portfolio_id=row.portfolio_id,
            waba_id=row.waba_id,
        )
        for row in rows
        if row.client_id and row.line_id
    ]


def keep_code(session: Session, client_id: str, line_id: str, heard: HeardCode) -> None:
    session.add(
        HeardCodeRow(
            client_id=client_id,
            line_id=line_id,
            code=heard.code,
            method=heard.method,
            heard_at=clock.now(),
        )
    )


def take_code(session: Session, client_id: str, line_id: str) -> str | None:
    """The newest code heard for the line; older ones go with it: only Meta's newest counts."""
    rows = session.scalars(
        select(HeardCodeRow)
        .where(HeardCodeRow.client_id == client_id, HeardCodeRow.line_id == line_id)
        .order_by(HeardCodeRow.id.desc())
    ).all()
    if not rows:
        return None
    session.execute(
        delete(HeardCodeRow).where(
            HeardCodeRow.client_id == client_id, HeardCodeRow.line_id == line_id
        )
    )
    return rows[0].code


def methods(number: Number) -> tuple[CodeMethod, ...]:
    """How a code can reach the number, best first."""
    known: Mapping[str, CodeMethod] = {"VOICE": "VOICE", "SMS": "SMS"}
    return tuple(known[method] for method in number.hears.split(",") if method in known)


def hand_in_display_name(session: Session, client_id: str, line_id: str, name: str) -> None:
    row = line(session, client_id, line_id)
    row.display_name = name
    row.display_name_status = row.display_name_status or "PENDING_REVIEW"


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
    number = number_of(session, line_id)
    audit.record(session, client_id, "line.activated", line_id)
    events.record(session, client_id, "line.activated", line_id=line_id, **_rent(row, number))


def suspend(session: Session, client_id: str, line_id: str, code: str, detail: str) -> None:
    """The account or the number may not send any more; somebody must act."""
    row = line(session, client_id, line_id, lock=True)
    if row.status != "active":
        return
    row.status = "suspended"
    row.suspension = {"code": code, "detail": detail, "since": clock.now().isoformat()}
    audit.record(session, client_id, "line.suspended", line_id, code=code)
    events.record(session, client_id, "line.suspended", line_id=line_id, code=code, detail=detail)


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
    audit.record(session, client_id, f"line.{status}", line_id)
    events.record(session, client_id, f"line.{status}", line_id=line_id)


def _rent(line: Line, number: Number | None) -> Mapping[str, Any]:
    """What the ledger of a plugin needs to know of a rented number."""
    return {
        "country": line.country,
        "paid_by": line.paid_by,
        "phone_number": number and number.phone_number,
        "supplier": number and number.supplier,
        "monthly_amount": number and number.monthly_amount and format(number.monthly_amount, "f"),
        "monthly_currency": number and number.monthly_currency,
        "rented_at": number and number.rented_at.isoformat(),
    }
