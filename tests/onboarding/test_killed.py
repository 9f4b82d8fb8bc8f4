"""A worker killed at any call of any step, of an activation or of taking it back: an active line,
or nothing left but what is listed; nothing is bought twice, and Meta has the number once."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest

from gateway.onboarding import reports, service
from gateway.onboarding.step_contract import LineRequest
from gateway.onboarding.steps import COMMON
from gateway.sandbox.faults import FaultPanel
from plugins.virtual_number.provider import VirtualNumber
from tests.harness import Gateway, Servers, copied_database, in_database, running
from tests.onboarding.mortal import Nursery, kill, nursery
from tests.onboarding.test_activation import Activation
from tests.processes import eventually

SILENT = {"papers", "place"}  # steps that decide here and call nobody
_POINTS = ("hold_before", "hold_after")
_STEPS = (
    "SELECT a.state, s.name, s.state FROM activations a"
    " JOIN activation_steps s ON s.activation_id = a.id"
    " WHERE a.state IN ('running', 'undoing') ORDER BY s.position"
)
_FREE = "UPDATE outbox SET lease_until = NULL, due_at = clock_timestamp(), attempts = 0"
_LONG_AGO = 'UPDATE activations SET facts = facts || \'{"code_requested_at": ""}\''


def planned() -> list[str]:
    """The steps of a virtual number, as its provider plans them."""
    request = LineRequest(line_id="", client_id="", client_name="", country="MA")
    provider = VirtualNumber({}, None)  # type: ignore[arg-type]
    return [step.name for step in provider.plan(request, COMMON)]


@dataclass
class Stage:
    """One activation at a time, whose calls are seen with the step that makes them, and held."""

    gateway: Gateway
    database: "psycopg.Connection[tuple[str, ...]]"
    nursery: Nursery
    real: Callable[[str, str], AbstractContextManager[None]]
    seen: dict[str, list[str]] = field(default_factory=dict)  # calls by step, in order
    killed: set[tuple[str, ...]] = field(default_factory=set)  # step, call, point
    aim: str = ""
    spared: Callable[[str, str], bool] = lambda call, point: False
    held: tuple[str, ...] = ()
    under_way: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def panel(self) -> FaultPanel:
        return self.gateway.world.fault_panel

    def step(self) -> str:
        """What is worked on now: a step, `undo`, or nothing."""
        with self.lock:
            rows = self.database.execute(_STEPS).fetchall()
        if rows and rows[0][0] == "undoing":
            return "undo"
        return next((name for _, name, state in rows if state != "done"), "")

    @contextmanager
    def around(self, area: str, call: str) -> Iterator[None]:
        """In the panel's place: the calls that are aimed at go by the names that it holds."""
        step, name = self.step(), call
        for point in _POINTS if step == self.aim else ():
            if (step, call, point) not in self.killed and not self.spared(call, point):
                self.held, name = (step, call, point), point
                break
        self.seen.setdefault(step, []).append(call)
        self.under_way += 1
        try:
            with self.real(area, name):
                yield
        finally:
            self.under_way -= 1

    def kill_one(self) -> tuple[str, ...] | None:
        """Kill a worker at the next call that is aimed at; None where the step makes no other."""
        holds = {point: point for point in _POINTS}
        self.panel.set({"graph": holds, "supplier": holds})
        worker = self.nursery.worker()
        try:
            eventually(lambda: self.panel.show()["held"] or self.is_past())
        finally:
            kill(worker)
        found = self.held if self.panel.show()["held"] else None
        self.killed |= {found} if found else set()
        patience, self.panel.patience_seconds = self.panel.patience_seconds, 0
        self.panel.set({})  # what was held before it acted never acts: its client is gone
        eventually(lambda: not self.under_way)
        self.panel.patience_seconds = patience
        with self.lock:
            self.database.execute(_FREE)  # the dead worker's lease ends
            if found and found[1:] == ("request_code", "hold_before"):
                self.database.execute(_LONG_AGO)  # the code that was never sent is waited for
        return found

    def is_past(self) -> bool:
        """Whether the step that is aimed at is over."""
        order = [*planned(), "undo", ""]
        return order.index(self.step()) > order.index(self.aim)

    def kill_all(self, aim: str) -> list[tuple[str, ...]]:
        """Kill a worker at each call of a step, before and after it acted."""
        self.aim, self.killed = aim, set()
        found = []
        while (at := self.kill_one()) is not None:
            found.append(at)
        self.aim = ""
        return found

    def activation(self) -> Activation:
        """Of a client of its own, whose account at Meta has no template yet."""
        return Activation(self.gateway, self.gateway.client())


