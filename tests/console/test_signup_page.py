"""The sign-up's page: who may open it, what may run on it, and what it hands in."""

from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient

from gateway import clock
from gateway.database import tenant
from gateway.onboarding import service, signing_up, signup_links

SDK = "https://connect.facebook.net"


@dataclass(frozen=True, kw_only=True)
class Invited:
    """Somebody with a line's sign-up address, on another machine and without a session."""

    app: Flask
    browser: FlaskClient
    client: str
    line: str
    token: str


@pytest.fixture
def invited(app: Flask, client_id: str) -> Invited:
    with app.app_context():
        with tenant(client_id) as session:
            line = service.request_line(session, client_id, case="embedded-signup", country="MA").id
        token = signup_links.token(client_id, line)
    browser = app.test_client()
    browser.environ_base = {**browser.environ_base, "REMOTE_ADDR": "203.0.113.9"}
    return Invited(app=app, browser=browser, client=client_id, line=line, token=token)


def test_the_address_opens_one_sign_up_from_anywhere_for_a_week(invited: Invited) -> None:
    page = invited.browser.get(f"/signup/{invited.token}")
    assert page.status_code == 200
    assert "Atlas Logistics" in page.text
    with invited.browser.get("/signup/static/console.css") as style:
        assert style.status_code == 200
    assert invited.browser.get("/console/").status_code == 403

    last = "A" if invited.token[-1] != "A" else "B"
    for wrong in (invited.token[:-1] + last, invited.token[1:], "x", "é"):
        for answer in (
            *(invited.browser.post(f"/signup/{wrong}/{act}") for act in ("retry", "choose", "pin")),
            invited.browser.get(f"/signup/{wrong}"),
            invited.browser.get(f"/signup/{wrong}/state"),
            invited.browser.post(f"/signup/{wrong}/report", json={"event": "CANCEL"}),
        ):
            assert answer.status_code == 404, wrong
    with invited.app.app_context():
        later = clock.now() + signup_links.LIFETIME * 2
        invited.app.extensions["clock"].now = lambda: later
    assert invited.browser.get(f"/signup/{invited.token}").status_code == 404


def test_metas_script_alone_runs_there_and_nowhere_else(invited: Invited) -> None:
    page = invited.browser.get(f"/signup/{invited.token}")
    policy = dict(
        part.split(" ", 1) for part in page.headers["Content-Security-Policy"].split("; ")
    )
    assert policy["script-src"] == f"'self' {SDK}"
    assert policy["connect-src"] == f"'self' {SDK}"
    assert policy["frame-ancestors"] == "'none'"
    assert page.headers["Cross-Origin-Opener-Policy"] == "same-origin-allow-popups"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "facebook" not in invited.browser.get("/signup/x").headers["Content-Security-Policy"]


def test_what_is_handed_in_is_checked_as_the_api_checks_it(invited: Invited) -> None:
    path = f"/signup/{invited.token}/report"
    for wrong in ({}, {"event": "finish"}, {"event": "FINISH", "waba_id": "x"}, {"x": "y"}):
        assert invited.browser.post(path, json=wrong).status_code == 422, wrong
    assert invited.browser.post(path, data="code=x").status_code == 422

    left = {"event": "CANCEL", "current_step": "PHONE_NUMBER_SETUP"}
    assert invited.browser.post(path, json=left).status_code == 202
    state = invited.browser.get(f"/signup/{invited.token}/state?lang=en").text
    assert "typing the number" in state
    assert "saisie du numéro" in invited.browser.get(f"/signup/{invited.token}/state").text
    assert (
        invited.browser.post(f"/signup/{invited.token}/pin", data={"pin": "1" * 6}).status_code
        == 409
    )
    chosen = invited.browser.post(f"/signup/{invited.token}/choose", data={"phone_number_id": "1"})
    assert chosen.location.endswith("?wrong=choice")
    with invited.app.app_context(), tenant(invited.client) as session:
        service.cancel(session, invited.client, invited.line)
    assert invited.browser.post(path, json=left).json["code"] == "activation_state"
    assert invited.browser.get(f"/signup/{invited.token}").status_code == 409
    assert signing_up.CONNECT in invited.app.extensions["jobs"]
