"""Plugins are told what happened: after the commit, at least once, each by itself."""

from collections.abc import Sequence
from typing import Any

import pytest
from flask import Flask

from gateway import workers
from gateway.database import tenant
from gateway.events import service as events
from gateway.events.contract import Event

HOOK = "on_message_statuses_changed"


class Host:
    """Two plugins listen; one of them can be broken."""

    def __init__(self) -> None:
        self.told: dict[str, list[str]] = {"sound": [], "fragile": []}
        self.broken = False

    def listeners(self, hook: str) -> list[str]:
        return list(self.told) if hook == HOOK else []

    def tell(self, plugin: str, hook: str, client_id: str, told: Sequence[Event]) -> None:
        if plugin == "fragile" and self.broken:
            raise ZeroDivisionError
        self.told[plugin] += [event.data["message_id"] for event in told]


@pytest.fixture
def host(app: Flask) -> Host:
    host = Host()
    app.extensions["plugin_host"] = host
    for plugin in host.told:
        app.extensions["jobs"][events.topic_of(plugin)] = workers.each(events.tell)
    return host


def _happen(client_id: str, *messages: str, type_: str = "message.delivered") -> None:
    with tenant(client_id) as session:
        for message in messages:
            events.record(session, client_id, type_, message_id=message)


def _tell(plugin: str) -> None:
    workers.drain(events.topic_of(plugin))


def test_each_listener_is_told_everything_in_order(app: Flask, host: Host, client_id: str) -> None:
    with app.app_context():
        _happen(client_id, "1")
        _happen(client_id, "2")
        _tell("sound")
        _tell("fragile")
        assert host.told == {"sound": ["1", "2"], "fragile": ["1", "2"]}
        _tell("sound")
        assert host.told["sound"] == ["1", "2"]


def test_a_broken_listener_delays_itself_alone_and_misses_nothing(
    app: Flask, host: Host, client_id: str
) -> None:
    with app.app_context():
        host.broken = True
        _happen(client_id, "1")
        _tell("fragile")
        _tell("sound")
        assert host.told == {"sound": ["1"], "fragile": []}
        host.broken = False
        _happen(client_id, "2")
        _tell("fragile")
        assert host.told["fragile"] == ["1", "2"]


def test_what_was_rolled_back_is_told_to_nobody(app: Flask, host: Host, client_id: str) -> None:
    def fail() -> Any:
        with tenant(client_id) as session:
            events.record(session, client_id, "message.delivered", message_id="1")
            raise ZeroDivisionError

    with app.app_context():
        with pytest.raises(ZeroDivisionError):
            fail()
        _tell("sound")
        assert host.told["sound"] == []


def test_an_event_without_a_hook_is_kept_and_told_to_no_plugin(
    app: Flask, host: Host, client_id: str
) -> None:
    with app.app_context():
        _happen(client_id, "1", type_="message.received")
        _tell("sound")
        assert host.told["sound"] == []
