"""Follow a display name to Meta's decision; once it is approved, register again, as Meta asks, and
let go of the introductions that waited for it."""

from datetime import datetime
from typing import Final

from flask import current_app
from sqlalchemy.orm import Session

from gateway import clock, outbox, secrets
from gateway.database import tenant
from gateway.errors import ProviderError
from gateway.messaging import outgoing
from gateway.onboarding.dressing import UNDECIDED
from gateway.outbox import Again, Lease
from gateway.plugin_host import PluginHost
from gateway.provisioning import access, attempts, names, numbers
from gateway.provisioning import service as provisioning
from gateway.provisioning.models import Line
from gateway.provisioning.registrar_contract import WhatsAppNumber

FOLLOW = names.FOLLOW
_AFTER_REFUSAL: Final = 8 * 3600.0  # ten registrations in 72 h are all there are


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
    if number is None or number.phone_number_id is None:
        return None
    try:
        registrar = access.of_waba(registrar, client_id, number.waba_id)
        seen = registrar.number(number.phone_number_id)
        name, status = _standing(line, seen)
        approved = status in provisioning.NAMED
        is_news = line.display_name_status not in provisioning.NAMED or line.display_name != name
        # A number without a PIN of ours is one that we never register; one that is not registered
        # yet gets its name by its first registration.
        if approved and is_news and pin is not None and seen.connected:
            with attempts.counted(number.phone_number, "register", lease):
                registrar.register(number.phone_number_id, pin=pin)
    except ProviderError as error:
        pause = error.pause(lease.attempts) or outbox.backoff(lease.attempts)
        return Again(after=pause if error.retryable else _AFTER_REFUSAL, error=error.code)
    with tenant(client_id) as session:
        outbox.guard(session, lease)
        provisioning.record_display_name(session, client_id, line_id, name=name, status=status)
        if approved:
            outgoing.let_go(session, client_id, line_id, "display_name_pending")
        since = _settle(session, provisioning.line(session, client_id, line_id), seen)
    return Again(after=_patience(since)) if since else None


def _standing(line: Line, seen: WhatsAppNumber) -> tuple[str, str]:
    """The line's name and what Meta says of it. A line that has a name of its own keeps it until
    another one is approved; one that has none goes by the name handed in last."""
    named = line.display_name_status in provisioning.NAMED
    if seen.new_display_name and (not named or seen.new_name_status in provisioning.NAMED):
        return seen.new_display_name, seen.new_name_status
    return seen.display_name, seen.name_status


def _settle(session: Session, row: Line, seen: WhatsAppNumber) -> datetime | None:
    """Note what became of the name handed in last; since when, if Meta has not decided on it."""
    asked = row.rebranding
    wanted = asked and asked["display_name"]
    name, status = (wanted, _status_of(wanted, seen)) if wanted else _standing(row, seen)
    if status is None:
        return None
    if status in UNDECIDED:
        if asked and wanted:
            row.rebranding = {**asked, "display_name_status": status}
            return datetime.fromisoformat(asked["asked_at"])
        return row.created_at
    if status not in provisioning.NAMED:
        names.refuse(session, row, name=name, code=names.DECLINED, detail=names.NO_REASON)
    elif row.display_name_refusal and row.display_name_refusal["display_name"] == name:
        row.display_name_refusal = None
    if asked and wanted:
        rest = {**asked, "display_name": None, "display_name_status": None}
        row.rebranding = None if asked["state"] == "in_review" else rest
    return None


def _status_of(name: str, seen: WhatsAppNumber) -> str | None:
    """How this name stands over there; None where it was not handed in yet."""
    if seen.new_display_name == name:
        return seen.new_name_status
    return seen.name_status if seen.display_name == name else None


def _patience(since: datetime) -> float:
    """Look again soon at first, then ever less often: a quarter of the time waited so far."""
    settings = current_app.extensions["settings"].onboarding
    age = (clock.now() - since).total_seconds()
    return float(min(settings.poll_seconds_max, max(settings.poll_seconds, age / 4)))
