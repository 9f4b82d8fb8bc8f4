"""Our access to a client's own number ends; the number stays the client's.

It is taken off the Cloud API first, since another provider is else told that somebody has it.
"""

from contextlib import suppress

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway import outbox, secrets
from gateway.database import tenant
from gateway.errors import AccountStopped, ProviderError, Refused
from gateway.messaging import outgoing
from gateway.onboarding import signing_up
from gateway.onboarding.signup_contract import Connection
from gateway.outbox import Again, Lease
from gateway.plugin_host import PluginHost
from gateway.provisioning import access, attempts, client_wabas, coexistence, numbers
from gateway.provisioning import service as provisioning
from gateway.provisioning.models import Number


def disconnect(lease: Lease) -> Again | None:
    """The job: leave, and release the line."""
    client_id, line_id = lease.client_id, lease.key
    try:
        leave(lease, client_id, line_id)
    except ProviderError as error:
        pause = error.pause(lease.attempts) or outbox.backoff(lease.attempts)
        return Again(after=pause, error=error.code)
    with tenant(client_id) as session:
        outbox.guard(session, lease)
        outgoing.drop_line(session, client_id, line_id, "line_released")
        provisioning.release(session, client_id, line_id)
    return None


def leave(lease: Lease, client_id: str, line_id: str) -> None:
    """Deregister, unsubscribe, forget. What the client ended over there is no error."""
    with tenant(client_id) as session:
        found = signing_up.connection_of(signing_up.of_line(session, client_id, line_id))
        token = access.token(session, client_id, found.waba_id) if found else None
        is_last = found is not None and not _others(session, line_id, found.waba_id)
    if found is not None and token is not None:
        with suppress(AccountStopped, Refused):  # the client took the access back already
            _leave(lease, client_id, token, found, is_last=is_last)
    with tenant(client_id) as session:
        outbox.guard(session, lease)
        _forget(session, client_id, line_id, found, is_last=is_last)


def _leave(lease: Lease, client_id: str, token: str, found: Connection, *, is_last: bool) -> None:
    host: PluginHost = current_app.extensions["plugin_host"]
    settings = current_app.extensions["settings"].provisioning
    registrar = access.of_waba(host.registrars.get(settings.registrar), client_id, found.waba_id)
    if not found.coexists and registrar.number(found.phone_number_id).connected:
        with attempts.counted(found.phone_number, "deregister", lease):
            registrar.deregister(found.phone_number_id)
    connector = signing_up.connector()
    if is_last and connector is not None:
        connector.leave(token, found.waba_id)


def _forget(
    session: Session, client_id: str, line_id: str, found: Connection | None, *, is_last: bool
) -> None:
    for secret in (signing_up.code_of(line_id), signing_up.token_of(line_id)):
        secrets.forget(session, client_id, secret)
    number = numbers.number_of(session, line_id)
    if number is not None:
        signing_up.move_pin(session, client_id, line_id, number.phone_number)
        ours = number.supplier is not None  # it picked one of ours: Meta holds it for it still
        numbers.end_number(session, client_id, line_id, "quarantined" if ours else "released")
        number.phone_number_id = None  # the client may connect it again, for another line
    if found is not None and is_last:
        client_wabas.forget(session, client_id, found.waba_id)
    coexistence.end(session, client_id, line_id)
    row = signing_up.of_line(session, client_id, line_id)
    if row is not None:
        session.delete(row)


def _others(session: Session, line_id: str, waba_id: str) -> bool:
    """Whether other lines live in the same WABA."""
    query = select(Number.id).where(
        Number.waba_id == waba_id, Number.line_id != line_id, Number.state == "rented"
    )
    return session.scalars(query).first() is not None
