"""What a plugin is told: again where nothing could be recorded, and in the order it happened."""

from collections.abc import Iterator, Sequence

import pytest
from flask import Flask
from sqlalchemy import text

from gateway import workers
from gateway.database import platform, tenant
from gateway.events import service as events
from gateway.events.contract import Event

PLUGIN = "listener"


class Host:
    """One plugin listens to two hooks; after it was told, `then` happens."""

    def __init__(self) -> None:
        self.told: list[tuple[str, list[str]]] = []

    def listeners(self, hook: str) -> list[str]:
        return [PLUGIN]

    def tell(self, plugin: str, hook: str, client_id: str, told: Sequence[Event]) -> None:
        self.told.append((hook, [event.data["name"] for event in told]))
        self.then()

    def then(self) -> None:
        """Nothing."""


@pytest.fixture
def host(app: Flask) -> Iterator[Host]:
    host = Host()
    app.extensions["plugin_host"] = host
    app.extensions["jobs"][events.topic_of(PLUGIN)] = workers.each(events.tell)
    with app.app_context():
        yield host


def happen(client_id: str, **types: str) -> None:
    with tenant(client_id) as session:
        for name, type_ in types.items():
            events.record(session, client_id, type_.replace("_", "."), name=name)


def test_events_of_several_hooks_are_told_in_order(host: Host, client_id: str) -> None:
    happen(
        client_id,
        a="line_activated",
        b="message_delivered",
        c="message_read",
        d="line_activated",
        e="message_delivered",
    )

    workers.drain(events.topic_of(PLUGIN))

    lines, statuses = "on_lines_activated", "on_message_statuses_changed"
    assert host.told == [(lines, ["a"]), (statuses, ["b", "c"]), (lines, ["d"]), (statuses, ["e"])]


def test_what_was_told_by_who_lost_the_lease_is_told_again(
    host: Host, client_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def another_takes_over() -> None:
        monkeypatch.undo()
        with platform() as session:
            session.execute(text("UPDATE outbox SET fence = fence + 1, lease_until = NULL"))

    monkeypatch.setattr(host, "then", another_takes_over)
    happen(client_id, a="message_delivered")

    workers.drain(events.topic_of(PLUGIN))

    assert host.told == [("on_message_statuses_changed", ["a"])] * 2
    with tenant(client_id) as session:
        assert session.scalar(text("SELECT count(*) FROM event_listeners")) == 0
