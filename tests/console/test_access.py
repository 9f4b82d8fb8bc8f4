"""Who gets to see the pages, and what the answers carry."""

from collections.abc import Callable

import pytest
from flask import Flask

from gateway.console import access, links
from gateway.tenancy import service as tenancy
from tests.console.browser import Browser
from tests.harness import Desk


@pytest.fixture
def app(desk: Desk) -> Flask:
    """Nothing here changes anything: these tests share a gateway."""
    return desk.gateway.app


@pytest.fixture
def client_id(desk: Desk) -> str:
    return desk.client


PAGES = ("/console/", "/console/conversations", "/console/recruiters", "/console/live")


@pytest.mark.parametrize("path", [*PAGES, "/console/nowhere", "/console/logo"])
def test_without_a_session_there_is_nothing_but_the_way_to_a_link(app: Flask, path: str) -> None:
    response = Browser(app).get(path)
    assert response.status_code == 403
    assert "gateway clients link" in response.text


def test_a_link_signs_in_and_disappears_from_the_address(app: Flask, client_id: str) -> None:
    with app.app_context():
        token = links.make(client_id)
    browser = Browser(app)
    response = browser.get(f"/console/?token={token}")
    assert response.status_code == 303
    assert response.location == "/console/"
    cookie = response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Atlas Logistics" in browser.read("/console/")
    assert Browser(app).get(f"/console/?token={token}").status_code == 403


def test_a_link_that_was_used_leaves_the_session_as_it_is(browser: Browser) -> None:
    response = browser.get("/console/?token=used")
    assert response.status_code == 403
    assert "used already" in response.text
    assert browser.get("/console/").status_code == 200


def test_signing_out_ends_the_session(browser: Browser) -> None:
    assert browser.post("/console/sign-out").status_code == 303
    assert browser.get("/console/").status_code == 403


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("127.0.0.1:8000", 200),
        ("[::1]:8000", 200),
        ("gateway.example", 403),
        ("127.0.0.1.example", 403),
        ("192.168.1.10:8000", 403),
    ],
)
def test_the_host_must_be_this_machine(app: Flask, client_id: str, host: str, status: int) -> None:
    client = app.test_client()
    with app.app_context():
        token = links.make(client_id)
    where = {"base_url": f"http://{host}"}
    client.get(f"/console/?token={token}", **where)
    response = client.get("/console/", **where)
    assert response.status_code == status
    if status == 403:
        assert "on this machine alone" in response.text


@pytest.mark.parametrize("path", [*PAGES, "/console/static/console.css", "/console/nowhere"])
def test_another_machine_gets_nothing(browser: Browser, path: str) -> None:
    response = browser.client.get(path, environ_base={"REMOTE_ADDR": "203.0.113.7"})
    assert response.status_code == 403
    assert "203.0.113.7" in response.text


def test_what_a_proxy_forwarded_counts_as_from_elsewhere(browser: Browser) -> None:
    response = browser.client.get("/console/", headers={"X-Forwarded-For": "203.0.113.7"})
    assert response.status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/console/activate",
        "/console/sign-out",
        "/console/recruiters",
        "/console/conversations/new",
        "/console/conversations/conv_x/messages",
    ],
)
def test_a_form_without_the_token_of_the_session_is_refused(browser: Browser, path: str) -> None:
    assert browser.client.post(path, data={"case": "virtual-number"}).status_code == 400
    refused = browser.client.post(path, data={"csrf_token": "guess"})
    assert refused.status_code == 400
    assert "reload the page" in refused.text


def test_the_token_may_come_as_a_header(browser: Browser) -> None:
    headers = {access.CSRF_HEADER: browser.token()}
    assert browser.client.delete("/console/live/some-name", headers=headers).status_code == 204
    assert browser.client.delete("/console/live/some-name").status_code == 400


def test_a_session_of_another_client_carries_another_token(
    app: Flask, browser: Browser, sign_in: Callable[[Flask, str], Browser]
) -> None:
    with app.app_context():
        vendor_id = tenancy.create_vendor("Another vendor")
        other = tenancy.create_client(vendor_id, {"name": "Rif Recrute", "country": "MA"})
    theirs = sign_in(app, other.client_id).token()
    assert browser.client.post("/console/activate", data={"csrf_token": theirs}).status_code == 400


@pytest.mark.parametrize("path", [*PAGES[:3], "/console/nowhere", "/console/static/console.js"])
def test_every_answer_forbids_foreign_scripts_and_frames(browser: Browser, path: str) -> None:
    with browser.get(path) as response:
        headers = response.headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_the_pages_do_not_touch_the_api(app: Flask, client_id: str) -> None:
    client = app.test_client()
    missing = client.get("/v1/nowhere", headers={"Authorization": "Bearer x"})
    assert missing.content_type == "application/problem+json"
    assert "Content-Security-Policy" not in missing.headers


def test_the_key_of_the_sessions_is_not_the_platforms() -> None:
    platform_key = "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="
    derived = access.session_key(platform_key)
    assert derived is not None
    assert len(derived) == 32
    assert derived != b"k" * 32
    assert derived == access.session_key(platform_key)
