"""Tasks of the sandbox that run later."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.sandbox.store import DocumentStore
from gateway.sandbox.timers import Timers

Eventually = Callable[[Callable[[], bool]], None]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DocumentStore]:
    store = DocumentStore(tmp_path / "state.db")
    yield store
    store.close()


@pytest.fixture
def timers(store: DocumentStore) -> Iterator[Timers]:
    timers = Timers(store)
    timers.start()
    yield timers
    timers.close()


def test_tasks_run_in_the_order_they_fall_due(timers: Timers, eventually: Eventually) -> None:
    ran: list[str] = []
    timers.on("note", lambda payload: ran.append(payload["text"]))
    for seconds, text in ((0.3, "third"), (0.1, "first"), (0.1, "second")):
        timers.later(seconds, "note", {"text": text})
    eventually(lambda: len(ran) == 3)
    assert ran == ["first", "second", "third"]


def test_no_task_runs_early(timers: Timers, eventually: Eventually) -> None:
    ran: list[float] = []
    timers.on("note", lambda _: ran.append(time.time()))
    asked = time.time()
    timers.later(0.2, "note", {})
    eventually(lambda: bool(ran))
    assert ran[0] - asked >= 0.2


def test_nothing_runs_before_the_start(store: DocumentStore, eventually: Eventually) -> None:
    timers = Timers(store)
    ran = threading.Event()
    timers.on("note", lambda _: ran.set())
    timers.later(0, "note", {})
    assert not ran.wait(0.1)
    timers.start()
    timers.start()
    eventually(ran.is_set)
    timers.close()


def test_a_restarted_sandbox_still_owes_its_tasks(
    store: DocumentStore, eventually: Eventually
) -> None:
    stopped = Timers(store)
    stopped.on("note", lambda _: None)
    stopped.later(0, "note", {"text": "first"})
    stopped.later(0, "note", {"text": "second"})

    ran: list[str] = []
    restarted = Timers(store)
    restarted.on("note", lambda payload: ran.append(payload["text"]))
    restarted.start()
    eventually(lambda: len(ran) == 2)
    restarted.close()
    assert ran == ["first", "second"]
    assert list(store.all("timer")) == []


def test_a_failing_task_is_dropped_and_stops_nobody(
    timers: Timers, store: DocumentStore, eventually: Eventually, caplog: pytest.LogCaptureFixture
) -> None:
    ran = threading.Event()

    def fail(payload: dict[str, Any]) -> None:
        raise RuntimeError("broken simulator")

    timers.on("fail", fail)
    timers.on("note", lambda _: ran.set())
    timers.later(0, "fail", {"text": "+212600000001"})
    timers.later(0, "note", {})
    eventually(ran.is_set)
    eventually(lambda: not list(store.all("timer")))
    assert "broken simulator" in caplog.text
    assert "+212600000001" not in caplog.text


def test_a_task_may_ask_for_another(timers: Timers, eventually: Eventually) -> None:
    ran = threading.Event()
    timers.on("second", lambda _: ran.set())
    timers.on("first", lambda payload: timers.later(0, "second", payload))
    timers.later(0, "first", {})
    eventually(ran.is_set)


def test_names_of_tasks_are_checked_at_once(timers: Timers) -> None:
    timers.on("note", lambda _: None)
    with pytest.raises(ValueError, match="'note' is registered twice"):
        timers.on("note", lambda _: None)
    with pytest.raises(ValueError, match=r"nobody registered .* 'other'"):
        timers.later(0, "other", {})
