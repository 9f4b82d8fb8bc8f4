"""From one click to an active line, and back: whatever fails is said and can be mended."""

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from gateway.database import platform, tenant
from gateway.ids import parse
from gateway.roles import DatabaseUrls
from tests.harness import Gateway, running

STEPS = ["papers", "order", "place", "add", "code", "register", "brand", "introduce"]
Running = Callable[..., AbstractContextManager[Gateway]]


@pytest.fixture
def gateway_with(database: DatabaseUrls, redis_url: str, tmp_path: Path) -> Running:
    """A gateway with settings of its own."""
    return lambda **extra: running(database, redis_url, tmp_path / "clock.json", extra)


class Activation:
    """One line on its way, as the API shows it."""

    def __init__(self, gateway: Gateway, client: str) -> None:
        made = gateway.post(f"/v1/clients/{client}/lines", {"case": "virtual-number"})
        assert made["status"] == "pending"
        self.gateway, self.client, self.id = gateway, client, made["id"]
        self.path = f"/v1/clients/{client}/lines/{self.id}"

    def line(self) -> Any:
        return self.gateway.get(self.path)

    def step(self, name: str) -> Any:
        return next(it for it in self.line()["activation"]["steps"] if it["name"] == name)

    def states(self) -> dict[str, str]:
        return {step["name"]: step["state"] for step in self.line()["activation"]["steps"]}

    def until(self, status: str) -> Any:
        return self.gateway.until(self.line, lambda line: line["status"] == status)

    def until_step(self, name: str, state: str, code: str | None = None) -> Any:
        return self.gateway.until(
            lambda: self.step(name),
            lambda step: step["state"] == state and (step["error"] or {}).get("code") == code,
        )

    def act(self, verb: str, body: Any = None) -> Any:
        return self.gateway.post(f"{self.path}/activation/{verb}", body)

    def ledger(self) -> list[str]:
        """What happened at the supplier's for this line."""
        entries = self.gateway.panel("GET", "/suppliers/twilio/ledger")["data"]
        return [entry["event"] for entry in entries if entry["reference"] == self.id]

    def number_at_meta(self) -> dict[str, Any]:
        """The number as the simulated platform holds it, PIN and code included."""
        return next(
            number
            for _, number in self.gateway.world.store.all("graph_number")
            if number["phone"] == self.numbers()[0]["phone_number"]
        )

    def numbers(self) -> list[dict[str, Any]]:
        with self.gateway.app.app_context(), tenant(self.client) as session:
            rows = session.execute(
                text("SELECT * FROM numbers WHERE line_id = cast(:line AS uuid)"),
                {"line": _uuid(self.id)},
            )
            return [dict(row._mapping) for row in rows]

    def come_due(self) -> None:
        """The wait that the platform asked for is over."""
        with self.gateway.app.app_context(), platform() as session:
            query = "UPDATE outbox SET due_at = clock_timestamp() WHERE key = :key"
            session.execute(text(query), {"key": self.id})


def _uuid(line_id: str) -> str:
    return str(parse("line", line_id))


def graph_fails(gateway: Gateway, call: str, code: int) -> None:
    faults = {"error_rate": 1, "error_code": code, "calls": [call]}
    gateway.panel("PUT", "/faults", {"graph": faults})


def nothing_fails(gateway: Gateway) -> None:
    gateway.panel("PUT", "/faults", {})


def make_impatient(gateway: Gateway) -> None:
    """The gateway's patience with an answer, and the simulators' idea of it, in test time."""
    gateway.app.extensions["http"]._timeout = (3.0, 0.4)
    gateway.world.fault_panel.patience_seconds = 0.5


def test_one_click_makes_an_active_line(
    capsys: pytest.CaptureFixture[str], gateway: Gateway
) -> None:
    client = gateway.client()
    activation = Activation(gateway, client)
    line = gateway.until(
        activation.line,
        lambda line: (line["status"], line["display_name_status"]) == ("active", "APPROVED"),
    )

    steps = line["activation"]["steps"]
    assert (line["status"], line["activation"]["state"]) == ("active", "succeeded")
    assert [(step["name"], step["state"]) for step in steps] == [(name, "done") for name in STEPS]
    ends = [step["finished_at"] for step in steps]
    assert ends == sorted(ends)
    assert all(step["started_at"] <= step["finished_at"] for step in steps)
    assert all((step["error"], step["who"]) == (None, None) for step in steps)
    assert re.fullmatch(r"\+212\d{9}", line["phone_number"])
    assert line["display_name"] == "Atlas Logistics Recruitment"
    assert (line["supplier"], line["paid_by"], line["case"]) == (
        "twilio", "platform", "virtual-number",
    )  # fmt: skip
    assert activation.ledger() == ["bought"]
    assert gateway.panel("GET", "/stats")["telephony"] == {"calls": 1, "texts": 0}
    card = gateway.panel("GET", f"/phones/+212661000001/contacts/{line['phone_number']}")
    assert card["title"] == "Atlas Logistics Recruitment"
    assert card["about"] == "Powered by LinkoJob"
    _nobody_can_read_the_pin(activation, capsys.readouterr().err)


