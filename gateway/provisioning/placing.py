"""Which portfolio and WABA a number goes to: one WABA a client, as far as the limits allow."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from gateway.database import platform
from gateway.errors import Refused
from gateway.provisioning import capacity
from gateway.provisioning.models import Number
from gateway.provisioning.numbers import number_of
from gateway.tenancy import house

FULL: Final = (
    "Every portfolio holds all the numbers that Meta allows, or its accounts take none now: ask"
    " Meta for more, or add a portfolio."
)


def place(line_id: str) -> Mapping[str, str]:
    """Choose portfolio and WABA for the line's number. Refused `portfolio_full`."""
    with platform() as session:
        session.execute(text("SELECT pg_advisory_xact_lock(hashtext('gateway.place'))"))
        number = number_of(session, line_id)
        if number is None:
            raise Refused("no_number", "The line has no number to place.")
        if not (number.portfolio_id and number.waba_id):
            number.portfolio_id, number.waba_id = _choose(session, number)
        return {"portfolio_id": number.portfolio_id, "waba_id": number.waba_id}


def _choose(session: Session, number: Number) -> tuple[str, str]:
    """The client's own WABA; else, in the first portfolio with room, one that nobody has yet."""
    holders = _holders(session)
    open_wabas = [
        (room.portfolio_id, waba, left)
        for room in capacity.rooms(session)
        if not room.is_full
        for waba, left in room.wabas.items()
        if left > 0
    ]
    if not open_wabas:
        raise Refused("portfolio_full", FULL)
    if number.client_id != house.CLIENT:  # whose numbers become different clients'
        for portfolio_id, waba, _ in open_wabas:
            if number.client_id in holders.get(waba, ()):
                return portfolio_id, waba
    first = [one for one in open_wabas if one[0] == open_wabas[0][0]]
    portfolio_id, waba, _ = max(first, key=lambda one: (one[1] not in holders, one[2]))
    return portfolio_id, waba


def _holders(session: Session) -> dict[str, set[str | None]]:
    """Whose numbers each WABA holds."""
    holders: dict[str, set[str | None]] = {}
    rows = session.execute(
        select(Number.waba_id, Number.client_id)
        .where(Number.waba_id.is_not(None), Number.state != "released")
        .distinct()
    )
    for waba_id, client_id in rows:
        holders.setdefault(str(waba_id), set()).add(client_id)
    return holders
