"""A number that was prepared becomes a line's; the one before it retires after the overlap."""

import uuid
from datetime import timedelta
from typing import Final

from flask import current_app
from sqlalchemy.orm import Session

from gateway import clock, outbox
from gateway.database import tenant
from gateway.errors import ProviderError
from gateway.messaging import answering
from gateway.onboarding import naming, rebranding
from gateway.onboarding.models import Activation
from gateway.outbox import Again, Lease
from gateway.plugin_host import PluginHost
from gateway.provisioning import attempts, retiring
from gateway.provisioning import service as provisioning
from gateway.provisioning.models import Line, Number

OVERLAP: Final = "overlap_days"  # a fact of the activation
_LOOK_AGAIN: Final = 900.0  # whoever moves the clock is followed soon enough


def take_over(session: Session, prepared: Line, activation: Activation) -> None:
    """The number is the line's from now on; windows stay with the one before while it answers."""
    line = provisioning.line(session, prepared.client_id, str(prepared.replaces), lock=True)
    if line.status not in ("active", "suspended"):  # it was given up meanwhile: nobody needs it
        activation.state, activation.finished_at = "undoing", None
        outbox.put(session, "onboarding.advance", prepared.id, client_id=line.client_id)
        return
    days = timedelta(days=int(activation.facts[OVERLAP]))
    before = retiring.hand_over(session, prepared, line, clock.now() + days)
    answering.stay(session, line.client_id, line.id, str(before.phone_number_id))
    outbox.put(session, naming.FOLLOW, line.id, client_id=line.client_id)
    rebranding.catch_up(session, line.client_id, line.id)


def retire(lease: Lease) -> Again | None:
    """When the overlap is over, take the number off WhatsApp. Meta still holds it: it is kept, in
    quarantine, since its next owner could register it."""
    with tenant(lease.client_id) as session:
        number = session.get(Number, uuid.UUID(lease.key))
    if number is None or number.state != "retiring" or number.retires_at is None:
        return None
    if clock.now() < number.retires_at:
        return Again(after=min(_LOOK_AGAIN, clock.seconds_until(number.retires_at)))
    phone_number_id = str(number.phone_number_id)
    host: PluginHost = current_app.extensions["plugin_host"]
    registrar = host.registrars.get(current_app.extensions["settings"].provisioning.registrar)
    try:
        if registrar.number(phone_number_id).connected:
            with attempts.counted(number.phone_number, "deregister", lease):
                registrar.deregister(phone_number_id)
    except ProviderError as error:
        pause = error.pause(lease.attempts) or outbox.backoff(lease.attempts)
        return Again(after=pause, error=error.code)
    with tenant(lease.client_id) as session:
        outbox.guard(session, lease)
        retiring.quarantine(session, session.get_one(Number, number.id))
        answering.end(session, lease.client_id, phone_number_id)
    return None
