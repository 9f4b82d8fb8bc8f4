"""A number's code: heard by who listens, in tries with an end, else entered by a person; and never
more calls than Meta allows a number."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from marshmallow import Schema
from sqlalchemy import text

from gateway.database import platform, router, tenant
from gateway.provisioning.capture_contract import (
    CodeCapture,
    HeardCode,
    InboundReport,
    ReportAnswer,
)
from gateway.provisioning.contract import CodeMethod
from gateway.roles import DatabaseUrls
from gateway.transcript import find_code
from plugins.supplier_operator_sim import drawer
from plugins.supplier_operator_sim.stock import read
from tests.console.browser import Browser
from tests.harness import Gateway, running
from tests.onboarding.test_activation import Activation, graph_fails, nothing_fails

Running = Callable[..., AbstractContextManager[Gateway]]
SIM = "+212612000001"
THREE_DAYS = 72 * 3600 + 600


@pytest.fixture
def gateway_with(database: DatabaseUrls, redis_url: str, tmp_path: Path) -> Running:
    """A gateway with settings of its own, that waits long for a code."""
    patient = {"GATEWAY_ONBOARDING__CODE_WAIT_SECONDS": "600"}
    return lambda **extra: running(database, redis_url, tmp_path / "clock.json", patient | extra)


@pytest.fixture
def french(gateway_with: Running) -> Iterator[Gateway]:
    """A gateway whose numbers are fixed ones that hear texts as well."""
    with gateway_with(GATEWAY_SANDBOX__STOCK='{"FR": 9}') as gateway:
        yield gateway


@pytest.fixture
def drawered(gateway_with: Running) -> Iterator[Gateway]:
    """A gateway with one SIM card in its drawer, and no modem."""
    with gateway_with(GATEWAY_PROVISIONING__SUPPLIERS='["operator-sim"]') as gateway:
        with gateway.app.app_context():
            drawer.put_in(read(f"phone_number\n{SIM}\n".encode()))
        yield gateway


def tries_at_meta(activation: Activation, call: str) -> int:
    """As the simulated platform counts them, those over the limit included."""
    phone = activation.line()["phone_number"]
    found = activation.gateway.world.store.get("graph_tries", f"{call} {phone}")
    return len(found["at"]) if found else 0


def garbled(words: str) -> str:
    """The same with another code, said twice alike."""
    code = other_than(str(find_code(words)))
    return f"Your code is {code}. Again, your code is {code}."


def wrong(activation: Activation) -> str:
    return other_than(activation.number_at_meta()["code"])


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def enter(activation: Activation, code: str) -> None:
    activation.act("code", {"code": code})


def test_two_wrong_transcripts_then_a_text_then_a_person(
    french: Gateway, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ring, write = french.world.ring, french.world.text
    sent: list[str] = []

    def misheard(to: str, *, caller: str, speech: str) -> bool:
        sent.append(str(find_code(garbled(speech))))
        return ring(to, caller=caller, speech=garbled(speech))

    def mistyped(to: str, *, sender: str, body: str) -> bool:
        sent.append(str(find_code(garbled(body))))
        return write(to, sender=sender, body=garbled(body))

    monkeypatch.setattr(french.world, "ring", misheard)
    monkeypatch.setattr(french.world, "text", mistyped)
    activation = Activation(french, french.client(country="FR"))

    step = activation.until_step("code", "waiting", "code_needed")
    assert french.panel("GET", "/stats")["telephony"] == {"calls": 2, "texts": 1}
    assert (step["who"], tries_at_meta(activation, "request_code")) == ("operator", 3)
    for how in ("page", "POST …/activation/code", "gateway lines code +33"):
        assert how in step["error"]["detail"]

    for times in ("once", "2 times", "3 times"):
        enter(activation, wrong(activation))
        french.until(lambda times=times: times in activation.step("code")["error"]["detail"])
        assert activation.step("code")["error"]["code"] == "wrong_code"
    assert tries_at_meta(activation, "request_code") == 3, "nothing is asked for by guessing"

    old = activation.number_at_meta()["code"]
    browser = Browser(french.app).sign_in(activation.client)
    assert "Send a new code" in browser.read("/console/")
    assert browser.post(f"/console/lines/{activation.id}/retry").status_code == 303
    newest = french.until(lambda: activation.number_at_meta()["code"], lambda code: code != old)
    french.until(lambda: len(sent) == 4)
    enter(activation, newest)
    activation.until("active")
    assert tries_at_meta(activation, "request_code") == 4
    assert activation.ledger() == ["bought"]
    with french.app.app_context(), tenant(activation.client) as session:
        assert session.scalar(text("SELECT count(*) FROM heard_codes")) == 0
    with french.app.app_context(), router() as session:
        heard = "SELECT length(body) FROM inbound_raw WHERE kind IN ('sms', 'transcription')"
        assert set(session.scalars(text(heard))) == {0}
    logs = "".join(capsys.readouterr())
    assert not [code for code in (*sent, old, newest) if code in logs]


def test_a_text_is_right_where_two_transcripts_were_not(
    french: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = french.world.ring
    monkeypatch.setattr(
        french.world,
        "ring",
        lambda to, *, caller, speech: ring(to, caller=caller, speech=garbled(speech)),
    )
    activation = Activation(french, french.client(country="FR"))
    activation.until("active")
    assert french.panel("GET", "/stats")["telephony"] == {"calls": 2, "texts": 1}


def test_a_number_that_meta_sends_no_code_is_said_and_sent_one_later(french: Gateway) -> None:
    graph_fails(french, "request_code", 136024)
    activation = Activation(french, french.client(country="FR"))
    step = activation.until_step("code", "waiting", "code_not_sent")
    assert step["who"] == "operator"
    assert "retry" in step["error"]["detail"]

    nothing_fails(french)
    activation.act("retry")
    activation.until("active")
    assert french.panel("GET", "/stats")["telephony"] == {"calls": 0, "texts": 1}


def test_a_code_that_comes_late_does_not_outdate_the_next(gateway_with: Running) -> None:
    with gateway_with() as gateway:
        settings = gateway.app.extensions["settings"]
        once = replace(settings.onboarding, code_wait_seconds=0, poll_seconds=600)
        impatient = replace(settings, onboarding=once)
        gateway.panel("PUT", "/faults", {"webhooks": {"drop_rate": 1}})
        activation = Activation(gateway, gateway.client())
        activation.until_step("code", "waiting", "waiting_for_code")
        late = activation.number_at_meta()["code"]
        gateway.app.extensions["settings"] = impatient
        newest = gateway.until(lambda: activation.number_at_meta()["code"], lambda c: c != late)
        gateway.app.extensions["settings"] = settings

        enter(activation, late)
        gateway.until(
            lambda: activation.step("code")["error"]["detail"], lambda d: "not the one" in d
        )
        assert activation.step("code")["error"]["code"] == "waiting_for_code"
        assert activation.number_at_meta()["code"] == newest
        refused = gateway.request("POST", f"{activation.path}/activation/retry")
        assert (refused.status_code, refused.json()["code"]) == (409, "activation_state")
        enter(activation, newest)
        activation.until("active")
        nothing_fails(gateway)  # the lost transcripts come and change nothing
        gateway.until(lambda: gateway.panel("GET", "/stats")["webhooks"]["pending"] == 0)
        assert activation.line()["activation"]["state"] == "succeeded"


def test_codes_are_asked_for_no_oftener_than_meta_allows_a_number(drawered: Gateway) -> None:
    """Ten requests are the number's: neither a person's retries nor another line have more."""
    client = drawered.client()
    activation = Activation(drawered, client)
    activation.until_step("code", "waiting", "code_needed")
    for asked in range(2, 11):
        activation.act("retry")
        drawered.until(lambda asked=asked: tries_at_meta(activation, "request_code") == asked)
    activation.act("retry")
    step = activation.until_step("code", "waiting", "attempts_used_up")
    assert step["who"] == "gateway"
    assert re.search(r"by itself at \d{4}-\d\d-\d\d \d\d:\d\d UTC", step["error"]["detail"])
    assert tries_at_meta(activation, "request_code") == 10

    deleted = activation.number_at_meta()
    activation.act("cancel")
    activation.until("released")
    with drawered.app.app_context():
        with platform() as session:  # an operator had Meta delete it
            session.execute(text("UPDATE numbers SET state = 'released'"))
        drawered.world.store.delete("graph_number", deleted["id"])
        drawer.give_back(activation.id)
    again = Activation(drawered, client)
    again.until_step("code", "waiting", "attempts_used_up")
    assert again.line()["phone_number"] == SIM
    assert tries_at_meta(again, "request_code") == 10

    drawered.panel("PUT", "/clock", {"advance_seconds": THREE_DAYS})
    again.until_step("code", "waiting", "code_needed")
    assert tries_at_meta(again, "request_code") == 1
    enter(again, again.number_at_meta()["code"])
    again.until("active")


def test_registrations_are_tried_no_oftener_than_meta_allows_a_number(gateway: Gateway) -> None:
    graph_fails(gateway, "register", 131031)
    activation = Activation(gateway, gateway.client())
    activation.until("failed")
    held = activation.number_at_meta()
    gateway.world.store.put("graph_number", held["id"], {**held, "pin": "other"})
    nothing_fails(gateway)
    for _ in range(9):
        activation.act("retry")
        activation.until("failed")
    activation.act("retry")
    activation.until_step("register", "waiting", "attempts_used_up")
    assert tries_at_meta(activation, "register") == 9, "it never saw the first one"

    gateway.world.store.put("graph_number", held["id"], held)
    gateway.panel("PUT", "/clock", {"advance_seconds": THREE_DAYS})
    activation.until("active")


class Recorder(CodeCapture):
    """Hears calls to SIM cards, though it sells none."""

    name = "recorder"
    settings_schema = Schema

    def listens(self, supplier: str) -> Sequence[CodeMethod]:
        return ("VOICE",) if supplier == "operator-sim" else ()

    def is_genuine(self, report: InboundReport) -> bool:
        return True

    def answer(self, report: InboundReport) -> ReportAnswer:
        return ReportAnswer(body="", content_type="text/plain")

    def hear(self, report: InboundReport) -> Sequence[HeardCode]:
        code = report.body.decode()
        return [HeardCode(phone_number=SIM, code=code, method="VOICE")]


def test_a_number_is_heard_by_another_than_who_sells_it(drawered: Gateway) -> None:
    captures: Any = drawered.app.extensions["plugin_host"].code_captures
    captures.add("recorder", Recorder({}, drawered.app.extensions["http"]), "this test")
    activation = Activation(drawered, drawered.client())
    step = activation.until_step("code", "waiting", "waiting_for_code")
    assert "by call" in step["error"]["detail"], "nobody listens to its texts"

    url = f"{drawered.url}/webhooks/suppliers/recorder/voice"
    code = activation.number_at_meta()["code"]
    assert drawered.session.post(url, data=code, timeout=30).status_code == 200
    activation.until("active")
