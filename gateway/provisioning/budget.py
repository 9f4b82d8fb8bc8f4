"""To how many people a portfolio writes first in 24 hours, shared between its clients.

Meta counts people by portfolio, whoever writes. A client asks for a place for each person; places
are given under a lock of the portfolio, so that no number of workers exceeds the limit. A person
keeps a place for 24 hours after the last message that began there, and a little longer: a message
leaves only while its place is fresh.
"""

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from flask import current_app
from sqlalchemy import ColumnElement, delete, distinct, exists, func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import InstrumentedAttribute, Session

from gateway import clock
from gateway.provisioning.models import FirstContact, Number, PortfolioLimit
from gateway.tenancy import house

FRESH: Final = timedelta(minutes=10)
KEPT: Final = timedelta(hours=24) + FRESH


@dataclass(frozen=True, kw_only=True)
class Place:
    """One client's place for one person."""

    client_id: str
    candidate_id: str


@dataclass(frozen=True, kw_only=True)
class Shared:
    """What came of sharing: who got a place, and when the next one frees while others wait."""

    given: tuple[Place, ...]
    next_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class State:
    """How full a portfolio's budget is. `people` None: there is no limit."""

    people: int | None
    used: int
    waiting: int


def share(
    limit: int | None, clients: int, used: Mapping[str, int], waiting: Sequence[Place]
) -> list[Place]:
    """Who of those waiting (in the order they asked) gets a place now.

    The client that has the fewest goes first. Half of the limit is kept for all clients in equal
    parts: whoever used up its own part takes nothing of the others'.
    """
    if limit is None:
        return list(waiting)
    part = limit // (2 * max(1, clients))
    counts = Counter(used)
    queues: dict[str, deque[Place]] = {}  # whose client asked first comes first
    for place in waiting:
        queues.setdefault(place.client_id, deque()).append(place)
    given: list[Place] = []
    free = limit - counts.total()
    kept = part * clients - sum(min(part, count) for count in counts.values())
    while queues and free > 0:
        client = min(queues, key=lambda one: counts[one])
        if counts[client] >= part and free <= kept:
            break
        given.append(queues[client].popleft())
        free -= 1
        kept -= counts[client] < part
        counts[client] += 1
        if not queues[client]:
            del queues[client]
    return given


def ask(
    session: Session, portfolio_id: str, client_id: str, candidate_ids: Sequence[str]
) -> Shared:
    """A place for each of these people, in the platform's scope. Who has one keeps it anew."""
    _open(session, portfolio_id)
    asked = insert(FirstContact).values(
        [
            {
                "portfolio_id": portfolio_id,
                "client_id": client_id,
                "candidate_id": candidate_id,
                "asked_at": clock.now(),
            }
            for candidate_id in sorted(set(candidate_ids))
        ]
    )
    session.execute(
        asked.on_conflict_do_update(
            index_elements=["portfolio_id", "client_id", "candidate_id"],
            set_={"at": clock.now()},
            where=FirstContact.at.is_not(None),
        )
    )
    return _share_out(session, portfolio_id)


def share_out(session: Session, portfolio_id: str) -> Shared:
    """Give the places that are free, in the platform's scope."""
    _open(session, portfolio_id)
    return _share_out(session, portfolio_id)


def _share_out(session: Session, portfolio_id: str) -> Shared:
    waiting = _waiting(session, portfolio_id)
    given = share(
        limit(session, portfolio_id),
        _clients(session, portfolio_id),
        _used(session, portfolio_id),
        waiting,
    )
    chosen = [(place.client_id, place.candidate_id) for place in given]
    session.execute(
        update(FirstContact)
        .where(
            FirstContact.portfolio_id == portfolio_id,
            tuple_(FirstContact.client_id, FirstContact.candidate_id).in_(chosen),
        )
        .values(at=clock.now())
    )
    next_at = _next_at(session, portfolio_id) if len(given) < len(waiting) else None
    return Shared(given=tuple(given), next_at=next_at)


def would_wait_until(session: Session, portfolio_id: str, place: Place) -> datetime | None:
    """When the next place frees, if this person would get none now; asked in the platform's scope.

    Nothing is taken.
    """
    now = clock.now()
    has_one = session.scalar(
        select(FirstContact.at).where(
            FirstContact.portfolio_id == portfolio_id,
            FirstContact.client_id == place.client_id,
            FirstContact.candidate_id == place.candidate_id,
            FirstContact.at > now - KEPT,
        )
    )
    if has_one:
        return None
    others = [one for one in _waiting(session, portfolio_id) if one != place]
    given = share(
        limit(session, portfolio_id),
        _clients(session, portfolio_id),
        _used(session, portfolio_id),
        [*others, place],
    )
    return None if place in given else _next_at(session, portfolio_id) or now + KEPT


