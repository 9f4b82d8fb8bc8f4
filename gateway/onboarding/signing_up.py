"""What a client's sign-up page hands in: decide and record. The exchange itself is a job's."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from flask import current_app
from sqlalchemy.orm import Session

from gateway import clock, outbox, secrets
from gateway.audit import service as audit
from gateway.database import visiting
from gateway.errors import Actor
from gateway.onboarding import branding, pool_filling, popup_words, service, signup_links
from gateway.onboarding.models import Signup
from gateway.onboarding.signup_contract import Choice, Connection, SignupProblem
from gateway.plugin_host import PluginHost
from gateway.problems import Problem
from gateway.provisioning import client_wabas
from gateway.provisioning import service as provisioning
from gateway.provisioning.connector_contract import Connector, Prefill, SignupDialog
from gateway.provisioning.models import Line
from gateway.tenancy import house
from gateway.tenancy import service as tenancy

CONNECT: Final = "onboarding.connect"
DISCONNECT: Final = "onboarding.disconnect"
_CONNECTED: Final = ("active", "suspended")
_MENDED_THERE: Final = ("not_verified", "number_in_use", "pin_mismatch")  # on the sign-up page
_STEPS: Final[Mapping[str, str]] = {
    "BUSINESS_ACCOUNT_SELECTION": "choosing the business portfolio",
    "WABA_PHONE_PROFILE_PICKER": "choosing the WhatsApp account",
    "WHATSAPP_BUSINESS_PROFILE_SETUP": "describing the business",
    "PHONE_NUMBER_SETUP": "typing the number",
    "PHONE_NUMBER_VERIFICATION": "entering the 6-digit code",
    "PERMISSIONS": "granting the permissions",
}


def hand_in(session: Session, client_id: str, line_id: str, given: Mapping[str, Any]) -> Line:
    """Keep what the page says, in whatever order it comes; a code is exchanged at once.

    Problem 409 `no_signup`, `activation_state` or `signup_code_used`.
    """
    line = provisioning.line(session, client_id, line_id)
    if _is_late(session, line, given):
        return line
    require_open(session, line)
    # The promise comes first: its row is the lock that the job takes first as well.
    outbox.put(session, CONNECT, line_id, client_id=client_id)
    session.expire_all()
    row = of_line(session, client_id, line_id) or _begun(session, client_id, line_id)
    row.changed_at = clock.now()
    if given.get("event"):
        _note_event(row, given)
    if given.get("code"):
        _keep_code(session, row, given["code"])
    return line


def _is_late(session: Session, line: Line, given: Mapping[str, Any]) -> bool:
    """Whether it is the other half of a sign-up that was known without it and stopped since."""
    row = of_line(session, line.client_id, line.id)
    if given.get("code") or row is None or row.connection is None:
        return False
    return service.progress(session, line.client_id, line.id).activation.state == "failed"


def choose(session: Session, client_id: str, line_id: str, phone_number_id: str) -> bool:
    """The client means this one of the numbers it was asked about; False: it was not among them."""
    problem = problem_of(of_line(session, client_id, line_id))
    for one in problem.choices if problem else ():
        if one.phone_number_id == phone_number_id:
            meant = {"waba_id": one.waba_id, "phone_number_id": one.phone_number_id}
            hand_in(session, client_id, line_id, {"event": "FINISH", **meant})
            return True
    return False


def disconnect(session: Session, client_id: str, line_id: str) -> Line:
    """End our access to a line's number, which stays the client's."""
    line = provisioning.line(session, client_id, line_id, lock=True)
    row = of_line(session, client_id, line_id)
    if row is None or row.connection is None or line.status not in _CONNECTED:
        raise Problem(
            409, "not_own_number", "Only an active line of a client's own number can be ended."
        )
    if row.leaving_at is None:
        row.leaving_at = clock.now()
        line.status = "suspended"
        line.suspension = {
            "code": "disconnecting",
            "detail": "The client disconnects its number: nothing is sent any more.",
            "since": clock.now().isoformat(),
        }
        audit.record(session, client_id, "line.disconnected", line_id)
        outbox.put(session, DISCONNECT, line_id, client_id=client_id)
    return line


def require_open(session: Session, line: Line) -> None:
    """Problem 409 where nobody is to sign up for this line now."""
    if not has_signup(line):
        raise Problem(409, "no_signup", "The line's number is not one that a client connects.")
    row = of_line(session, line.client_id, line.id)
    activation = service.progress(session, line.client_id, line.id).activation
    is_open = line.status in _CONNECTED or activation.state == "running"
    if not is_open or (row and row.leaving_at):
        raise Problem(
            409,
            "activation_state",
            f"The activation is {activation.state}: nobody can sign up for it.",
            extra={"state": activation.state},
        )


def url_of(session: Session, line: Line, state: str) -> str | None:
    """Where a person signs up; None where nobody has to."""
    if not has_signup(line):
        return None
    row = of_line(session, line.client_id, line.id)
    connection = row.connection if row else None
    if connection is None:
        wanted = state == "running"
    else:
        waba = client_wabas.of_waba(session, connection["waba_id"])
        is_lost = line.status == "suspended" and not (row and row.leaving_at)
        renews = line.status in _CONNECTED and (is_lost or client_wabas.is_ending(waba))
        wanted = renews or service.stands_at(session, line, *_MENDED_THERE)
    return signup_links.url(line.client_id, line.id) if wanted else None


def has_signup(line: Line) -> bool:
    """Whether the line came, or is to come, by a sign-up of the client's."""
    cases = _host().onboarding_providers
    return line.case_name in cases.names() and cases.get(line.case_name).needs_connector


