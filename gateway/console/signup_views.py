"""The page on which a client signs up at Meta. Whoever holds its address may open it, from
anywhere: the address is good for one line's sign-up and for nothing else."""

from dataclasses import asdict
from typing import Any, Final
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Response,
    current_app,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError
from sqlalchemy.orm import Session

from gateway.console import preflight, words
from gateway.database import tenant
from gateway.onboarding import service, signing_up, signup_links
from gateway.onboarding.schemas import SignupRequest
from gateway.onboarding.views import shown
from gateway.problems import Problem
from gateway.provisioning import service as provisioning
from gateway.provisioning.connector_contract import SignupDialog
from gateway.tenancy import service as tenancy

_OVER: Final = (
    "This address is not good any more, or was not copied whole. Ask whoever gave it to you for a"
    " new one."
)
_NOT_OPEN: Final = "Nobody has to sign up for this line now."

blueprint: Final = Blueprint(
    "signup",
    __name__,
    url_prefix=signup_links.PATH,
    template_folder="templates",
    static_folder="static",
)


@blueprint.get("/<token>")
def page(token: str) -> ResponseReturnValue:
    found = signup_links.read(token)
    if found is None:
        return _message("This page is not there", _OVER, 404)
    with tenant(found[0]) as scope:
        try:
            values = _values(scope, *found)
            if values["line"]["activation"]["state"] == "failed":
                retry_url = url_for("signup.retry", token=token)
                body = render_template("console/signup_stopped.html", **values, retry_url=retry_url)
                return _guarded(make_response(body), None)
            signing_up.require_open(scope, provisioning.line(scope, *found))
        except Problem as problem:
            return _message("Nothing to do here", _NOT_OPEN, problem.status)
        dialog = signing_up.dialog(
            scope, found[0], values["line"]["country"], stays_in_app=preflight.keeps_app()
        )
        if dialog is None:
            return _message("Not set up yet", "Whoever runs this gateway has to set it up.", 503)
        body = render_template(
            "console/signup.html",
            **values,
            dialog=dialog,
            options=current_app.json.dumps(dialog.options),
            origin=_origin(dialog.sdk_url),
            report_url=url_for("signup.report", token=token),
            state_url=url_for("signup.state", token=token),
        )
    return _guarded(make_response(body), dialog)


@blueprint.get("/<token>/state")
def state(token: str) -> ResponseReturnValue:
    """How far it is, as the part of the page that shows it."""
    found = signup_links.read(token)
    if found is None:
        return "", 404
    with tenant(found[0]) as scope:
        try:
            return render_template("console/_signup_state.html", **_values(scope, *found))
        except Problem:
            return "", 404


@blueprint.post("/<token>/retry")
def retry(token: str) -> ResponseReturnValue:
    """Go on where the set-up stopped: what stopped it is mended, says whoever holds the address."""
    found = signup_links.read(token)
    if found is None:
        return _message("This page is not there", _OVER, 404)
    g.actor = "sign-up page"
    with tenant(found[0]) as scope:
        try:
            service.retry(scope, *found)
        except Problem as problem:
            return _message("Nothing to do here", _NOT_OPEN, problem.status)
    return redirect(url_for("signup.page", token=token), 303)


@blueprint.post("/<token>/report")
def report(token: str) -> ResponseReturnValue:
    """What Meta's page said, as the API takes it."""
    found = signup_links.read(token)
    if found is None:
        return jsonify(code="not_found"), 404
    g.actor = "sign-up page"
    try:
        given: dict[str, Any] = SignupRequest().load(request.get_json(silent=True) or {})
        with tenant(found[0]) as scope:
            signing_up.hand_in(scope, *found, given)
    except ValidationError as error:
        return jsonify(code="invalid_request", detail=str(error.messages)), 422
    except Problem as problem:
        return jsonify(code=problem.code, detail=problem.detail), problem.status
    return "", 202


def _values(scope: Session, client_id: str, line_id: str) -> dict[str, Any]:
    line = provisioning.line(scope, client_id, line_id)
    row = signing_up.of_line(scope, client_id, line_id)
    client = tenancy.client(scope, client_id)
    problem = signing_up.problem_of(row)
    return {
        **preflight.values(client, problem.code if problem else None),
        "client": client,
        "line": shown(scope, line),
        "connected": row is not None and row.connection is not None,
        "problem": problem and asdict(problem),
        "words": words,
    }


def _message(title: str, text: str, status: int) -> Response:
    body = render_template("console/signup_message.html", title=title, text=text)
    return _guarded(make_response(body, status), None)


def _guarded(response: Response, dialog: SignupDialog | None) -> Response:
    """Meta's script alone may run beside ours, on this page alone; its pop-up may answer to it."""
    theirs = f" {_origin(dialog.sdk_url)}" if dialog else ""
    response.headers.update(
        {
            "Content-Security-Policy": f"default-src 'self'; script-src 'self'{theirs};"
            f" connect-src 'self'{theirs}; base-uri 'none'; object-src 'none'; form-action 'self';"
            " frame-ancestors 'none'",
            "Cross-Origin-Opener-Policy": "same-origin-allow-popups",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Cache-Control": "no-store",
        }
    )
    return response


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