def fresh(
    session: Session, portfolio_id: str, client_id: str, candidate_ids: Sequence[str]
) -> Mapping[str, bool]:
    """Of these people of a client: True to whom a message may leave now, False who waits.

    Who is not in it must be asked for, perhaps again.
    """
    rows = session.execute(
        select(FirstContact.candidate_id, FirstContact.at).where(
            FirstContact.portfolio_id == portfolio_id,
            FirstContact.client_id == client_id,
            FirstContact.candidate_id.in_(candidate_ids),
            FirstContact.at.is_(None) | (FirstContact.at > clock.now() - FRESH),
        )
    )
    return {candidate_id: at is not None for candidate_id, at in rows}


def still_waits(
    portfolio_id: str | None,
    client_id: InstrumentedAttribute[str],
    candidate_id: InstrumentedAttribute[str],
) -> ColumnElement[bool]:
    """The condition that a person, given by the columns of some query, waits for a place."""
    return exists().where(
        FirstContact.portfolio_id == portfolio_id,
        FirstContact.client_id == client_id,
        FirstContact.candidate_id == candidate_id,
        FirstContact.at.is_(None),
    )


def withdraw(session: Session, client_id: str, candidate_ids: Sequence[str]) -> None:
    """These people are no longer waited for."""
    session.execute(
        delete(FirstContact).where(
            FirstContact.client_id == client_id,
            FirstContact.candidate_id.in_(candidate_ids),
            FirstContact.at.is_(None),
        )
    )


def limit(session: Session, portfolio_id: str) -> int | None:
    """What the platform told last; else what the configuration says; None: none is known."""
    told = session.get(PortfolioLimit, portfolio_id)
    if told is not None:
        return told.people
    portfolios = current_app.extensions["settings"].provisioning.portfolios
    return next((one.messaging_limit for one in portfolios if one.id == portfolio_id), None)


def tell_limit(session: Session, waba_id: str, people: int | None, at: datetime) -> str | None:
    """The platform told the limit of the portfolio that this WABA is in; the portfolio's id.

    What was told last counts, also when something older is read again.
    """
    portfolio_id = session.scalars(
        select(Number.portfolio_id).where(Number.waba_id == waba_id).limit(1)
    ).first()
    if portfolio_id is None:
        return None
    told = insert(PortfolioLimit).values(portfolio_id=portfolio_id, people=people, told_at=at)
    session.execute(
        told.on_conflict_do_update(
            index_elements=["portfolio_id"],
            set_={"people": told.excluded.people, "told_at": told.excluded.told_at},
            where=PortfolioLimit.told_at <= told.excluded.told_at,
        )
    )
    return portfolio_id


def states(session: Session) -> Mapping[str, State]:
    """How full each budget is, of the portfolios that are configured or in use."""
    portfolios = current_app.extensions["settings"].provisioning.portfolios
    known = {portfolio.id for portfolio in portfolios}
    known |= set(session.scalars(select(FirstContact.portfolio_id).distinct()))
    return {
        portfolio_id: State(
            people=limit(session, portfolio_id),
            used=sum(_used(session, portfolio_id).values()),
            waiting=len(_waiting(session, portfolio_id)),
        )
        for portfolio_id in sorted(known)
    }


def _open(session: Session, portfolio_id: str) -> None:
    """Nobody else shares this budget until the transaction ends; places that ended are gone."""
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtext('gateway.budget'), hashtext(:portfolio))"),
        {"portfolio": portfolio_id},
    )
    session.execute(
        delete(FirstContact).where(
            FirstContact.portfolio_id == portfolio_id, FirstContact.at <= clock.now() - KEPT
        )
    )


def _waiting(session: Session, portfolio_id: str) -> list[Place]:
    rows = session.execute(
        select(FirstContact.client_id, FirstContact.candidate_id)
        .where(FirstContact.portfolio_id == portfolio_id, FirstContact.at.is_(None))
        .order_by(FirstContact.asked_at, FirstContact.candidate_id)
    )
    return [Place(client_id=client_id, candidate_id=one) for client_id, one in rows]


def _used(session: Session, portfolio_id: str) -> dict[str, int]:
    rows = session.execute(
        select(FirstContact.client_id, func.count())
        .where(
            FirstContact.portfolio_id == portfolio_id,
            FirstContact.at > clock.now() - KEPT,
        )
        .group_by(FirstContact.client_id)
    )
    return {row[0]: row[1] for row in rows}


def _clients(session: Session, portfolio_id: str) -> int:
    found = session.scalar(
        select(func.count(distinct(Number.client_id)))
        .where(Number.portfolio_id == portfolio_id, Number.state == "rented")
        .where(Number.client_id != house.CLIENT)
    )
    return found or 0


def _next_at(session: Session, portfolio_id: str) -> datetime | None:
    earliest = session.scalar(
        select(func.min(FirstContact.at)).where(
            FirstContact.portfolio_id == portfolio_id, FirstContact.at > clock.now() - KEPT
        )
    )
    return earliest + KEPT if earliest else None
