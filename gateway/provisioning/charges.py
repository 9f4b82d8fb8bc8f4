"""Ask registrars and suppliers what they charged, for the plugin that compares it.

Asked for this month, and for the last one until its bills have settled: one promise an account.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Final

import structlog
from flask import current_app
from sqlalchemy import ColumnElement, select

from gateway import clock, outbox
from gateway.costs.charges_contract import (
    Bill,
    BilledLine,
    Reconciles,
    ReportsCharges,
    ReportsUsage,
)
from gateway.database import platform
from gateway.errors import ProviderError
from gateway.outbox import Again, Lease
from gateway.plugin_host import PluginHost
from gateway.provisioning import access
from gateway.provisioning.models import Number
from gateway.schedules import Schedule

TOPIC: Final = "provisioning.charges"
EVERY: Final = timedelta(hours=3)
SETTLED_AFTER: Final = 10  # days into the next month: late statuses, and the supplier's own delays
_DAY: Final = timedelta(days=1)

log = structlog.get_logger()


def ask_all() -> None:
    """What the schedule runs: promise to ask every account that can be asked."""
    if _reconciler() is None:
        return
    today = clock.now().date()
    months = [today.replace(day=1)]
    if today.day <= SETTLED_AFTER:
        months.append((months[0] - _DAY).replace(day=1))
    with platform() as session:
        wabas = set(session.scalars(select(Number.waba_id).where(Number.waba_id.is_not(None))))
        suppliers = set(session.scalars(select(Number.supplier).distinct()))
        accounts = [f"waba {waba}" for waba in sorted(filter(None, wabas))]
        accounts += [f"supplier {name}" for name in sorted(filter(None, suppliers))]
        for month in months:
            for account in accounts:
                outbox.put(session, TOPIC, f"{month:%Y-%m} {account}")


def ask(lease: Lease) -> Again | None:
    """The job: ask one account about one month, and tell whoever compares."""
    written, kind, account = lease.key.split(" ", 2)
    month = date.fromisoformat(f"{written}-01")
    reconciler = _reconciler()
    if reconciler is None:
        return None
    try:
        bill = _of_waba(account, month) if kind == "waba" else _of_supplier(account, month)
    except ProviderError as error:
        if error.retryable:
            pause = error.pause(lease.attempts) or outbox.backoff(lease.attempts)
            return Again(after=pause, error=error.code)
        log.warning("charges_refused", account=account, code=error.code)
        bill = replace(_asked(kind, account, month), error=error.code)
    if bill is not None:
        reconciler.hear(bill)
    return None


def _of_waba(waba_id: str, month: date) -> Bill | None:
    """The days around the month as well: only the plugin knows in which time zone they are."""
    registrar = _host().registrars.get(_registrar())
    if not isinstance(registrar, ReportsCharges):
        return None
    bill = _asked("waba", waba_id, month)
    if owner := next((line.client_id for line in bill.lines.values()), None):
        registrar = access.of_waba(registrar, owner, waba_id)
    since = datetime.combine(month, time(), clock.now().tzinfo) - _DAY
    until = datetime.combine(_next(month), time(), clock.now().tzinfo) + _DAY
    return replace(bill, charges=registrar.charges(waba_id, since=since, until=until))


def _of_supplier(name: str, month: date) -> Bill | None:
    suppliers = _host().suppliers
    supplier: object = suppliers.get(name) if name in suppliers.names() else None
    if not isinstance(supplier, ReportsUsage):
        return None
    bill = _asked("supplier", name, month)
    return replace(bill, charges=supplier.usage(month, _next(month) - _DAY))


def _asked(kind: str, account: str, month: date) -> Bill:
    """A bill without charges: when it is asked for, and whose the numbers of the account are."""
    here = Number.waba_id == account if kind == "waba" else Number.supplier == account
    with platform() as session:
        held = Number.state != "released"
        spare = here & held & ((Number.state != "rented") | Number.line_id.is_(None))
        return Bill(
            source=_registrar() if kind == "waba" else account,
            account=account,
            kind="messages" if kind == "waba" else "numbers",
            month=month,
            asked_at=clock.now(),
            lines=_lines(here),
            spare=len(session.scalars(select(Number.id).where(spare)).all()),
        )


def _lines(here: ColumnElement[bool]) -> Mapping[str, BilledLine]:
    """Every number's line; of a number that had several, the last."""
    with platform() as session:
        rows = session.scalars(select(Number).where(here).order_by(Number.rented_at)).all()
    return {
        row.phone_number: BilledLine(client_id=row.client_id, line_id=row.line_id)
        for row in rows
        if row.client_id and row.line_id
    }


def _next(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def _registrar() -> str:
    name: str = current_app.extensions["settings"].provisioning.registrar
    return name


def _reconciler() -> Reconciles | None:
    pricing = _host().pricing
    return pricing if isinstance(pricing, Reconciles) else None


def _host() -> PluginHost:
    host: PluginHost = current_app.extensions["plugin_host"]
    return host


SCHEDULE: Final = Schedule(name="reported-charges", every=EVERY, run=ask_all)
