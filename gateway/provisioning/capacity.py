"""How many numbers portfolios and WABAs still take, as configured and as the platform told us."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway import clock
from gateway.provisioning import restrictions
from gateway.provisioning.models import Number, NumberLimit, WabaBan
from gateway.settings_values import Portfolio

MOST_IN_WABA: Final = 25
"""How many numbers Meta lets a WABA hold unless it tells another limit."""

_NO_NUMBERS: Final = "RESTRICTED_ADD_PHONE_NUMBER_ACTION"


@dataclass(frozen=True, kw_only=True)
class Room:
    """How many more numbers a portfolio takes in all, and each of its WABAs that is open."""

    portfolio_id: str
    limit: int
    left: int
    wabas: Mapping[str, int]
    closed: tuple[str, ...]  # WABAs that are banned, or may take no numbers for a time

    @property
    def is_full(self) -> bool:
        return self.left <= 0 or not any(left > 0 for left in self.wabas.values())


def rooms(session: Session) -> list[Room]:
    """Of each configured portfolio in order, in the platform's scope."""
    portfolios = current_app.extensions["settings"].provisioning.portfolios
    return [_room(session, portfolio) for portfolio in portfolios]


def taken_and_left(session: Session) -> tuple[int, int]:
    """How many numbers all portfolios hold together, and how many more they take."""
    found = rooms(session)
    taken = sum(room.limit - room.left for room in found)
    return taken, sum(room.left for room in found if not room.is_full)


def tell_ban(session: Session, waba_id: str, banned: bool, at: datetime) -> None:
    """The platform closed a WABA, or opened it again; what was told last counts."""
    told = insert(WabaBan).values(waba_id=waba_id, banned=banned, told_at=at)
    session.execute(
        told.on_conflict_do_update(
            index_elements=["waba_id"],
            set_={"banned": told.excluded.banned, "told_at": told.excluded.told_at},
            where=WabaBan.told_at <= told.excluded.told_at,
        )
    )


def tell_limit(session: Session, waba_id: str, numbers: int, at: datetime, *, whole: bool) -> None:
    """How many numbers this WABA may hold; the `whole` portfolio that it is in."""
    holder = _portfolio_of(waba_id) if whole else waba_id
    if holder is None:
        return
    told = insert(NumberLimit).values(holder_id=holder, numbers=numbers, told_at=at)
    session.execute(
        told.on_conflict_do_update(
            index_elements=["holder_id"],
            set_={"numbers": told.excluded.numbers, "told_at": told.excluded.told_at},
            where=NumberLimit.told_at <= told.excluded.told_at,
        )
    )


def _room(session: Session, portfolio: Portfolio) -> Room:
    taken = _taken(session, portfolio.id)
    closed = _closed(session, portfolio.wabas)
    limits = _limits(session, [portfolio.id, *portfolio.wabas])
    limit = limits.get(portfolio.id, portfolio.number_limit)
    return Room(
        portfolio_id=portfolio.id,
        limit=limit,
        left=limit - sum(taken.values()),
        wabas={
            waba: limits.get(waba, MOST_IN_WABA) - taken.get(waba, 0)
            for waba in portfolio.wabas
            if waba not in closed
        },
        closed=tuple(waba for waba in portfolio.wabas if waba in closed),
    )


def _closed(session: Session, wabas: Sequence[str]) -> set[str]:
    banned = session.scalars(
        select(WabaBan.waba_id).where(WabaBan.waba_id.in_(wabas), WabaBan.banned)
    )
    restricted = {
        waba
        for waba, told in restrictions.of_wabas(session, wabas).items()
        if any(
            one.kind == _NO_NUMBERS and (one.until is None or one.until > clock.now())
            for one in told
        )
    }
    return {*banned, *restricted}


def _limits(session: Session, holders: Sequence[str]) -> dict[str, int]:
    """Of those whose limit the platform told."""
    rows = session.scalars(select(NumberLimit).where(NumberLimit.holder_id.in_(holders)))
    return {row.holder_id: row.numbers for row in rows}


def _taken(session: Session, portfolio_id: str) -> dict[str, int]:
    """Numbers in quarantine take room: Meta still counts them."""
    rows = session.execute(
        select(Number.waba_id, func.count())
        .where(Number.portfolio_id == portfolio_id, Number.state != "released")
        .group_by(Number.waba_id)
    )
    return {str(waba): count for waba, count in rows}


def _portfolio_of(waba_id: str) -> str | None:
    portfolios = current_app.extensions["settings"].provisioning.portfolios
    return next((one.id for one in portfolios if waba_id in one.wabas), None)
