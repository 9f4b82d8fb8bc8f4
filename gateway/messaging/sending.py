"""The drain: takes the lines that have something to send, and sends.

The platform has no idempotency key. So `sending` is committed before the call, our message id
travels along, and what a crash or a timeout left open is `unconfirmed` until a status that carries
the id settles it. Nothing is ever sent twice on our own account.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from flask import Flask, current_app

from gateway.errors import ProviderError
from gateway.messaging import departing, holding, landing, settling, uploading
from gateway.messaging.contract import MessagingProvider
from gateway.messaging.departing import Departure
from gateway.messaging.landing import Result
from gateway.outbox import Again, Lease
from gateway.plugin_host import PluginHost
from gateway.provisioning import access
from gateway.workers import this_app


def send_line(lease: Lease) -> Again | None:
    """Send what is due on one line, a round at a time: one message a conversation, in order."""
    host: PluginHost = current_app.extensions["plugin_host"]
    settings = current_app.extensions["settings"].messaging
    provider = access.of_line(
        host.messaging_providers.get(settings.provider), lease.client_id, lease.key
    )
    ends = datetime.now(UTC) + timedelta(seconds=current_app.extensions["lease"].total_seconds())
    free_at = None
    settling.give_up_on_the_dead(lease)
    holding.look(lease)
    app = this_app()
    with ThreadPoolExecutor(settings.threads, thread_name_prefix="send") as pool:
        while datetime.now(UTC) < ends:
            found = departing.depart(lease, settings.threads, free_at)
            if not found.departures and not found.asking:
                return _rest(lease, found.wait)
            results = pool.map(
                lambda leaving: _send(app, lease, provider, leaving), found.departures
            )
            if not landing.land(lease, list(zip(found.departures, results, strict=True))):
                return _rest(lease, None)
            if found.asking:
                free_at = holding.ask(found.portfolio_id, lease.client_id, found.asking)
    return Again(after=0)


def _rest(lease: Lease, wait: float | None) -> Again | None:
    """Until something that is queued may leave, or something held wants to be looked at."""
    waits = [it for it in (wait, holding.next_look(lease)) if it is not None]
    return Again(after=min(waits)) if waits else None


def _send(app: Flask, lease: Lease, provider: MessagingProvider, leaving: Departure) -> Result:
    try:
        if leaving.upload is None:
            return provider.send(leaving.outgoing)
        with app.app_context():
            number_id = leaving.outgoing.phone_number_id
            return uploading.upload(provider, lease.client_id, number_id, leaving.upload)
    except ProviderError as error:
        return error
