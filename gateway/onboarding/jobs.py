"""The saga: look, do, record, step by step; and back again when it is cancelled."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import structlog
from flask import current_app
from sqlalchemy.orm import Session

from gateway import outbox
from gateway.database import tenant
from gateway.errors import ProviderError
from gateway.messaging.contract import TemplateCatalogue
from gateway.onboarding import (
    app_data,
    connecting,
    disconnecting,
    ending,
    logo_looking,
    naming,
    papers_changed,
    pool,
    pool_filling,
    rebranding,
    reports,
    service,
    signing_up,
    taking_over,
)
from gateway.onboarding.context import Context
from gateway.onboarding.market import NumberMarket
from gateway.onboarding.models import Activation, ActivationStep
from gateway.onboarding.step_contract import Done, LineRequest, Step, Wait
from gateway.outbox import Again, Lease
from gateway.plugin_host import PluginHost
from gateway.provisioning import coexistence, numbers, releasing, retiring
from gateway.provisioning import service as provisioning
from gateway.provisioning.attempts import AttemptsUsedUp
from gateway.tenancy import logo_urls
from gateway.tenancy import service as tenancy
from gateway.workers import each

log = structlog.get_logger()


class _Stopped(Exception):
    """The activation has failed and waits for a person."""


def advance(lease: Lease) -> Again | None:
    """Carry an activation on as far as it goes now."""
    client_id, line_id = lease.client_id, lease.key
    with tenant(client_id) as session:
        found = service.progress(session, client_id, line_id)
        state = found.activation.state
        request = _request(session, client_id, line_id)
    steps = service.steps_of(found, request)
    ctx = _context(lease, found.activation, request)
    if state == "undoing":
        return _undo(lease, ctx, steps, found.steps)
    if state != "running":
        with tenant(client_id) as session:  # of a report that came again, say: nobody waits for it
            numbers.forget_codes(session, client_id, line_id)
        return None
    for step, row in zip(steps, found.steps, strict=True):
        if row.state != "done":
            try:
                again = _carry_out(lease, ctx, step, row)
            except _Stopped:
                return None
            if again is not None:
                return again
    with tenant(client_id) as session:
        outbox.guard(session, lease)
        activation = session.get_one(Activation, (client_id, found.activation.id))
        if activation.state == "running":
            service.finish(session, client_id, activation, "succeeded")
    return None


def _carry_out(lease: Lease, ctx: Context, step: Step, row: ActivationStep) -> Again | None:
    """None: done. Again: when to go on. _Stopped: not before a person acts."""
    started = row.started_at or datetime.now(UTC)
    ctx.first_try = row.attempts == 0
    _mark(lease, ctx, row, state="running", started_at=started, attempts=row.attempts + 1)
    try:
        outcome = step.look(ctx) or step.do(ctx)
    except AttemptsUsedUp as used_up:
        shown = service.error_of(used_up.code, used_up.detail, None)
        _mark(lease, ctx, row, state="waiting", error=shown, who=used_up.who)
        return Again(after=used_up.retry_after or 0)
    except ProviderError as error:
        shown = service.error_of(error.code, error.detail, error.provider_code)
        log.warning("step_failed", step=step.name, line_id=lease.key, **shown)
        if error.retryable:
            _mark(lease, ctx, row, state="running", error=shown, who=error.who)
            pause = error.pause(lease.attempts) or outbox.backoff(lease.attempts)
            return Again(after=pause, error=error.code)
        _fail(lease, ctx, row, shown, error.who)
        raise _Stopped from error
    if isinstance(outcome, Wait):
        shown = service.error_of(outcome.code, outcome.detail, None)
        _mark(lease, ctx, row, state="waiting", error=shown, who=outcome.who)
        return Again(after=_patience(started))
    _finish_step(lease, ctx, row, outcome)
    return None


def _finish_step(lease: Lease, ctx: Context, row: ActivationStep, done: Done) -> None:
    if done.facts:
        ctx.note(**done.facts)
    _mark(lease, ctx, row, state="done", error=None, who=None, finished_at=datetime.now(UTC))


def _fail(lease: Lease, ctx: Context, row: ActivationStep, error: dict[str, Any], who: str) -> None:
    client_id = ctx.request.client_id
    with tenant(client_id) as session:
        outbox.guard(session, lease)
        _set(session, row, state="failed", error=error, who=who)
        activation = session.get_one(Activation, (client_id, row.activation_id))
        if activation.state == "running":
            service.finish(session, client_id, activation, "failed")


def _undo(
    lease: Lease, ctx: Context, steps: Sequence[Step], rows: Sequence[ActivationStep]
) -> Again | None:
    """Take steps back, last first. A failed undo stays visible and is tried again."""
    for step, row in reversed(list(zip(steps, rows, strict=True))):
        if row.state in ("pending", "undone") and row.started_at is None:
            continue
        if row.state == "undone":
            continue
        try:
            step.undo(ctx)
        except ProviderError as error:
            shown = service.error_of(error.code, error.detail, error.provider_code)
            _mark(lease, ctx, row, state="undo_failed", error=shown, who=error.who)
            pause = error.pause(lease.attempts) or outbox.backoff(lease.attempts)
            return Again(after=pause, error=error.code)
        _mark(lease, ctx, row, state="undone", error=None, who=None)
    with tenant(ctx.request.client_id) as session:
        outbox.guard(session, lease)
        activation = session.get_one(Activation, (ctx.request.client_id, ctx.activation_id))
        service.finish(session, ctx.request.client_id, activation, "cancelled")
    return None


def _mark(lease: Lease, ctx: Context, row: ActivationStep, **values: Any) -> None:
    with tenant(ctx.request.client_id) as session:
        outbox.guard(session, lease)
        _set(session, row, **values)


def _set(session: Session, row: ActivationStep, **values: Any) -> None:
    kept = session.get_one(ActivationStep, (row.client_id, row.activation_id, row.position))
    for name, value in values.items():
        setattr(kept, name, value)
        setattr(row, name, value)


def _patience(started: datetime) -> float:
    """Look again soon at first, then ever less often: a quarter of the time waited so far."""
    settings = current_app.extensions["settings"].onboarding
    waited = (datetime.now(UTC) - started).total_seconds()
    return float(min(settings.poll_seconds_max, max(settings.poll_seconds, waited / 4)))


def _request(session: Session, client_id: str, line_id: str) -> LineRequest:
    line = provisioning.line(session, client_id, line_id)
    return LineRequest(
        line_id=line_id,
        client_id=client_id,
        client_name=tenancy.client(session, client_id).name,
        country=line.country,
    )


def _context(lease: Lease, activation: Activation, request: LineRequest) -> Context:
    host: PluginHost = current_app.extensions["plugin_host"]
    settings = current_app.extensions["settings"]
    catalogue = host.messaging_providers.get(settings.messaging.provider)
    if not isinstance(catalogue, TemplateCatalogue):
        raise TypeError(f"{settings.messaging.provider} knows no templates")
    return Context(
        lease=lease,
        activation_id=activation.id,
        request=request,
        market=NumberMarket(lease, activation, request.country),
        platforms_registrar=host.registrars.get(activation.registrar),
        platforms_catalogue=catalogue,
        code_wait=settings.onboarding.code_wait_seconds,
        known=dict(activation.facts),
    )


JOBS = {
    service.ADVANCE: each(advance),
    signing_up.CONNECT: each(connecting.connect),
    coexistence.ASK: each(app_data.ask),
    signing_up.DISCONNECT: each(disconnecting.disconnect),
    naming.FOLLOW: each(naming.follow),
    tenancy.PAPERS_CHANGED: each(papers_changed.look_again),
    rebranding.ASK: each(rebranding.ask_all),
    rebranding.BRAND: each(rebranding.brand),
    logo_urls.LOOK: each(logo_looking.look),
    reports.HEAR: each(reports.hear),
    retiring.RETIRE: each(taking_over.retire),
    releasing.END: each(ending.end),
    pool.TOP_UP: each(pool_filling.fill),
}
