"""Numbers that nobody uses and Meta still holds: rented on, until an operator says it does not."""

import uuid
from collections.abc import Sequence
from typing import Final

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway import clock, outbox, secrets
from gateway.audit import service as audit
from gateway.database import platform, visiting
from gateway.errors import ProviderError
from gateway.events import service as events
from gateway.outbox import Again, Lease
from gateway.plugin_host import PluginHost
from gateway.problems import Problem, not_found
from gateway.provisioning.models import Line, Number
from gateway.provisioning.numbers import number_of
from gateway.tenancy import house

GIVE_BACK: Final = "provisioning.give_back"


def held(session: Session) -> Sequence[Number]:
    """All of them, the longest held first; asked in the platform's scope."""
    query = select(Number).where(Number.state == "quarantined")
    return session.scalars(query.order_by(Number.quarantined_at, Number.phone_number)).all()


def require_gone(phone_number: str) -> None:
    """Problem 409 `number_still_held` while Meta shows it: its next owner could register it."""
    with platform() as session:
        number = of(session, phone_number)
    if _is_held(number):
        raise Problem(
            409,
            "number_still_held",
            f"Meta still shows {phone_number} in account {number.waba_id}. Delete it there in the"
            " WhatsApp Manager, then confirm again.",
        )


def let_go(session: Session, number: Number) -> None:
    """Promise that its supplier gets it back."""
    number.gone_at = number.gone_at or clock.now()
    outbox.put(session, GIVE_BACK, str(number.id))


def give_back(lease: Lease) -> Again | None:
    """The job: give the number back to its supplier. Giving back what is gone is no error."""
    number_id = uuid.UUID(lease.key)
    with platform() as session:
        number = session.get(Number, number_id)
    if number is None or number.state != "quarantined" or number.gone_at is None:
        return None
    try:
        if number.supplier and number.supplier_ref:
            _host().suppliers.get(number.supplier).release(number.supplier_ref)
    except ProviderError as error:
        pause = error.pause(lease.attempts) or outbox.backoff(lease.attempts)
        seldom: float = current_app.extensions["settings"].onboarding.poll_seconds_max
        return Again(after=pause if error.retryable else seldom, error=error.code)
    house.open_house()
    with platform() as session:
        outbox.guard(session, lease)
        row = session.get_one(Number, number_id, with_for_update=True)
        end(session, row)
    return None


def end(session: Session, number: Number, *, is_pooled: bool = False) -> None:
    """Whoever had it has it no more: it went back to its supplier, or to the pool."""
    number.state, number.released_at = "released", clock.now()
    session.flush()
    country = country_of(session, number)
    if number.client_id is not None and number.line_id is not None:
        _note(session, number.client_id, number.line_id, number.phone_number)
    _tell(session, number, country, is_pooled)


def country_of(session: Session, number: Number) -> str | None:
    """For which country its line was; None where that line is not there any more."""
    if number.client_id is None or number.line_id is None:
        return None
    with visiting(session, number.client_id):
        line = session.get(Line, (number.client_id, number.line_id))
        return line.country if line else None


def of(session: Session, phone_number: str) -> Number:
    """The number, locked. Problem 404 where it is not in quarantine."""
    found = session.scalars(
        select(Number)
        .where(Number.phone_number == phone_number, Number.state == "quarantined")
        .with_for_update()
    ).first()
    if found is None:
        raise not_found("number in quarantine")
    return found


def _note(session: Session, client_id: str, line_id: str, phone_number: str) -> None:
    """Note it with the client that had it."""
    with visiting(session, client_id):
        audit.record(session, client_id, "number.released", line_id, phone_number=phone_number)
        if number_of(session, line_id) is None:  # else it is the PIN of the number after it
            secrets.forget(session, client_id, f"pin:{line_id}")


def _tell(session: Session, number: Number, country: str | None, is_pooled: bool) -> None:
    """The platform paid for it since no line uses it."""
    if number.supplier is None or number.line_id is None:
        return
    unused_since = number.replaced_at or number.quarantined_at
    amount = number.monthly_amount
    with visiting(session, house.CLIENT):
        events.record(
            session,
            house.CLIENT,
            "number.pooled" if is_pooled else "number.given_back",
            line_id=number.line_id,
            country=country,
            phone_number=number.phone_number,
            supplier=number.supplier,
            monthly_amount=None if amount is None else format(amount, "f"),
            monthly_currency=number.monthly_currency,
            unused_since=unused_since and unused_since.isoformat(),
        )


def _is_held(number: Number) -> bool:
    settings = current_app.extensions["settings"].provisioning
    ours = [waba for portfolio in settings.portfolios for waba in portfolio.wabas]
    if number.waba_id not in ours:
        return False  # it was in a client's own account, into which we see no more
    registrar = _host().registrars.get(settings.registrar)
    found = registrar.find(waba_id=str(number.waba_id), phone_number=number.phone_number)
    return found is not None


def _host() -> PluginHost:
    host: PluginHost = current_app.extensions["plugin_host"]
    return host
