"""Fetch the logo that a client gave by address once beforehand, so that a bad one is seen early."""

from typing import Any, Final

from flask import current_app

from gateway import outbox
from gateway.database import tenant
from gateway.errors import ProviderError
from gateway.onboarding import branding
from gateway.outbox import Again, Lease
from gateway.tenancy import service as tenancy

_TRIES: Final = 5  # whoever brands a line fetches it again, and says why it cannot


def look(lease: Lease) -> Again | None:
    """The job: note what is wrong with it; the picture itself is not kept."""
    with tenant(lease.client_id) as session:
        url = tenancy.client(session, lease.client_id).logo_url
    if url is None:
        return None
    try:
        branding.picture_at(url, current_app.extensions["http"])
    except ProviderError as error:
        _note(lease, url, {"code": error.code, "detail": error.detail})
        if error.retryable and lease.attempts < _TRIES:
            pause = error.pause(lease.attempts) or outbox.backoff(lease.attempts)
            return Again(after=pause, error=error.code)
    else:
        _note(lease, url, None)
    return None


def _note(lease: Lease, url: str, error: dict[str, Any] | None) -> None:
    with tenant(lease.client_id) as session:
        outbox.guard(session, lease)
        client = tenancy.client(session, lease.client_id, lock=True)
        if client.logo_url == url:
            client.logo_error = error
