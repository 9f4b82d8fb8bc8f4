"""How suppliers stand: in the database, so that what an operator says holds on every host at once.

Each function is a short transaction of its own in the platform's scope, unless it takes a session.
UnknownNameError where no enabled plugin offers the supplier.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from flask import current_app
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway import outbox
from gateway.audit import service as audit
from gateway.database import lock, platform
from gateway.errors import OutcomeUnknown, ProviderError, TryAgain
from gateway.plugin_host import PluginHost
from gateway.provisioning import codes
from gateway.provisioning.choosing import Standing
from gateway.provisioning.models import SupplierStanding
from gateway.settings_values import NumberPolicy

WAITING: Final = "onboarding.advance"  # activations that wait for a supplier are looked at by it
MOST_FAILURES: Final = 5
FIRST_REST: Final = timedelta(seconds=5)
LONGEST_REST: Final = timedelta(minutes=5)
PROBE: Final = timedelta(seconds=30)  # longer than any call takes
_NO_FAILURES: Final = ("number_taken", "order_under_way", "rate_limited")


def known(name: str) -> None:
    """UnknownNameError where no enabled plugin offers it."""
    host: PluginHost = current_app.extensions["plugin_host"]
    host.suppliers.get(name)


def lock_name(name: str) -> str:
    """Whoever holds it decides of the supplier alone."""
    return f"supplier {name}"


def standings(session: Session) -> list[Standing]:
    """Every supplier that is on offer, or was: what the configuration lists, and what an operator
    preferred, as far as a plugin offers it."""
    host: PluginHost = current_app.extensions["plugin_host"]
    configured = current_app.extensions["settings"].provisioning.suppliers
    rows = {row.name: row for row in session.scalars(select(SupplierStanding))}
    preferred = [row.name for row in rows.values() if row.position is not None]
    names = dict.fromkeys((*configured, *sorted(preferred)))
    return [
        _standing(name, rows.get(name), is_heard=bool(codes.listened(host.code_captures, name)))
        for name in names
        if name in host.suppliers.names()
    ]


def policy_of(country: str) -> NumberPolicy | None:
    """What the configuration says of numbers of this country."""
    policies: tuple[NumberPolicy, ...] = current_app.extensions["settings"].provisioning.policies
    return next((policy for policy in policies if policy.country == country), None)


def prefer(names: Sequence[str]) -> None:
    """Ask these first, in this order, before all others; whoever was removed is on offer again."""
    for name in names:
        known(name)
    with platform() as session:
        lock(session, *sorted(map(lock_name, names)))
        session.execute(update(SupplierStanding).values(position=None))
        for position, name in enumerate(names):
            row = _row(session, name)
            row.position, row.removed_at = position, None
            audit.record_act(session, "supplier.preferred", name, position=position)
        outbox.hurry(session, WAITING)


def pause(name: str, reason: str) -> None:
    """Order nothing there from now on; what was ordered goes on, and so does all it reports."""
    known(name)
    with platform() as session:
        lock(session, lock_name(name))
        row = _row(session, name)
        if row.paused_at is not None:
            return
        row.paused_at = datetime.now(UTC)
        audit.record_act(session, "supplier.paused", name, reason=reason)
        outbox.hurry(session, WAITING)


def resume(name: str) -> None:
    """Order there again, as if it had never failed."""
    known(name)
    with platform() as session:
        lock(session, lock_name(name))
        row = _row(session, name)
        _recover(row)
        if row.paused_at is not None:
            row.paused_at = None
            audit.record_act(session, "supplier.resumed", name)
        outbox.hurry(session, WAITING)


def remove(session: Session, name: str) -> None:
    """Take it off the offer for good."""
    row = _row(session, name)
    row.position, row.removed_at = None, datetime.now(UTC)
    audit.record_act(session, "supplier.removed", name)


def may_order(session: Session, name: str) -> bool:
    """Whether an order may leave there; nobody changes that until the transaction ends."""
    lock(session, lock_name(name))
    row = session.get(SupplierStanding, name)
    return row is None or (row.paused_at is None and row.removed_at is None)


def may_ask(standing: Standing) -> bool:
    """Whether it is ours to ask a supplier that rested: one goes ahead and tries, no others."""
    if standing.rests_until is None:
        return True
    with platform() as session:
        taken = session.execute(
            update(SupplierStanding)
            .where(
                SupplierStanding.name == standing.name,
                SupplierStanding.rests_until == standing.rests_until,
            )
            .values(rests_until=func.clock_timestamp() + PROBE, is_probed=True)
            .returning(SupplierStanding.name)
        )
        return taken.first() is not None


def is_failure(error: ProviderError) -> bool:
    """Whether a supplier that answers like this is unwell; one that refuses is not."""
    if isinstance(error, OutcomeUnknown):
        return True
    return isinstance(error, TryAgain) and error.code not in _NO_FAILURES


def failed(name: str) -> None:
    """It did not answer, or only that it fails. Too often in a row, and it rests."""
    now = datetime.now(UTC)
    with platform() as session:
        row = _row(session, name)
        row.failures += 1
        rests = row.rests_until is not None and row.rests_until > now and not row.is_probed
        if row.failures < MOST_FAILURES or rests:
            return
        row.rests += 1
        row.rests_until, row.is_probed = now + _rest(row.rests), False


def answered(name: str) -> None:
    """It is well. Who waited for it is looked at again."""
    with platform() as session:
        unwell = select(SupplierStanding).where(
            SupplierStanding.name == name, SupplierStanding.failures > 0
        )
        row = session.scalars(unwell.with_for_update()).first()
        if row is None:
            return
        if row.rests:
            outbox.hurry(session, WAITING)
        _recover(row)


def _rest(rests: int) -> timedelta:
    """How long it is left alone the nth time in a row: 5 s, 10 s, 20 s, … 5 min."""
    return min(LONGEST_REST, FIRST_REST * float(2 ** min(rests - 1, 10)))


def _recover(row: SupplierStanding) -> None:
    row.failures, row.rests, row.rests_until, row.is_probed = 0, 0, None, False


def _row(session: Session, name: str) -> SupplierStanding:
    """The supplier's row, ours until the transaction ends."""
    session.execute(
        insert(SupplierStanding).values(name=name).on_conflict_do_nothing(index_elements=["name"])
    )
    return session.get_one(SupplierStanding, name, with_for_update=True, populate_existing=True)


def _standing(name: str, row: SupplierStanding | None, *, is_heard: bool) -> Standing:
    if row is None:
        return Standing(name=name, is_heard=is_heard)
    return Standing(
        name=name,
        position=row.position,
        is_paused=row.paused_at is not None,
        is_removed=row.removed_at is not None,
        is_heard=is_heard,
        rests_until=row.rests_until,
    )
