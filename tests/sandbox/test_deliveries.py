"""Webhooks that the simulated world sends, to a real receiver on loopback."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from gateway.sandbox import deliveries as module
from gateway.sandbox.deliveries import Deliveries
from gateway.sandbox.faults import FaultPanel
from gateway.sandbox.store import DocumentStore

Eventually = Callable[[Callable[[], bool]], None]


class Receiver:
    """Remembers what was posted to it, and answers as it is told."""

    def __init__(self) -> None:
        self.got: list[tuple[bytes, str | None]] = []
        self.answers: list[int] = []
        self.gate = threading.Event()
        self.gate.set()
        self.inside = 0
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        request = Request(environ)
        body = request.get_data()
        with self._lock:
            self.inside += 1
        self.gate.wait(10)
        with self._lock:
            self.inside -= 1
            self.got.append((body, request.headers.get("X-Signature")))
            status = self.answers.pop(0) if self.answers else 200
        return Response(status=status)(environ, start_response)

    def bodies(self) -> list[bytes]:
        return [body for body, _ in self.got]


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
def url(receiver: Receiver) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, receiver, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hook"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DocumentStore]:
    store = DocumentStore(tmp_path / "state.db")
    yield store
    store.close()


@pytest.fixture
def panel() -> FaultPanel:
    return FaultPanel(seed=1)


@pytest.fixture
def deliveries(store: DocumentStore, panel: FaultPanel) -> Iterator[Deliveries]:
    deliveries = Deliveries(store, panel)
    deliveries.start()
    yield deliveries
    deliveries.close()


def test_a_webhook_arrives_byte_for_byte_with_its_headers(
    deliveries: Deliveries, receiver: Receiver, url: str, eventually: Eventually
) -> None:
    deliveries.post(url, b'{"a": "\xff\x00"}', {"X-Signature": "s"})
    eventually(lambda: deliveries.stats() == {"attempts": 1, "delivered": 1, "pending": 0})
    assert receiver.got == [(b'{"a": "\xff\x00"}', "s")]


def test_it_is_repeated_until_it_is_answered_200(
    deliveries: Deliveries, receiver: Receiver, url: str, eventually: Eventually
) -> None:
    receiver.answers = [500, 302, 204]
    deliveries.post(url, b"1", {})
    eventually(lambda: deliveries.stats() == {"attempts": 4, "delivered": 1, "pending": 0})
    assert receiver.bodies() == [b"1"] * 4


def test_the_pause_doubles_up_to_a_bound(
    deliveries: Deliveries, store: DocumentStore, eventually: Eventually
) -> None:
    deliveries.post("http://127.0.0.1:1/", b"1", {})

    def pause() -> float:
        [(_, entry)] = store.all("delivery")
        return float(entry["document"]["pause"])

    eventually(lambda: pause() == 4 * module.FIRST_REPEAT_SECONDS)
    eventually(lambda: pause() == 8 * module.FIRST_REPEAT_SECONDS)


def test_a_restarted_sandbox_still_delivers(
    store: DocumentStore, panel: FaultPanel, receiver: Receiver, url: str, eventually: Eventually
) -> None:
    Deliveries(store, panel).post(url, b"1", {"X-Signature": "s"})
    restarted = Deliveries(store, panel)
    restarted.start()
    eventually(lambda: receiver.got == [(b"1", "s")])
    restarted.close()
    assert list(store.all("delivery")) == []


def test_several_are_on_their_way_to_one_receiver_at_once(
    deliveries: Deliveries, receiver: Receiver, url: str, eventually: Eventually
) -> None:
    receiver.gate.clear()
    for number in range(4):
        deliveries.post(url, b"%d" % number, {})
    eventually(lambda: receiver.inside == 4)
    receiver.gate.set()
    eventually(lambda: len(receiver.got) == 4)


def test_a_silent_receiver_does_not_hold_up_the_others(
    deliveries: Deliveries, receiver: Receiver, url: str, eventually: Eventually
) -> None:
    deliveries.post("http://127.0.0.1:1/", b"nobody", {})
    deliveries.post(url, b"1", {})
    eventually(lambda: receiver.bodies() == [b"1"])


def test_duplicates_arrive_twice(
    deliveries: Deliveries,
    panel: FaultPanel,
    receiver: Receiver,
    url: str,
    eventually: Eventually,
) -> None:
    panel.set({"webhooks": {"duplicate_rate": 1}})
    deliveries.post(url, b"1", {})
    eventually(lambda: deliveries.stats() == {"attempts": 2, "delivered": 2, "pending": 0})
    assert receiver.bodies() == [b"1", b"1"]


def test_a_dropped_attempt_reaches_nobody_and_is_repeated(
    deliveries: Deliveries,
    panel: FaultPanel,
    receiver: Receiver,
    url: str,
    eventually: Eventually,
) -> None:
    panel.set({"webhooks": {"drop_rate": 1}})
    deliveries.post(url, b"1", {})
    eventually(lambda: deliveries.stats()["attempts"] >= 2)
    assert receiver.got == []
    panel.set({})
    eventually(lambda: receiver.bodies() == [b"1"])


def test_reordered_webhooks_fall_due_in_another_order(
    store: DocumentStore, panel: FaultPanel
) -> None:
    waiting = Deliveries(store, panel)

    def due() -> list[float]:
        return [entry["due"] for _, entry in store.all("delivery")]

    for number in range(10):
        waiting.post("http://127.0.0.1:1/", b"%d" % number, {})
    assert due() == sorted(due())
    panel.set({"webhooks": {"reorder": True}})
    for number in range(10):
        waiting.post("http://127.0.0.1:1/", b"%d" % number, {})
    assert due() != sorted(due())


def test_a_delay_comes_before_the_first_attempt(
    deliveries: Deliveries,
    panel: FaultPanel,
    receiver: Receiver,
    url: str,
    eventually: Eventually,
) -> None:
    panel.set({"webhooks": {"delay_ms": 300}})
    deliveries.post(url, b"late", {})
    panel.set({})
    deliveries.post(url, b"early", {})
    eventually(lambda: receiver.bodies() == [b"early", b"late"])
