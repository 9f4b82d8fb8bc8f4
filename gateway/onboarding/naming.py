"""Follow a display name to Meta's decision; once it is approved, register again, as Meta asks, and
let go of the introductions that waited for it."""

from datetime import datetime

from flask import current_app

from gateway import clock, outbox, secrets
from gateway.database import tenant
from gateway.errors import ProviderError
from gateway.messaging import outgoing
from gateway.outbox import Again, Lease
from gateway.plugin_host import PluginHost
from gateway.provisioning import attempts, numbers
from gateway.provisioning import service as provisioning

FOLLOW = "onboarding.name"
_UNDECIDED = ("PENDING_REVIEW", "NONE", "PENDING")


def follow(lease: Lease) -> Again | None:
    """Look at the name over there; again later while it is undecided."""
    client_id, line_id = lease.client_id, lease.key
    settings = current_app.extensions["settings"]
    host: PluginHost = current_app.extensions["plugin_host"]
    registrar = host.registrars.get(settings.provisioning.registrar)
    with tenant(client_id) as session:
        line = provisioning.line(session, client_id, line_id)
        number = numbers.number_of(session, line_id)
        pin = secrets.read(session, client_id, f"pin:{line_id}")
    if number is None or number.phone_number_id is None or pin is None:
        return None
    try:
        seen = registrar.number(number.phone_number_id)
        name = seen.new_display_name or seen.display_name
        status = seen.new_name_status if seen.new_display_name else seen.name_status
        approved = status in provisioning.NAMED
        if approved and line.display_name_status not in provisioning.NAMED:
            with attempts.counted(number.phone_number, "register", lease):
                registrar.register(number.phone_number_id, pin=pin)
    except ProviderError as error:
        if not error.retryable:
            raise
        return Again(
            after=error.pause(lease.attempts) or outbox.backoff(lease.attempts), error=error.code
        )
    with tenant(client_id) as session:
        outbox.guard(session, lease)
        provisioning.record_display_name(session, client_id, line_id, name=name, status=status)
        if approved:
            outgoing.let_go(session, client_id, line_id, "display_name_pending")
    if status in _UNDECIDED:
        return Again(after=_patience(line.created_at))
    return None


def _patience(since: datetime) -> float:
    """Look again soon at first, then ever less often: a quarter of the line's age."""
    settings = current_app.extensions["settings"].onboarding
    age = (clock.now() - since).total_seconds()
    return float(min(settings.poll_seconds_max, max(settings.poll_seconds, age / 4)))
