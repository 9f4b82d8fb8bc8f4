"""Whose a number is: by it, what arrives finds its line."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gateway.ids import InvalidId
from gateway.provisioning.models import Number


@dataclass(frozen=True, kw_only=True)
class Route:
    """Whose a number is."""

    client_id: str
    line_id: str
    phone_number: str
    phone_number_id: str | None
    portfolio_id: str | None
    waba_id: str | None


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
    """Whose number this is, by Meta's id or by itself (E.164); asked in the platform's scope.

    Meta may know a number by the same id when it is rented again: whoever has it last counts.
    """
    query = (
        select(Number)
        .where(Number.client_id.is_not(None), Number.line_id.is_not(None))
        .order_by(Number.rented_at.desc())
    )
    if phone_number_id:
        query = query.where(Number.phone_number_id == phone_number_id)
    elif phone_number:
        query = query.where(Number.phone_number == phone_number, Number.state != "released")
    else:
        return None
    row = session.scalars(query).first()
    return _route(row) if row else None


def client_of(session: Session, line_id: str) -> str | None:
    """Whose line this is, by its number; asked in the platform's scope."""
    query = select(Number.client_id).where(Number.line_id == line_id, Number.state == "rented")
    try:
        return session.scalars(query).first()
    except InvalidId:
        return None


def lines_in_waba(session: Session, waba_id: str) -> Sequence[Route]:
    """The lines whose numbers are in this WABA."""
    return _routes(session.scalars(select(Number).where(Number.waba_id == waba_id)))


def lines_in_portfolio(session: Session, portfolio_id: str) -> Sequence[Route]:
    """The lines that have a number in this portfolio now."""
    query = select(Number).where(Number.portfolio_id == portfolio_id, Number.state == "rented")
    return _routes(session.scalars(query))


def _routes(rows: Iterable[Number]) -> Sequence[Route]:
    return [found for row in rows if (found := _route(row))]


def _route(row: Number) -> Route | None:
    if row.client_id is None or row.line_id is None:
        return None
    return Route(
        client_id=row.client_id,
        line_id=row.line_id,
        phone_number=row.phone_number,
        phone_number_id=row.phone_number_id,
        portfolio_id=row.portfolio_id,
        waba_id=row.waba_id,
    )
