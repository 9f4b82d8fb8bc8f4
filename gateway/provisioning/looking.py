"""Look at the numbers of a WABA, all in one call; a number that fell off is registered again."""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from flask import current_app
from sqlalchemy import select

from gateway import clock, outbox, secrets
from gateway.audit import service as audit
from gateway.database import enter_tenant, platform, tenant
from gateway.errors import AccountStopped, ProviderError
from gateway.outbox import Again, Lease
from gateway.plugin_host import PluginHost
from gateway.provisioning import (
    access,
    attempts,
    budget,
    client_wabas,
    health,
    restrictions,
    service,
)
from gateway.provisioning.health_contract import AccountHealth, ReportsHealth
from gateway.provisioning.health_rules import Concern
from gateway.provisioning.models import ClientWaba, Number
from gateway.provisioning.registrar_contract import NumberRegistrar
from gateway.schedules import Schedule

EVERY: Final = timedelta(hours=1)
SHORTEST: Final = timedelta(seconds=90)  # two calls each: a storm of notices leaves room for others
_FELL_OFF: Final = ("DISCONNECTED", "PENDING")
_SHARE_BUDGET: Final = "messaging.share_budget"

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class _Here:
    """A line whose number is in the WABA that is looked at."""

    client_id: str
    line_id: str
    phone_number: str
    phone_number_id: str


def look(lease: Lease) -> Again | None:
    """The job: see how every line of a WABA stands, and record it."""
    waba_id = lease.key
    lines, last = _lines(waba_id)
    registrar = _registrar()
    if not lines or not isinstance(registrar, ReportsHealth):
        return None
    if last and last + SHORTEST > clock.now():
        return Again(after=clock.seconds_until(last + SHORTEST))
    registrar = access.of_waba(registrar, lines[0].client_id, waba_id)
    with platform() as session:
        clients = client_wabas.of_waba(session, waba_id)
    began = clock.now()
    try:
        account = registrar.health(waba_id)
        if _register_again(lease, registrar, lines, account):
            account = registrar.health(waba_id)
    except ProviderError as error:
        if error.retryable:
            pause = error.pause(lease.attempts) or outbox.backoff(lease.attempts)
            return Again(after=pause, error=error.code)
        log.warning("look_refused", waba_id=waba_id, code=error.code)
        refused = health.Look(began=began, obstacle=_obstacle(error, clients))
        _record(lease, lines, lambda _: refused)
        return None
    with platform() as session:
        told = restrictions.of_waba(session, waba_id)
    seen = {number.phone_number_id: number for number in account.numbers}
    _record(
        lease,
        lines,
        lambda line: health.Look(
            began=began,
            seen=seen.get(line.phone_number_id),
            review=account.review,
            restrictions=told,
            beside=client_wabas.concerns(clients),
        ),
    )
    _hear_limit(waba_id, account)
    return None


def _lines(waba_id: str) -> tuple[Sequence[_Here], datetime | None]:
    """The lines of a WABA, and when one of them was looked at last."""
    with platform() as session:
        rows = session.scalars(
            select(Number).where(
                Number.waba_id == waba_id,
                Number.state == "rented",
                Number.client_id.is_not(None),
                Number.phone_number_id.is_not(None),
            )
        ).all()
        lines = [
            _Here(
                client_id=str(row.client_id),
                line_id=str(row.line_id),
                phone_number=row.phone_number,
                phone_number_id=str(row.phone_number_id),
            )
            for row in rows
        ]
        looks = []
        for line in lines:
            enter_tenant(session, line.client_id)
            known = health.of_line(session, line.client_id, line.line_id)
            looks += [known.looked_at] if known and known.looked_at else []
    return lines, max(looks, default=None)


def _register_again(
    lease: Lease, registrar: NumberRegistrar, lines: Sequence[_Here], account: AccountHealth
) -> bool:
    """Register the numbers that fell off the Cloud API; whether there was any."""
    seen = {number.phone_number_id: number for number in account.numbers}
    again = False
    for line in lines:
        number = seen.get(line.phone_number_id)
        if number is None or number.connected or number.status not in _FELL_OFF:
            continue
        pin = _pin_for_another_try(line) if number.code_verified else None
        if pin is None:
            continue
        try:
            with attempts.counted(line.phone_number, "register", lease):
                registrar.register(line.phone_number_id, pin=pin)
        except ProviderError as error:
            log.warning("not_registered_again", line_id=line.line_id, code=error.code)
        else:
            again = True
    return again


def _pin_for_another_try(line: _Here) -> str | None:
    """The line's PIN, if it may be registered now. Noted before the call: a crash wastes a try."""
    with tenant(line.client_id) as session:
        row = service.line(session, line.client_id, line.line_id, lock=True)
        pin = secrets.read(session, line.client_id, f"pin:{line.line_id}")
        if pin is None or row.status not in health.LOOKED_AT or row.release_at is not None:
            return None
        if not health.note_registration(session, line.client_id, line.line_id):
            return None
        audit.record(session, line.client_id, "line.registration_tried", line.line_id)
    return pin


def _record(lease: Lease, lines: Sequence[_Here], look_of: Callable[[_Here], health.Look]) -> None:
    for line in lines:
        with platform() as session:
            outbox.guard(session, lease)
            enter_tenant(session, line.client_id)
            health.record(session, line.client_id, line.line_id, look_of(line))


def _obstacle(error: ProviderError, clients: ClientWaba | None) -> Concern:
    """What keeps us from looking. Where the account is stopped, nothing can leave it either."""
    if clients is not None and error.code in client_wabas.NO_ACCESS:
        return replace(client_wabas.LOST, provider_code=error.provider_code)
    if isinstance(error, AccountStopped):
        what, _, do = error.detail.partition(": ")
        return Concern(
            code=error.code,
            detail=f"{what}.",
            do=f"{do[:1].upper()}{do[1:]}",
            who=error.who,
            stops=True,
            provider_code=error.provider_code,
        )
    return Concern(
        code="look_refused",
        detail=f"Meta does not show how the line stands. {error.detail}",
        do="See in the WhatsApp Manager whether the account is still there.",
        who=error.who,
        provider_code=error.provider_code,
    )


def _hear_limit(waba_id: str, account: AccountHealth) -> None:
    """Whoever waits for a place in the portfolio's budget gets one where it has grown."""
    told = next((number.limit for number in account.numbers if number.limit), None)
    if told is None:
        return
    with platform() as session:
        portfolio_id = budget.tell_limit(session, waba_id, told.people, datetime.now(UTC))
        if portfolio_id is not None:
            outbox.put(session, _SHARE_BUDGET, portfolio_id)


def _registrar() -> NumberRegistrar:
    host: PluginHost = current_app.extensions["plugin_host"]
    name = current_app.extensions["settings"].provisioning.registrar
    registrar: NumberRegistrar = host.registrars.get(name)
    return registrar


def ask_all() -> None:
    """What the schedule runs: every WABA in its own minute of the hour."""
    with platform() as session:
        wabas = session.scalars(
            select(Number.waba_id).where(Number.state == "rented", Number.waba_id.is_not(None))
        )
        for waba_id in sorted(set(map(str, wabas))):
            place = zlib.crc32(waba_id.encode()) % int(EVERY.total_seconds())
            health.ask(session, waba_id, after=place)


SCHEDULE: Final = Schedule(name="line-health", every=EVERY, run=ask_all)
