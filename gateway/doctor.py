"""What is wrong with this installation, and the command that mends it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from flask import current_app
from redis import RedisError
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from gateway import queues
from gateway.database import db, platform, tenant
from gateway.inbound import InboundChange
from gateway.outbox import OutboxRow
from gateway.provisioning import budget, placing
from gateway.provisioning import service as provisioning
from gateway.schema_version import expected
from gateway.tenancy import service as tenancy

Verdict = Literal["ok", "warn", "FAIL"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One check. `remedy` says what to do where the verdict is not ok."""

    check: str
    verdict: Verdict
    detail: str
    remedy: str = ""


def examine() -> list[Finding]:
    """Every check in order; those that need the database are left out where it does not answer."""
    found = list(_database())
    if all(finding.verdict == "ok" for finding in found):
        for check in (_role, _work, _inbound, _portfolios, _budgets, _suspended):
            found.extend(check())
    found.extend(_redis())
    found.extend(_providers())
    return found


def _database() -> Iterator[Finding]:
    try:
        with db.engines[None].connect() as connection:
            at = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except SQLAlchemyError as error:
        yield Finding(
            check="database",
            verdict="FAIL",
            detail=f"It does not answer as the application's role ({type(error).__name__}).",
            remedy="Check GATEWAY_DATABASE__URL, then run `gateway db upgrade`.",
        )
        return
    if at == expected():
        yield Finding(check="database", verdict="ok", detail=f"It is at migration {at}.")
    else:
        yield Finding(
            check="database",
            verdict="FAIL",
            detail=f"It is at migration {at}, the code expects {expected()}.",
            remedy="Run `gateway db upgrade`.",
        )


def _role() -> Iterator[Finding]:
    with db.engines[None].connect() as connection:
        unsafe = connection.execute(
            text(
                "SELECT rolsuper OR rolbypassrls OR EXISTS (SELECT 1 FROM pg_class c"
                " WHERE c.relowner = r.oid) FROM pg_roles r WHERE rolname = current_user"
            )
        ).scalar()
    yield Finding(
        check="separation",
        verdict="FAIL" if unsafe else "ok",
        detail="The application's role owns tables or can step around row security."
        if unsafe
        else "The application's role is fenced in.",
        remedy="Give GATEWAY_DATABASE__URL a role of its own; see docs/operations.md."
        if unsafe
        else "",
    )


def _work() -> Iterator[Finding]:
    with platform() as session:
        oldest = session.scalar(
            select(func.min(OutboxRow.due_at)).where(OutboxRow.lease_until.is_(None))
        )
        failing = session.scalar(
            select(func.count()).select_from(OutboxRow).where(OutboxRow.error.is_not(None))
        )
    late = datetime.now(UTC) - oldest if oldest else timedelta()
    yield Finding(
        check="work",
        verdict="warn" if late > timedelta(minutes=1) else "ok",
        detail=f"The oldest due work has waited {max(0, int(late.total_seconds()))} s.",
        remedy="Start `gateway worker` and `gateway scheduler`."
        if late > timedelta(minutes=1)
        else "",
    )
    if failing:
        yield Finding(
            check="retries",
            verdict="warn",
            detail=f"{failing} pieces of work failed and are tried again.",
            remedy="Look for `job_failed` and `step_failed` in the workers' logs.",
        )


def _inbound() -> Iterator[Finding]:
    with platform() as session:
        kept = session.scalar(
            select(func.count()).select_from(InboundChange).where(InboundChange.state == "kept")
        )
    yield Finding(
        check="inbound",
        verdict="ok",
        detail=f"{kept} changes that name no number of ours are kept.",
    )


def _portfolios() -> Iterator[Finding]:
    with platform() as session:
        rooms = placing.room(session)
    if not rooms:
        yield Finding(
            check="portfolios",
            verdict="warn",
            detail="No portfolio is configured: virtual numbers cannot be placed.",
            remedy="Add [[provisioning.portfolios]] to the configuration.",
        )
    for portfolio, room in rooms.items():
        yield Finding(
            check=f"portfolio {portfolio}",
            verdict="ok" if room > 0 else "warn",
            detail=f"There is room for {room} more numbers.",
            remedy="" if room > 0 else "Ask Meta for more numbers, or add a portfolio.",
        )


def _budgets() -> Iterator[Finding]:
    with platform() as session:
        states = budget.states(session)
    for portfolio, state in states.items():
        limit = "any number of" if state.people is None else f"{state.people}"
        yield Finding(
            check=f"budget {portfolio}",
            verdict="warn" if state.waiting else "ok",
            detail=f"{state.used} of {limit} people were written to first in 24 h;"
            f" {state.waiting} wait.",
            remedy="They follow as places free. Meta raises the limit with verification and use;"
            " or add a portfolio."
            if state.waiting
            else "",
        )


def _suspended() -> Iterator[Finding]:
    for owner in tenancy.vendors():
        for client in tenancy.clients(owner.id):
            with tenant(client.client_id) as session:
                lines = provisioning.lines(session, client.client_id)
            for line in lines:
                if line.status == "suspended":
                    why = line.suspension or {}
                    yield Finding(
                        check=f"line {line.id}",
                        verdict="warn",
                        detail=f"Nothing leaves it ({why.get('code', 'unknown')}).",
                        remedy=why.get("detail", "Look at it in the WhatsApp Manager."),
                    )


def _redis() -> Iterator[Finding]:
    try:
        queues.connect().ping()
    except RedisError as error:
        yield Finding(
            check="redis",
            verdict="warn",
            detail=f"Redis does not answer ({type(error).__name__}): work waits for the sweeper.",
            remedy="Check GATEWAY_REDIS__URL.",
        )
        return
    yield Finding(check="redis", verdict="ok", detail="It answers.")


def _providers() -> Iterator[Finding]:
    settings = current_app.extensions["settings"]
    host = current_app.extensions["plugin_host"]
    wanted: list[tuple[str, str, Callable[[], list[str]]]] = [
        ("supplier", name, host.suppliers.names) for name in settings.provisioning.suppliers
    ]
    wanted.append(("registrar", settings.provisioning.registrar, host.registrars.names))
    wanted.append(("messaging", settings.messaging.provider, host.messaging_providers.names))
    for kind, name, known in wanted:
        there = name in known()
        yield Finding(
            check=f"{kind} {name}",
            verdict="ok" if there else "FAIL",
            detail="Enabled." if there else "No enabled plugin offers it.",
            remedy="" if there else "Enable its plugin, or change the setting.",
        )
