"""Fetches what candidates sent, while the platform still has it."""

import structlog
from flask import current_app

from gateway import clock, outbox
from gateway.database import tenant
from gateway.errors import ProviderError, Refused
from gateway.messaging import media
from gateway.messaging.contract import MediaCarrier
from gateway.messaging.limits import FILES, RECEIVED_MEDIA_LIVES
from gateway.messaging.models import Media
from gateway.outbox import Again, Lease
from gateway.provisioning import access

log = structlog.get_logger()

_LONGEST_PAUSE = 900.0
_Outcome = bytes | ProviderError


def fetch(lease: Lease) -> Again | None:
    """Fetch one file. Whatever may pass is tried again for as long as its id lives."""
    with tenant(lease.client_id) as session:
        outbox.guard(session, lease)
        row = session.get(Media, (lease.client_id, lease.key))
        if row is None or row.state != "pending":
            return None
        if clock.now() >= row.created_at + RECEIVED_MEDIA_LIVES:
            media.give_up(session, row, "expired", "media_too_old")
            return None
    outcome = _fetched(row)
    if isinstance(outcome, ProviderError) and not isinstance(outcome, Refused):
        pause = min(_LONGEST_PAUSE, 0.25 * 2.0 ** min(lease.attempts, 12))
        return Again(after=max(pause, outcome.retry_after or 0), error=outcome.code)
    with tenant(lease.client_id) as session:
        outbox.guard(session, lease)
        row = session.get_one(Media, (lease.client_id, lease.key))
        if isinstance(outcome, bytes):
            media.keep(session, row, outcome)
        else:
            log.info("media_not_fetched", media_id=row.id, code=outcome.code)
            media.give_up(session, row, "failed", outcome.code)
    return None


def _fetched(row: Media) -> _Outcome:
    provider = current_app.extensions["plugin_host"].messaging_providers.get(row.provider)
    provider = access.of_number(provider, row.client_id, row.phone_number_id)
    if not isinstance(provider, MediaCarrier):
        return Refused("media_not_carried", f"{row.provider} carries no files.")
    try:
        return provider.fetch_media(
            str(row.phone_number_id),
            str(row.provider_id),
            limit=FILES[row.kind].most_bytes,
        )
    except ProviderError as error:
        return error
