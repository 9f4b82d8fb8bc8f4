"""How the operator's own app and portfolios stand with the platform, kept with its age."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from flask import current_app
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway import clock, outbox
from gateway.database import platform
from gateway.errors import ProviderError
from gateway.outbox import Again, Lease
from gateway.plugin_host import PluginHost
from gateway.provisioning.models import OperatorStanding
from gateway.provisioning.operator_contract import ReportsStanding
from gateway.schedules import Schedule

LOOK: Final = "provisioning.operator"
EVERY: Final = timedelta(hours=1)
APP: Final = "app"
FOR_OTHERS: Final = "TECH_PROVIDER"  # or a Solution Partner: the platform tells no difference
DIRECT: Final = "DIRECT"
_ALL: Final = "all"
_TRY_AGAIN: Final = 60.0  # seconds


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One of them as it was seen last; `obstacle`: why a later look showed nothing."""

    subject: str  # APP, or a portfolio's id
    status: str | None  # FOR_OTHERS or DIRECT; a portfolio's verification; None: not seen yet
    seen_at: datetime | None
    obstacle: str | None


def seen(session: Session) -> list[Seen]:
    """The app, then every configured portfolio, in the platform's scope."""
    rows = {row.subject: row for row in session.scalars(select(OperatorStanding))}
    return [_seen(subject, rows.get(subject)) for subject in _subjects()]


def refresh(session: Session) -> None:
    """Have looked at, soon, what was not seen yet or is old."""
    old = clock.now() - EVERY
    if any(one.seen_at is None or one.seen_at < old for one in seen(session)):
        outbox.put(session, LOOK, _ALL)


def look(lease: Lease) -> Again | None:
    """The job: ask about each. What was seen before stays where there is no answer."""
    registrar = _registrar()
    if registrar is None:
        return None
    missed = None
    for subject in _subjects():
        try:
            told = {"status": _asked(registrar, subject), "seen_at": clock.now(), "obstacle": None}
        except ProviderError as error:
            if error.retryable:
                missed = error.code
                continue
            told = {"obstacle": error.detail}
        with platform() as session:
            outbox.guard(session, lease)
            _record(session, subject, told)
    return Again(after=_TRY_AGAIN, error=missed) if missed else None


def ask() -> None:
    """What the schedule runs."""
    with platform() as session:
        outbox.put(session, LOOK, _ALL)


SCHEDULE: Final = Schedule(name="operator-standing", every=EVERY, run=ask)


def _asked(registrar: ReportsStanding, subject: str) -> str:
    if subject == APP:
        return FOR_OTHERS if registrar.acts_for_others() else DIRECT
    return registrar.verification(subject)


def _subjects() -> list[str]:
    portfolios = current_app.extensions["settings"].provisioning.portfolios
    return [APP, *(portfolio.id for portfolio in portfolios)]


def _registrar() -> ReportsStanding | None:
    host: PluginHost = current_app.extensions["plugin_host"]
    registrar = host.registrars.get(current_app.extensions["settings"].provisioning.registrar)
    return registrar if isinstance(registrar, ReportsStanding) else None


def _record(session: Session, subject: str, told: dict[str, Any]) -> None:
    row = insert(OperatorStanding).values(subject=subject, **told)
    session.execute(row.on_conflict_do_update(index_elements=["subject"], set_=told))


def _seen(subject: str, row: OperatorStanding | None) -> Seen:
    return Seen(
        subject=subject,
        status=row.status if row else None,
        seen_at=row.seen_at if row else None,
        obstacle=row.obstacle if row else None,
    )
