"""The number that a line rents, and the codes that it hears."""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from gateway import clock
from gateway.audit import service as audit
from gateway.provisioning.contract import CodeMethod, OwnedNumber
from gateway.provisioning.models import HeardCodeRow, Line, Number

ENTERED: Final = "ENTERED"  # how a code came that a person heard


def number_of(session: Session, line_id: str) -> Number | None:
    """The number that is the line's now."""
    return session.scalars(
        select(Number).where(Number.line_id == line_id, Number.state == "rented")
    ).first()


def last_of(session: Session, line_id: str) -> Number | None:
    """The number that is the line's, or was."""
    query = select(Number).where(Number.line_id == line_id)
    return session.scalars(query.order_by(Number.rented_at.desc(), Number.id.desc())).first()


def of_lines(session: Session, lines: Sequence[Line]) -> Mapping[str, Number]:
    """By line the number that is its own now, or was its last where the line is over."""
    over = {line.id for line in lines if line.status == "released" and line.activated_at}
    rows = session.scalars(
        select(Number)
        .where(Number.line_id.in_([line.id for line in lines]))
        .order_by(Number.rented_at, Number.id)
    ).all()
    was = {str(row.line_id): row for row in rows if row.line_id in over}
    return {**was, **{str(row.line_id): row for row in rows if row.state == "rented"}}


def by_line(session: Session, client_id: str) -> Mapping[str, str]:
    """The number of each of the client's lines that has one, or had it last."""
    rows = session.execute(
        select(Number.line_id, Number.phone_number)
        .where(Number.client_id == client_id, Number.line_id.is_not(None))
        .order_by(Number.rented_at, Number.id)
    )
    return {str(row.line_id): row.phone_number for row in rows}


def remember_number(
    session: Session, client_id: str, line_id: str, supplier: str, number: OwnedNumber
) -> None:
    """Record the rent of a number for a line; a second time changes nothing."""
    if number_of(session, line_id) is not None:
        return
    price, once = number.monthly_price, number.set_up_price
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
            set_up_amount=once and once.amount,
            set_up_currency=once and once.currency,
            rented_at=clock.now(),
        )
    )
    audit.record(session, client_id, "number.rented", line_id, phone_number=number.phone_number)


def rented_of(session: Session, supplier: str) -> list[Number]:
    """What is rented of a supplier, in quarantine too; asked in the platform's scope."""
    query = select(Number).where(Number.supplier == supplier, Number.state != "released")
    return list(session.scalars(query.order_by(Number.phone_number)))


def end_number(session: Session, client_id: str, line_id: str, state: str) -> None:
    """The line's number was given back (`released`) or waits for Meta (`quarantined`)."""
    row = number_of(session, line_id)
    if row is None:
        return
    row.state = state
    if state == "released":
        row.released_at = clock.now()
    else:
        row.quarantined_at = clock.now()
    audit.record(session, client_id, f"number.{state}", line_id, phone_number=row.phone_number)


def methods(number: Number) -> tuple[CodeMethod, ...]:
    """How a code can reach the number, best first."""
    known: Mapping[str, CodeMethod] = {"VOICE": "VOICE", "SMS": "SMS"}
    return tuple(known[method] for method in number.hears.split(",") if method in known)


def keep_code(
    session: Session, client_id: str, line_id: str, code: str, method: CodeMethod | None
) -> None:
    """Keep a code until it is handed in; by no method where a person entered it."""
    session.add(
        HeardCodeRow(
            client_id=client_id,
            line_id=line_id,
            code=code,
            method=method or ENTERED,
            heard_at=clock.now(),
        )
    )


def newest_code(session: Session, client_id: str, line_id: str) -> HeardCodeRow | None:
    """The newest code heard for the line: only Meta's newest counts."""
    return session.scalars(
        select(HeardCodeRow)
        .where(HeardCodeRow.client_id == client_id, HeardCodeRow.line_id == line_id)
        .order_by(HeardCodeRow.id.desc())
        .limit(1)
    ).first()


def forget_codes(session: Session, client_id: str, line_id: str, up_to: str | None = None) -> None:
    """Let go of the codes heard for the line; `up_to` one of them: of what came later, of none."""
    query = delete(HeardCodeRow).where(
        HeardCodeRow.client_id == client_id, HeardCodeRow.line_id == line_id
    )
    session.execute(query.where(HeardCodeRow.id <= up_to) if up_to else query)
