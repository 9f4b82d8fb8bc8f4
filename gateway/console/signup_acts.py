"""What is done on the sign-up page: hand in what Meta said, choose a number, enter its PIN."""

import unicodedata
from collections.abc import Callable
from typing import Any

from flask import g, jsonify, redirect, request
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError
from sqlalchemy.orm import Session

from gateway.console.signup_views import address, blueprint, message
from gateway.database import tenant
from gateway.onboarding import entering_pin, service, signing_up, signup_links
from gateway.onboarding.schemas import SignupRequest
from gateway.problems import Problem

Act = Callable[[Session, str, str], str | None]
"""What is done for a client's line; the part of the form that was wrong, if one was."""


@blueprint.post("/<token>/retry")
def retry(token: str) -> ResponseReturnValue:
    """Go on where the set-up stopped: what stopped it is mended, says whoever holds the address."""

    def go_on(scope: Session, client_id: str, line_id: str) -> None:
        service.retry(scope, client_id, line_id)

    return _done(token, go_on)


@blueprint.post("/<token>/choose")
def choose(token: str) -> ResponseReturnValue:
    """Several numbers were granted: this one shall be the line's."""
    wanted = request.form.get("phone_number_id", "")

    def choose_it(scope: Session, client_id: str, line_id: str) -> str | None:
        return None if signing_up.choose(scope, client_id, line_id, wanted) else "choice"

    return _done(token, choose_it)


@blueprint.post("/<token>/pin")
def pin(token: str) -> ResponseReturnValue:
    """Go on with the PIN that the number has from elsewhere."""
    entered = _digits(request.form.get("pin", ""))

    def enter(scope: Session, client_id: str, line_id: str) -> str | None:
        if len(entered) != entering_pin.DIGITS:
            return "pin"
        entering_pin.enter(scope, client_id, line_id, entered)
        return None

    return _done(token, enter)


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


def _done(token: str, act: Act) -> ResponseReturnValue:
    """Back to the page, which says what came of it."""
    found = signup_links.read(token)
    if found is None:
        return message("gone", 404)
    g.actor = "sign-up page"
    with tenant(found[0]) as scope:
        try:
            wrong = act(scope, *found)
        except Problem as problem:
            return message("closed_page", problem.status)
    return redirect(address(token, "page", **({"wrong": wrong} if wrong else {})), 303)


def _digits(text: str) -> str:
    """The digits as Meta writes them: on an Arabic keyboard they are others."""
    values = (unicodedata.digit(sign, -1) for sign in text if sign not in " -\u00a0")
    return "".join(str(value) if value >= 0 else "?" for value in values)
