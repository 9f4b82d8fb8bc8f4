"""Which portfolio and WABA a number goes to, and how many more they hold."""

from collections.abc import Mapping

from flask import current_app
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from gateway.database import platform
from gateway.errors import Refused
from gateway.provisioning.models import Number
from gateway.provisioning.numbers import number_of


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
