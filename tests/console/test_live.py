"""Server-sent events: a client's own, types and ids alone, and never too many streams."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from gateway.console import live
from gateway.console.live import LiveStreams
from gateway.database import tenant
from gateway.events import service as events
from gateway.tenancy import service as tenancy
from tests.console.browser import Browser

SignIn = Callable[[Flask, str], Browser]


@pytest.fixture
def other_id(app: Flask) -> str:
    with app.app_context():
        vendor_id = tenancy.create_vendor("Another vendor")
        return tenancy.create_client(vendor_id, {"name": "Rif", "country": "MA"}).client_id


@pytest.fixture
def streams(app: Flask) -> Iterator[LiveStreams]:
    """The app's streams; afterwards the thread that listens has ended."""
    found: LiveStreams = app.extensions["live"]
    yield found
    ends = time.monotonic() + 60
    while found.is_listening():
        assert time.monotonic() < ends, "it listens to nobody"
        time.sleep(0.05)


def happen(app: Flask, client_id: str, type_: str, **data: Any) -> None:
    with app.app_context(), tenant(client_id) as session:
        events.record(session, client_id, type_, **data)


def notices(response: Any) -> Iterator[dict[str, Any]]:
    for chunk in response.iter_encoded():
        for line in chunk.decode().splitlines():
            if line.startswith("data: "):
                yield json.loads(line.removeprefix("data: "))


def open_stream(browser: Browser) -> tuple[TestResponse, Iterator[dict[str, Any]]]:
    """A stream that the database's notices reach."""
    response = browser.get("/console/live")
    assert response.status_code == 200
    assert response.mimetype == "text/event-stream"
    heard = notices(response)
    return response, heard


def test_a_stream_hears_its_own_client_only(
    app: Flask, client_id: str, other_id: str, sign_in: SignIn, streams: LiveStreams
) -> None:
    mine, heard = open_stream(sign_in(app, client_id))
    assert next(heard) == {"type": "stream.resumed"}
    theirs, heard_by_them = open_stream(sign_in(app, other_id))
    line_id = "line_01h00000000000000000000000"
    happen(app, other_id, "line.suspended", line_id=line_id, detail="theirs")
    happen(app, client_id, "message.received", line_id=line_id, text="Yes, I am interested!")
    assert next(heard) == {"type": "message.received", "line_id": line_id}
    assert next(heard_by_them) == {"type": "line.suspended", "line_id": line_id}
    mine.close()
    theirs.close()
    assert streams.count() == 0


def test_a_stream_too_many_is_refused_and_a_closed_one_makes_room(
    app: Flask, browser: Browser, streams: LiveStreams
) -> None:
    opened = [browser.get("/console/live") for _ in range(live.MOST_STREAMS)]
    assert {response.status_code for response in opened} == {200}
    assert streams.count() == live.MOST_STREAMS == 32
    assert browser.get("/console/live").status_code == 503
    assert browser.get("/console/").status_code == 200
    opened.pop().close()
    opened.append(browser.get("/console/live"))
    assert opened[-1].status_code == 200
    for response in opened:
        response.close()
    assert streams.count() == 0


def test_a_page_that_goes_ends_its_stream_and_nobody_elses(
    app: Flask, client_id: str, other_id: str, sign_in: SignIn, streams: LiveStreams
) -> None:
    mine, theirs = sign_in(app, client_id), sign_in(app, other_id)
    responses = [
        mine.get("/console/live?name=first"),
        mine.get("/console/live?name=second"),
        theirs.get("/console/live?name=first"),
    ]
    headers = {"X-CSRF-Token": mine.token()}
    assert mine.client.delete("/console/live/first", headers=headers).status_code == 204
    assert streams.count() == 2
    for response in responses:
        response.close()


def test_a_quiet_stream_still_beats(
    browser: Browser, streams: LiveStreams, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert live.HEARTBEAT_SECONDS <= 15
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.05)
    response, heard = open_stream(browser)
    next(heard)
    assert next(response.iter_encoded()).startswith(b":")
    response.close()


def test_a_stream_ends_by_itself_so_that_its_session_is_asked_again(
    browser: Browser, streams: LiveStreams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "STREAM_SECONDS", 0.0)
    with browser.get("/console/live") as response:
        assert list(notices(response)) == []
    assert streams.count() == 0


def test_the_connection_comes_back_and_the_pages_are_told(
    app: Flask, client_id: str, browser: Browser, streams: LiveStreams, servers: Any
) -> None:
    import psycopg

    response, heard = open_stream(browser)
    assert next(heard) == {"type": "stream.resumed"}
    with psycopg.connect(servers.admin_url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
        )
    assert next(heard) == {"type": "stream.resumed"}
    happen(app, client_id, "message.sent")
    assert next(heard) == {"type": "message.sent"}
    response.close()
