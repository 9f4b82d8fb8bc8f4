"""What suppliers say they have, kept with its age: whoever decides by it waits for no supplier."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, get_args

from flask import current_app
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway import clock, outbox
from gateway.database import platform
from gateway.errors import ProviderError, Refused
from gateway.outbox import Again, Lease
from gateway.plugin_host import PluginHost
from gateway.provisioning import checking, choosing, suppliers
from gateway.provisioning.choosing import Reason
from gateway.provisioning.contract import NumberSupplier
from gateway.provisioning.models import SupplierStock
from gateway.provisioning.papers_contract import PaperKind, TakesPapers
from gateway.schedules import Schedule
from gateway.settings_values import NumberPolicy

LOOK: Final = "provisioning.stock"
EVERY: Final = timedelta(hours=1)
FRESH: Final = timedelta(minutes=10)
"""For how long nobody who reads has suppliers asked anew."""

_TRY_AGAIN: Final = 60.0  # seconds


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A supplier that would be asked now, and what it said last; None: it was not asked yet."""

    supplier: str
    stock: SupplierStock | None


@dataclass(frozen=True, kw_only=True)
class Offer:
    """Who would be asked for a number, in order, and why others would not be."""

    seen: tuple[Seen, ...]
    left_out: tuple[Reason, ...]


def on_offer(session: Session, country: str) -> Offer:
    """What is known of a country's numbers, in the platform's scope."""
    standings = suppliers.standings(session)
    plan = choosing.plan(standings, suppliers.policy_of(country), datetime.now(UTC))
    names = dict.fromkeys(ask.supplier for ask in plan.asks)
    rows = {
        row.supplier: row
        for row in session.scalars(select(SupplierStock).where(SupplierStock.country == country))
    }
    seen = tuple(Seen(supplier=name, stock=rows.get(name)) for name in names)
    return Offer(seen=seen, left_out=plan.left_out)


def refresh(session: Session, country: str) -> None:
    """Have looked at, soon, what is not known of the country's numbers or is old."""
    old = clock.now() - FRESH
    found = on_offer(session, country).seen
    if any(seen.stock is None or seen.stock.seen_at < old for seen in found):
        outbox.put(session, LOOK, country)


def look(lease: Lease) -> Again | None:
    """Ask every supplier on offer. What one said before stays where it does not answer."""
    country, policy = lease.key, suppliers.policy_of(lease.key)
    host: PluginHost = current_app.extensions["plugin_host"]
    with platform() as session:
        names = [one.name for one in choosing.in_order(suppliers.standings(session), policy)]
    missed = None
    for name in names:
        try:
            found = _asked(host.suppliers.get(name), country, policy)
        except ProviderError as error:
            if error.retryable:
                missed = error.code
                continue
            found = {"wants": [], "refusal": _refusal(error)}
        with platform() as session:
            outbox.guard(session, lease)
            _record(session, name, country, found)
    return Again(after=_TRY_AGAIN, error=missed) if missed else None


def ask_all() -> None:
    """What the schedule runs: every country that somebody asked about."""
    with platform() as session:
        for country in session.scalars(select(SupplierStock.country).distinct()):
            outbox.put(session, LOOK, country)


SCHEDULE: Final = Schedule(name="supplier-stock", every=EVERY, run=ask_all)


def _asked(
    supplier: NumberSupplier, country: str, policy: NumberPolicy | None
) -> dict[str, object]:
    """What would come of an order: the first type that can be had, or why there is none."""
    refusal = None
    for number_type in policy.types if policy and policy.types else (None,):
        try:
            sold = checking.sold(supplier, country, number_type, policy)
        except Refused as refused:
            refusal = refusal or _refusal(refused)
            continue
        if sold.refused is None:
            return {"wants": list(_wants(supplier, country, sold)), "refusal": None}
        refusal = refusal or {"code": sold.refused, "detail": sold.detail, "who": "operator"}
    return {"wants": [], "refusal": refusal}


def _wants(supplier: NumberSupplier, country: str, sold: checking.Sold) -> tuple[PaperKind, ...]:
    """Which of the client's papers it wants for such a number."""
    if not isinstance(supplier, TakesPapers) or not supplier.asks_clients(country):
        return ()
    asked = supplier.requirements(country, sold.number_type)
    kinds = {paper.kind for paper in asked if paper.who == "client"}
    return tuple(kind for kind in get_args(PaperKind) if kind in kinds)


def _refusal(error: ProviderError) -> dict[str, str]:
    return {"code": error.code, "detail": error.detail, "who": error.who}


def _record(session: Session, supplier: str, country: str, found: dict[str, object]) -> None:
    told = insert(SupplierStock).values(
        supplier=supplier, country=country, seen_at=clock.now(), **found
    )
    session.execute(
        told.on_conflict_do_update(
            index_elements=["supplier", "country"],
            set_={name: told.excluded[name] for name in ("wants", "refusal", "seen_at")},
        )
    )