@pytest.fixture(scope="module")
def stage(
    servers: Servers, template: Any, worker_name: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    name = f"gateway_killed_{worker_name}"
    clock = tmp_path_factory.mktemp("killed") / "clock.json"
    quick = pytest.MonkeyPatch()
    patient = {"GATEWAY_ONBOARDING__CODE_WAIT_SECONDS": "600"}
    with (
        copied_database(servers, template, name) as urls,
        running(urls, servers.redis_url, clock, patient) as gateway,
        nursery(gateway.app.extensions["settings"], (service.ADVANCE, reports.HEAR)) as workers,
        psycopg.connect(in_database(servers.admin_url, name), autocommit=True) as database,
    ):
        panel = gateway.world.fault_panel
        made = Stage(gateway, database, workers, panel.around)
        quick.setattr(panel, "around", made.around)
        yield made
        quick.undo()


@pytest.fixture(scope="module")
def usual(stage: Stage) -> dict[str, list[str]]:
    """The calls of each step when nobody is killed."""
    activation = stage.activation()
    worker = stage.nursery.worker()
    eventually(lambda: activation.line()["status"] == "active")
    kill(worker)
    return {step: list(calls) for step, calls in stage.seen.items()}


def test_every_step_is_seen_to_call_somebody(usual: dict[str, list[str]]) -> None:
    silent = set(planned()) - set(usual)
    assert silent == SILENT, "no call of these is seen, so nobody is killed at one"


@pytest.mark.parametrize("step", planned())
def test_killed_at_each_call_of_a_step(
    stage: Stage, usual: dict[str, list[str]], step: str
) -> None:
    activation = stage.activation()
    killed = stage.kill_all(step)
    line = activation.until("active")

    missing = {(step, call, point) for call in usual.get(step, ()) for point in _POINTS}
    assert missing - set(killed) == set()
    assert activation.ledger() == ["bought"]
    assert at_meta(stage, activation) == ["CONNECTED"]
    assert [number["state"] for number in activation.numbers()] == ["rented"]
    assert line["activation"]["state"] == "succeeded"
    no_more_tries_than_counted(stage, line["phone_number"])


@pytest.mark.parametrize("step", [step for step in planned() if step not in SILENT])
def test_killed_at_each_call_of_taking_a_step_back(
    stage: Stage, usual: dict[str, list[str]], step: str
) -> None:
    """What the step did last was not recorded when its worker was killed; then it is cancelled."""
    last, point = usual[step][-1], "hold_after"
    stage.aim, stage.killed = step, set()
    stage.spared = lambda call, at: (call, at) != (last, point)
    activation = stage.activation()
    assert stage.kill_one() == (step, last, point)
    stage.spared = lambda call, at: False
    activation.act("cancel")
    assert stage.kill_all("undo"), "taking it back calls somebody"

    line = activation.until("released")
    assert line["activation"]["state"] == "cancelled"
    states = [number["state"] for number in activation.numbers()]
    if known := at_meta(stage, activation):
        assert (known, states) == (["PENDING"], ["quarantined"]) or (
            (known, states) == (["DISCONNECTED"], ["quarantined"])
        )
        assert activation.ledger() == ["bought"]
    else:
        assert activation.ledger() == ["bought", "released"]
        assert states in ([], ["released"])


def test_killed_after_each_request_for_a_code(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the request and what comes of it: Meta counts no more than the ten it allows."""
    monkeypatch.setattr(stage.gateway.world, "ring", lambda *_, **__: True)  # nobody answers
    activation = stage.activation()
    stage.aim = "code"
    stage.spared = lambda call, at: (call, at) != ("request_code", "hold_after")
    phone = ""
    for request in range(1, 11):
        stage.killed = set()
        assert stage.kill_one(), f"request {request}"
        phone = activation.line()["phone_number"]
        assert (
            len(stage.gateway.world.store.get("graph_tries", f"request_code {phone}")["at"])
            == request
        )
        stage.database.execute(_LONG_AGO)
        if request > 2:
            stage.gateway.until(lambda: activation.step("code")["state"] == "waiting")
            activation.act("retry")
    stage.aim = ""
    activation.until_step("code", "waiting", "attempts_used_up")
    no_more_tries_than_counted(stage, phone)
    activation.act("cancel")
    activation.until("released")


def at_meta(stage: Stage, activation: Activation) -> list[str]:
    """How the line's number stands at Meta: once, if it is there."""
    ledger = stage.gateway.panel("GET", "/suppliers/twilio/ledger")["data"]
    [phone] = {it["phone_number"] for it in ledger if it["reference"] == activation.id}
    numbers = [number for _, number in stage.gateway.world.store.all("graph_number")]
    return [number["status"] for number in numbers if number["phone"] == phone]


def no_more_tries_than_counted(stage: Stage, phone: str) -> None:
    for kind in ("request_code", "register", "deregister"):
        seen = stage.gateway.world.store.get("graph_tries", f"{kind} {phone}") or {"at": ()}
        query = "SELECT count(*) FROM number_attempts WHERE (phone_number, kind) = (%s, %s)"
        [counted] = stage.database.execute(query, (phone, kind)).fetchone() or (0,)
        assert len(seen["at"]) <= int(counted) <= 10