def of_line(session: Session, client_id: str, line_id: str) -> Signup | None:
    return session.get(Signup, (client_id, line_id))


def connection_of(row: Signup | None) -> Connection | None:
    if row is None or row.connection is None:
        return None
    held = dict(row.connection)
    return Connection(coexists=held.pop("coexists") == "yes", **held)


def problem_of(row: Signup | None) -> SignupProblem | None:
    if row is None or not row.problem:
        return None
    held = dict(row.problem)
    choices = tuple(Choice(**one) for one in held.pop("choices", ()))
    return SignupProblem(choices=choices, **held)


def stand(row: Signup, problem: SignupProblem | None) -> None:
    """Why the sign-up does not go on; None: it does."""
    row.problem = asdict(problem) if problem else None


def dialog(
    session: Session, client_id: str, country: str, *, stays_in_app: bool = False
) -> SignupDialog | None:
    """How the page opens the sign-up, with what we know filled in; None: it is not configured."""
    client = tenancy.client(session, client_id)
    found = connector()
    known = Prefill(
        business_name=client.legal_name or client.name,
        display_name=branding.display_name(client),
        country=country,
        stays_in_app=stays_in_app,
        pre_verified=() if stays_in_app else _offered(session, country),
    )
    return found.dialog(known) if found and found.is_configured else None


def _offered(session: Session, country: str) -> tuple[str, ...]:
    """Numbers that are kept ready for whoever has none of its own to connect."""
    with visiting(session, house.CLIENT):
        return tuple(pool_filling.offered(session, country))


def connector() -> Connector | None:
    """Who links businesses over there; None where no plugin does."""
    host = _host()
    name = current_app.extensions["settings"].provisioning.registrar
    return host.connectors.get(name) if name in host.connectors.names() else None


def code_of(line_id: str) -> str:
    return f"signup-code:{line_id}"


def token_of(line_id: str) -> str:
    return f"signup-token:{line_id}"


def move_pin(session: Session, client_id: str, one: str, other: str) -> None:
    """A number keeps its PIN over there: a line's goes with its number, and comes back so."""
    pin = secrets.read(session, client_id, f"pin:{one}")
    if pin is not None:
        secrets.keep(session, client_id, f"pin:{other}", pin)
        secrets.forget(session, client_id, f"pin:{one}")


def _begun(session: Session, client_id: str, line_id: str) -> Signup:
    row = Signup(client_id=client_id, line_id=line_id, changed_at=clock.now())
    session.add(row)
    return row


def _note_event(row: Signup, given: Mapping[str, Any]) -> None:
    row.event = given["event"]
    if row.event == "CANCEL":
        if row.connection is None:
            stand(row, _left_off(given))
        return
    row.waba_id, row.phone_number_id = given.get("waba_id"), given.get("phone_number_id")
    problem = problem_of(row)
    if problem and (problem.choices or problem.code in ("signup_cancelled", "signup_failed")):
        stand(row, None)


def _left_off(given: Mapping[str, Any]) -> SignupProblem:
    who: Actor = "client"
    if given.get("error"):
        if known := popup_words.meant(given["error"]):
            return known
        detail = f"Meta's page failed: {given['error']} Open it again; if it fails again, write to"
        detail += f" Meta's support and name the session {given.get('session_id') or 'unknown'}."
        return SignupProblem(code="signup_failed", detail=detail, who=who)
    where = _STEPS.get(given.get("current_step") or "")
    left = f"The sign-up was left at {where}." if where else "The sign-up was left."
    return SignupProblem(
        code="signup_cancelled",
        detail=f"{left} Open it again: it begins anew.",
        who=who,
        step=given.get("current_step") if where else None,
    )


def _keep_code(session: Session, row: Signup, code: str) -> None:
    digest = hashlib.sha256(code.encode()).digest()
    if digest == row.code_digest:
        raise Problem(
            409, "signup_code_used", "This code was handed in before: sign up again for another."
        )
    row.code_digest = digest
    stand(row, None)
    secrets.keep(session, row.client_id, code_of(row.line_id), code)
    audit.record(session, row.client_id, "line.signed_up", row.line_id)


def _host() -> PluginHost:
    host: PluginHost = current_app.extensions["plugin_host"]
    return host