def _nobody_can_read_the_pin(activation: Activation, logs: str) -> None:
    pin = activation.number_at_meta()["pin"]
    assert re.fullmatch(r"\d{6}", pin)
    said = re.compile(rf"(?<![\d.]){pin}(?!\d)")
    with activation.gateway.app.app_context(), tenant(activation.client) as session:
        sealed = session.scalars(text("SELECT sealed FROM secrets")).all()
        assert len(sealed) == 1
        assert pin.encode() not in sealed[0]
        for table in ("events", "audit_entries", "activations", "activation_steps", "lines"):
            rows = session.scalars(text(f"SELECT to_jsonb(t)::text FROM {table} t")).all()
            assert rows
            assert not said.search("\n".join(rows)), table
        assert session.scalar(text("SELECT count(*) FROM heard_codes")) == 0
    assert not said.search(logs)


def test_a_country_that_is_not_sold_is_said_and_nothing_is_bought(gateway_with: Running) -> None:
    with gateway_with(GATEWAY_SANDBOX__STOCK="{}") as gateway:
        activation = Activation(gateway, gateway.client())
        for _ in range(2):
            line = activation.until("failed")
            assert line["activation"]["state"] == "failed"
            order = activation.step("order")
            assert (order["state"], order["error"]["code"]) == ("failed", "country_not_sold")
            assert order["who"] == "operator"
            assert set(activation.states().values()) == {"done", "failed", "pending"}
            again = activation.act("retry")
            assert (again["status"], again["activation"]["state"]) == ("pending", "running")
        activation.until("failed")
        activation.act("cancel")

        line = activation.until("released")
        assert line["activation"]["state"] == "cancelled"
        assert activation.states()["order"] == "undone"
        assert activation.ledger() == []


def test_an_activation_waits_for_a_number_to_be_in_stock(gateway_with: Running) -> None:
    with gateway_with(GATEWAY_SANDBOX__STOCK='{"MA": 0}') as gateway:
        activation = Activation(gateway, gateway.client())
        step = activation.until_step("order", "waiting", "out_of_stock")
        assert step["who"] == "supplier"
        assert activation.ledger() == []

        gateway.world.settings = {**gateway.world.settings, "stock": {"MA": 1}}
        activation.until("active")
        assert activation.ledger() == ["bought"]


def test_a_full_portfolio_waits_for_an_operator_and_cancel_gives_the_number_back(
    gateway_with: Running,
) -> None:
    portfolio = {"id": "11", "wabas": ["22", "23"], "number_limit": 1}
    with gateway_with(GATEWAY_PROVISIONING__PORTFOLIOS=json.dumps([portfolio])) as gateway:
        client = gateway.client()
        first, second = Activation(gateway, client), Activation(gateway, client)
        lines = gateway.until(
            lambda: {first: first.line(), second: second.line()},
            lambda lines: (
                any(line["portfolio_id"] for line in lines.values())
                and any("waiting" in [_place(line)["state"]] for line in lines.values())
            ),
        )
        waiting = next(it for it, line in lines.items() if _place(line)["state"] == "waiting")
        placed = second if waiting is first else first

        step = waiting.step("place")
        assert (step["error"]["code"], step["who"]) == ("portfolio_full", "operator")
        line = waiting.line()
        assert (line["status"], line["activation"]["state"]) == ("pending", "running")
        assert line["phone_number"]
        assert (line["portfolio_id"], line["waba_id"]) == (None, None)
        assert waiting.states()["add"] == "pending"

        # Meta does not know this number: it goes back.
        waiting.act("cancel")
        waiting.until("released")
        assert waiting.ledger() == ["bought", "released"]
        assert [number["state"] for number in waiting.numbers()] == ["released"]
        assert waiting.line()["phone_number"] is None
        assert placed.ledger() == ["bought"]


def _place(line: Any) -> Any:
    return line["activation"]["steps"][2]


