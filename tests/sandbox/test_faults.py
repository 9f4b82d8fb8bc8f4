"""What the fault panel does to calls."""

import threading
import time
from collections.abc import Callable

import pytest

from gateway.sandbox.contract import Fault
from gateway.sandbox.faults import FaultPanel

Eventually = Callable[[Callable[[], bool]], None]


@pytest.fixture
def panel() -> FaultPanel:
    panel = FaultPanel(seed=1)
    panel.patience_seconds = 0.2
    return panel


def outcome(panel: FaultPanel, call: str = "order", area: str = "supplier") -> str:
    """Whether the effect happened, or the code of the fault."""
    try:
        with panel.around(area, call):
            return "done"
    except Fault as fault:
        return str(fault.code)


def test_nothing_goes_wrong_by_itself(panel: FaultPanel) -> None:
    assert {outcome(panel) for _ in range(100)} == {"done"}


def test_errors_come_at_their_rate_and_before_the_effect(panel: FaultPanel) -> None:
    panel.set({"supplier": {"error_rate": 0.3, "error_code": 20500}})
    effects: list[None] = []
    faults: list[int] = []
    for _ in range(1000):
        try:
            with panel.around("supplier", "order"):
                effects.append(None)
        except Fault as fault:
            faults.append(fault.code)
    assert len(effects) + len(faults) == 1000
    assert 250 < len(faults) < 350
    assert set(faults) == {20500}


def test_the_same_seed_fails_the_same_calls() -> None:
    runs = []
    for _ in range(2):
        panel = FaultPanel(seed=7)
        panel.set({"graph": {"error_rate": 0.5}})
        runs.append([outcome(panel, area="graph") for _ in range(50)])
    assert runs[0] == runs[1]
    assert set(runs[0]) == {"done", "130429"}


def test_errors_meet_the_named_calls_and_the_one_area_only(panel: FaultPanel) -> None:
    panel.set({"supplier": {"error_rate": 1, "error_code": 20500, "calls": ["order"]}})
    assert outcome(panel, "order") == "20500"
    assert outcome(panel, "search") == "done"
    assert outcome(panel, "order", area="graph") == "done"


def test_latency_delays_the_effect(panel: FaultPanel) -> None:
    panel.set({"graph": {"latency_ms": 100}})
    started = time.monotonic()
    with panel.around("graph", "send"):
        assert time.monotonic() - started >= 0.1


def test_a_timeout_after_accept_keeps_the_answer_beyond_the_clients_patience(
    panel: FaultPanel,
) -> None:
    panel.set({"graph": {"timeout_after_accept_rate": 1}})
    started = time.monotonic()
    with panel.around("graph", "send"):
        assert time.monotonic() - started < 0.2
    assert time.monotonic() - started > 0.2


def test_a_refused_call_is_not_kept_back(panel: FaultPanel) -> None:
    panel.set({"graph": {"timeout_after_accept_rate": 1, "hold_after": "send"}})
    started = time.monotonic()
    with pytest.raises(LookupError), panel.around("graph", "send"):
        raise LookupError
    assert time.monotonic() - started < 0.2


@pytest.mark.parametrize(("hold", "before"), [("hold_before", []), ("hold_after", ["effect"])])
def test_a_held_call_waits_on_its_side_of_the_effect(
    panel: FaultPanel, eventually: Eventually, hold: str, before: list[str]
) -> None:
    panel.patience_seconds = 60
    panel.set({"supplier": {hold: "order"}})
    happened: list[str] = []

    def call() -> None:
        with panel.around("supplier", "order"):
            happened.append("effect")
        happened.append("answer")

    held = threading.Thread(target=call, daemon=True)
    held.start()
    waiting = {"area": "supplier", "call": "order", "hold": hold}
    eventually(lambda: panel.show()["held"] == [waiting])
    assert happened == before
    assert outcome(panel, "search") == "done"
    panel.set({})
    held.join(5)
    assert happened == ["effect", "answer"]
    assert panel.show()["held"] == []


def test_a_call_held_for_too_long_never_has_its_effect(
    panel: FaultPanel, eventually: Eventually
) -> None:
    panel.set({"supplier": {"hold_before": "order"}})
    outcomes: list[str] = []
    held = threading.Thread(target=lambda: outcomes.append(outcome(panel)), daemon=True)
    held.start()
    eventually(lambda: len(panel.show()["held"]) == 1)
    deadline = time.monotonic() + panel.patience_seconds
    eventually(lambda: time.monotonic() > deadline)
    panel.set({})
    held.join(5)
    assert outcomes == ["20429"]


def test_what_is_set_replaces_all_that_was(panel: FaultPanel) -> None:
    panel.set({"graph": {"error_rate": 1, "hold_before": "send"}, "webhooks": {"reorder": True}})
    panel.set({"webhooks": {"drop_rate": 0.5}})
    shown = panel.show()
    assert shown["graph"] == FaultPanel().show()["graph"]
    assert (shown["webhooks"]["reorder"], shown["webhooks"]["drop_rate"]) == (False, 0.5)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"grahp": {}}, "Unknown: grahp. Known: graph, webhooks, supplier."),
        ({"graph": {"drop_rate": 1}}, r"Unknown: graph.drop_rate. Known: latency_ms, .*, calls\."),
        ({"webhooks": {"latency_ms": 1}}, "Known: duplicate_rate, reorder, delay_ms, drop_rate."),
        ({"graph": {"error_rate": 1.5}}, "In graph: .*error_rate"),
        ({"graph": {"latency_ms": "slow"}}, "In graph: .*latency_ms"),
        ({"graph": []}, "graph must be an object."),
    ],
)
def test_a_wrong_wish_changes_nothing_and_says_what_is_known(
    panel: FaultPanel, wanted: dict[str, object], said: str
) -> None:
    panel.set({"graph": {"error_rate": 1}})
    with pytest.raises(ValueError, match=said):
        panel.set(wanted)
    assert panel.show()["graph"]["error_rate"] == 1
