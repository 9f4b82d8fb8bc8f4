"""Cases, lines and their activations over HTTP."""

from typing import Any

from flask_smorest import Blueprint

from gateway.api import client_scope
from gateway.database import platform
from gateway.onboarding import cases, present, service, signing_up
from gateway.onboarding.case_facts import Asker
from gateway.onboarding.case_schemas import CaseShown, VolumeQuery
from gateway.onboarding.schemas import CodeRequest, LineRequest, LineShown, SignupRequest
from gateway.openapi import refusals
from gateway.pages import listed, whole
from gateway.provisioning import releasing
from gateway.provisioning import service as provisioning
from gateway.tenancy import service as tenancy

blueprint = Blueprint("onboarding", __name__, url_prefix="/v1")


@blueprint.get("/cases")
@blueprint.arguments(VolumeQuery, location="query")
@blueprint.response(200, listed(CaseShown))
def list_cases(volume: dict[str, int]) -> dict[str, Any]:
    """The ways to a line side by side, the recommended one first; a month costs as expected."""
    with platform() as session:
        return whole(cases.comparison(session, Asker(country="MA"), volume))


@blueprint.get("/clients/<client_id>/cases")
@blueprint.arguments(VolumeQuery, location="query")
@blueprint.response(200, listed(CaseShown))
def list_client_cases(volume: dict[str, int], client_id: str) -> dict[str, Any]:
    """The ways to a line side by side, with what blocks each for this client now."""
    with client_scope(client_id) as session:
        country = tenancy.client(session, client_id).country
        asker = Asker(country=country, client_id=client_id)
        return whole(cases.comparison(session, asker, volume))


@blueprint.post("/clients/<client_id>/lines")
@blueprint.doc(**refusals("unknown_case", "case_not_offered", "display_name_refused"))
@blueprint.arguments(LineRequest, example={"case": "virtual-number"})
@blueprint.response(202, LineShown)
def request_line(values: dict[str, Any], client_id: str) -> dict[str, Any]:
    """Request a line. Its activation goes on by itself; read the line to follow its steps."""
    with client_scope(client_id) as session:
        country = values["country"] or tenancy.client(session, client_id).country
        line = service.request_line(session, client_id, case=values["case"], country=country)
        return present.line(session, line)


@blueprint.get("/clients/<client_id>/lines")
@blueprint.response(200, listed(LineShown))
def list_lines(client_id: str) -> dict[str, Any]:
    """The client's lines, each with its activation."""
    with client_scope(client_id) as session:
        rows = provisioning.lines(session, client_id)
        return whole(present.lines(session, rows))


@blueprint.get("/clients/<client_id>/lines/<line_id>")
@blueprint.response(200, LineShown)
def show_line(client_id: str, line_id: str) -> dict[str, Any]:
    """One line: its state, its number, and the steps of its activation."""
    with client_scope(client_id) as session:
        return present.line(session, provisioning.line(session, client_id, line_id))


@blueprint.post("/clients/<client_id>/lines/<line_id>/activation/retry")
@blueprint.doc(**refusals("activation_state"))
@blueprint.response(202, LineShown)
def retry_activation(client_id: str, line_id: str) -> dict[str, Any]:
    """Go on where a failed activation stopped; where a code is to be entered, send a new one."""
    with client_scope(client_id) as session:
        service.retry(session, client_id, line_id)
        return present.line(session, provisioning.line(session, client_id, line_id))


@blueprint.post("/clients/<client_id>/lines/<line_id>/activation/cancel")
@blueprint.doc(**refusals("activation_state"))
@blueprint.response(202, LineShown)
def cancel_activation(client_id: str, line_id: str) -> dict[str, Any]:
    """Take back what an unfinished activation did: the number is given back or quarantined."""
    with client_scope(client_id) as session:
        service.cancel(session, client_id, line_id)
        return present.line(session, provisioning.line(session, client_id, line_id))


@blueprint.post("/clients/<client_id>/lines/<line_id>/activation/code")
@blueprint.doc(**refusals("activation_state"))
@blueprint.arguments(CodeRequest, example={"code": "123456"})
@blueprint.response(202, LineShown)
def enter_code(values: dict[str, Any], client_id: str, line_id: str) -> dict[str, Any]:
    """Hand in the verification code that a person heard."""
    with client_scope(client_id) as session:
        service.enter_code(session, client_id, line_id, values["code"])
        return present.line(session, provisioning.line(session, client_id, line_id))


@blueprint.post("/clients/<client_id>/lines/<line_id>/embedded-signup")
@blueprint.doc(**refusals("no_signup", "activation_state", "signup_code_used"))
@blueprint.arguments(SignupRequest, example={"code": "AQB…", "event": "FINISH"})
@blueprint.response(202, LineShown)
def sign_up(values: dict[str, Any], client_id: str, line_id: str) -> dict[str, Any]:
    """Hand in what Meta's sign-up said. Its code is exchanged at once: it lives 30 seconds."""
    with client_scope(client_id) as session:
        return present.line(session, signing_up.hand_in(session, client_id, line_id, values))


@blueprint.post("/clients/<client_id>/lines/<line_id>/disconnect")
@blueprint.doc(**refusals("not_own_number"))
@blueprint.response(202, LineShown)
def disconnect_line(client_id: str, line_id: str) -> dict[str, Any]:
    """End our access to a client's own number: the number stays the client's."""
    with client_scope(client_id) as session:
        return present.line(session, signing_up.disconnect(session, client_id, line_id))


@blueprint.post("/clients/<client_id>/lines/<line_id>/release")
@blueprint.doc(**refusals("line_state"))
@blueprint.response(202, LineShown)
def release_line(client_id: str, line_id: str) -> dict[str, Any]:
    """Give a line up. Nothing leaves it from now on; until its `release_at` it can be kept.

    Then its number is taken off WhatsApp; what was written stays readable.
    """
    with client_scope(client_id) as session:
        return present.line(session, releasing.request(session, client_id, line_id))


@blueprint.post("/clients/<client_id>/lines/<line_id>/release/cancel")
@blueprint.doc(**refusals("line_state"))
@blueprint.response(202, LineShown)
def keep_line(client_id: str, line_id: str) -> dict[str, Any]:
    """Keep a line whose release was asked for and has not begun."""
    with client_scope(client_id) as session:
        return present.line(session, releasing.take_back(session, client_id, line_id))
