"""The end of a line: off the Cloud API, its number to quarantine, its history kept."""

import structlog
from flask import current_app

from gateway import clock, outbox
from gateway.database import tenant
from gateway.errors import ProviderError
from gateway.messaging import outgoing
from gateway.onboarding import service
from gateway.outbox import Again, Lease
from gateway.plugin_host import PluginHost
from gateway.provisioning import attempts, numbers
from gateway.provisioning import service as provisioning
from gateway.provisioning.models import Number

log = structlog.get_logger()


def end(lease: Lease) -> Again | None:
    """The job: when the time to take it back is over, look, deregister, record."""
    client_id, line_id = lease.client_id, lease.key
    with tenant(client_id) as session:
        line = provisioning.line(session, client_id, line_id, lock=True)
        if line.release_at is None:
            return None
        if line.release_at > clock.now():
            return Again(after=clock.seconds_until(line.release_at))
        number = numbers.number_of(session, line_id)
        registrar = service.progress(session, client_id, line_id).activation.registrar
    try:
        _leave(lease, registrar, number)
    except ProviderError as error:
        return _not_yet(lease, error)
    with tenant(client_id) as session:
        outbox.guard(session, lease)
        outgoing.drop_line(session, client_id, line_id, "line_released")
        numbers.end_number(session, client_id, line_id, "quarantined")
        provisioning.release(session, client_id, line_id)
    return None


def _leave(lease: Lease, registrar: str, number: Number | None) -> None:
    """Take the number off the Cloud API, if it is on it."""
    if number is None or number.waba_id is None:
        return
    host: PluginHost = current_app.extensions["plugin_host"]
    meta = host.registrars.get(registrar)
    found = meta.find(waba_id=number.waba_id, phone_number=number.phone_number)
    if found is not None and found.connected:
        with attempts.counted(number.phone_number, "deregister", lease):
            meta.deregister(found.phone_number_id)


def _not_yet(lease: Lease, error: ProviderError) -> Again:
    """It stays visible and is tried again; what only a person can mend, ever less often."""
    log.warning("line_not_ended", line_id=lease.key, code=error.code)
    with tenant(lease.client_id) as session:
        outbox.guard(session, lease)
        line = provisioning.line(session, lease.client_id, lease.key)
        line.release_error = service.error_of(error.code, error.detail, error.provider_code)
    settings = current_app.extensions["settings"].onboarding
    pause = error.pause(lease.attempts) or outbox.backoff(lease.attempts)
    return Again(after=pause if error.retryable else settings.poll_seconds_max, error=error.code)