def test_what_passes_by_itself_is_tried_again(gateway: Gateway) -> None:
    """R, R? and W: rejected for now, perhaps carried out, wait a stated time."""
    gateway.panel("PUT", "/faults", {"supplier": {"error_rate": 1, "calls": ["order"]}})
    activation = Activation(gateway, gateway.client())
    step = gateway.until(lambda: activation.step("order"), lambda step: step["attempts"] >= 2)
    assert step["state"] == "running"

    graph_fails(gateway, "phone_numbers", 80007)
    step = activation.until_step("add", "running", "management_rate_limit")
    assert (step["who"], step["error"]["provider_code"]) == ("gateway", "80007")
    gateway.work()
    assert activation.step("add")["attempts"] == 1, "it waits the stated time"

    graph_fails(gateway, "register", 131016)
    activation.come_due()
    step = activation.until_step("register", "running", "meta_unavailable")
    assert step["who"] == "meta"
    gateway.until(lambda: activation.step("register"), lambda step: step["attempts"] >= 2)

    nothing_fails(gateway)
    activation.until("active")
    assert activation.ledger() == ["bought"]


def test_what_does_not_pass_fails_and_names_who_must_act(gateway: Gateway) -> None:
    """F and A: nothing goes on before somebody retries."""
    graph_fails(gateway, "phone_numbers", 100)
    activation = Activation(gateway, gateway.client())
    for call, step, code, provider_code, who, following in (
        ("phone_numbers", "add", "bad_request", "100", "gateway", ("request_code", 190)),
        ("request_code", "code", "token_invalid", "190", "operator", ("register", 133005)),
        ("register", "register", "pin_mismatch", "133005", "operator",
         ("whatsapp_business_profile", 987654)),
        ("whatsapp_business_profile", "brand", "graph_error", "987654", "operator", None),
    ):  # fmt: skip
        activation.until("failed")
        failed = activation.step(step)
        assert failed["state"] == "failed", call
        assert (failed["error"]["code"], failed["error"]["provider_code"]) == (code, provider_code)
        assert failed["who"] == who
        assert failed["error"]["detail"]
        attempts = failed["attempts"]
        gateway.work()
        assert activation.step(step)["attempts"] == attempts
        if following:
            graph_fails(gateway, *following)
        else:
            nothing_fails(gateway)
        activation.act("retry")

    activation.until("active")
    assert activation.ledger() == ["bought"]
    for verb in ("retry", "cancel"):
        answer = gateway.request("POST", f"{activation.path}/activation/{verb}")
        assert (answer.status_code, answer.json()["code"]) == (409, "activation_state")


def test_a_number_that_meta_knows_is_never_given_back(gateway: Gateway) -> None:
    graph_fails(gateway, "whatsapp_business_profile", 100)
    client = gateway.client()
    activation = Activation(gateway, client)
    activation.until("failed")
    assert activation.number_at_meta()["status"] == "CONNECTED"

    graph_fails(gateway, "deregister", 131016)
    activation.act("cancel")
    step = activation.until_step("add", "undo_failed", "meta_unavailable")
    assert step["who"] == "meta"
    assert activation.line()["status"] != "released"

    nothing_fails(gateway)
    line = activation.until("released")
    assert line["activation"]["state"] == "cancelled"
    assert activation.number_at_meta()["status"] == "DISCONNECTED"
    assert [number["state"] for number in activation.numbers()] == ["quarantined"]
    assert activation.ledger() == ["bought"]
    assert activation.states()["add"] == activation.states()["order"] == "undone"


def test_an_answer_that_was_lost_buys_and_adds_nothing_twice(gateway: Gateway) -> None:
    make_impatient(gateway)
    lost = {"timeout_after_accept_rate": 1}
    gateway.panel(
        "PUT",
        "/faults",
        {
            "supplier": {**lost, "calls": ["order"]},
            "graph": {**lost, "calls": ["phone_numbers", "register"]},
        },
    )
    activation = Activation(gateway, gateway.client())

    activation.until("active")

    assert activation.ledger() == ["bought"]
    steps = {step["name"]: step["attempts"] for step in activation.line()["activation"]["steps"]}
    assert min(steps["order"], steps["add"], steps["register"]) >= 2
    assert len(list(gateway.world.store.all("graph_number"))) == 1


def test_two_requests_at_once_make_two_lines(gateway: Gateway) -> None:
    client = gateway.client()
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: Activation(gateway, client), range(2)))
    lines = [activation.until("active") for activation in both]

    assert len({line["phone_number"] for line in lines}) == 2
    assert len({line["waba_id"] for line in lines}) == 1, "one account a client"
    assert [activation.ledger() for activation in both] == [["bought"], ["bought"]]
