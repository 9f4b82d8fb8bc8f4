"""Brand a client's lines again when its name, its logo or what it says of itself changed."""

from typing import Any, Final

from flask import current_app
from sqlalchemy.orm import Session

from gateway import clock, outbox
from gateway.database import tenant
from gateway.errors import ProviderError
from gateway.onboarding import branding, dressing
from gateway.outbox import Again, Lease
from gateway.plugin_host import PluginHost
from gateway.provisioning import names, numbers
from gateway.provisioning import service as provisioning
from gateway.provisioning.models import Line
from gateway.tenancy import service as tenancy

ASK: Final = tenancy.REBRAND
BRAND: Final = "onboarding.brand"
NAMES: Final = frozenset({"name", "display_name", "legal_name"})
SHOWN: Final = NAMES | {"logo_url", "website", "email"}
"""What of a client its lines show, or are judged by."""

_LIVE: Final = ("active", "suspended")


def ask(session: Session, client_id: str) -> None:
    """Promise the client's present face to each of its lines; one in the making gets it later."""
    name = branding.display_name(tenancy.client(session, client_id))
    for line in provisioning.lines(session, client_id):
        if line.paid_by != "platform":
            continue  # the number is the client's own: its name and its face are as well
        if line.display_name_refusal and line.display_name_refusal["display_name"] != name:
            line.display_name_refusal = None  # that name is not wanted any more
        if line.status in (*_LIVE, "pending"):
            line.rebranding = {
                "display_name": name if name != line.display_name else None,
                "display_name_status": None,
                "asked_at": clock.now().isoformat(),
                "state": "asked",
                "error": None,
                "who": "gateway",
            }
        if line.status in _LIVE:
            outbox.put(session, BRAND, line.id, client_id=client_id)


def catch_up(session: Session, client_id: str, line_id: str) -> None:
    """The line is active; what was asked for meanwhile is due."""
    if provisioning.line(session, client_id, line_id).rebranding:
        outbox.put(session, BRAND, line_id, client_id=client_id)


def ask_all(lease: Lease) -> None:
    """The job: something that the client's lines show changed."""
    with tenant(lease.key) as session:
        ask(session, lease.key)


def brand(lease: Lease) -> Again | None:
    """The job: look what the line wears over there, change what differs, follow its name."""
    client_id, line_id = lease.client_id, lease.key
    with tenant(client_id) as session:
        line = provisioning.line(session, client_id, line_id)
        number = numbers.number_of(session, line_id)
        source = branding.source(session, client_id)
    if line.status not in _LIVE or number is None or number.phone_number_id is None:
        return None
    host: PluginHost = current_app.extensions["plugin_host"]
    registrar = host.registrars.get(current_app.extensions["settings"].provisioning.registrar)
    try:
        face = branding.face(source, line, current_app.extensions["http"])
        missing = dressing.look(registrar, number.phone_number_id, face)
        dressing.put_on(registrar, number.phone_number_id, face, missing)
    except ProviderError as error:
        shown = {"code": error.code, "detail": error.detail, "provider_code": error.provider_code}
        with tenant(client_id) as session:
            outbox.guard(session, lease)
            _note(session, line, error=shown, who=error.who)
        if not error.retryable:
            return None
        pause = error.pause(lease.attempts) or outbox.backoff(lease.attempts)
        return Again(after=pause, error=error.code)
    with tenant(client_id) as session:
        outbox.guard(session, lease)
        worn = dressing.recorded(face.branding)
        provisioning.record_branding(session, client_id, line_id, **worn)
        _note(session, line, state="in_review", error=None, who="meta")
        names.look_again(session, client_id, line_id)
    return None


def _note(session: Session, line: Line, **values: Any) -> None:
    """How far it is; nothing where something else was asked for meanwhile."""
    row = provisioning.line(session, line.client_id, line.id, lock=True)
    asked, before = row.rebranding, line.rebranding
    if asked is None or before is None or asked["asked_at"] != before["asked_at"]:
        return
    done = values.get("state") == "in_review" and asked["display_name"] is None
    row.rebranding = None if done else {**asked, **values}
