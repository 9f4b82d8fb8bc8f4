"""The adapter against the simulated Twilio, over real HTTP; the gateway here only hears."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
import requests
from flask import Flask, Response, request
from werkzeug.serving import make_server

from gateway.plugin_api import (
    AccountStopped,
    HeardCode,
    HttpClient,
    InboundReport,
    InboundUrls,
    Money,
    OutcomeUnknown,
    OwnedNumber,
    Refused,
    TryAgain,
)
from gateway.sandbox.app import create_sandbox
from gateway.sandbox.world import SandboxWorld
from gateway.settings import load_settings
from plugins.supplier_twilio.captures import TwilioCapture
from plugins.supplier_twilio.settings import TwilioSettings
from plugins.supplier_twilio.supplier import TwilioSupplier

SID = "AC00000000000000000000000000000001"
SPEECH = "Your WhatsApp code is 4 8 2, 9 1 3. Once again, it is 4 8 2, 9 1 3."
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What a test plays with."""

    world: SandboxWorld
    url: str
    supplier: TwilioSupplier
    capture: TwilioCapture
    inbound: InboundUrls
    heard: list[HeardCode] = field(default_factory=list)
    refused: list[InboundReport] = field(default_factory=list)


def eventually(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.01)


@contextmanager
def _served(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def stage() -> Iterator[Stage]:
    settings = load_settings(
        {
            "GATEWAY_ENVIRONMENT": "sandbox",
            "GATEWAY_SANDBOX__STOCK": '{"MA": 3, "FR": 3, "SN": 0}',
            "GATEWAY_PROVIDERS__TWILIO__ACCOUNT_SID": SID,
            "GATEWAY_PROVIDERS__TWILIO__AUTH_TOKEN": "token",
        }
    )
    simulator = "plugins.supplier_twilio.simulator:TwilioSimulator"
    sandbox = create_sandbox(settings, [simulator], gateway_url="", sandbox_url="", state_file=None)
    world: SandboxWorld = sandbox.extensions["sandbox"]
    receiver = Flask("receiver")
    with _served(sandbox) as sandbox_url, _served(receiver) as receiver_url:
        world.sandbox_url, world.gateway_url = sandbox_url, receiver_url
        stage = _stage(world, sandbox_url, receiver_url)
        path = "/webhooks/suppliers/twilio/<kind>"
        receiver.add_url_rule(path, "hear", _hear(stage), methods=["POST"])
        yield stage
    world.close()


def _stage(world: SandboxWorld, sandbox_url: str, receiver_url: str) -> Stage:
    api_url = f"{sandbox_url}/twilio"
    keys = dict(world.providers["twilio"]) | {"api_url": api_url, "pricing_url": api_url}
    settings = TwilioSettings().load(keys)
    hooks = f"{receiver_url}/webhooks/suppliers/twilio"
    return Stage(
        world=world,
        url=sandbox_url,
        supplier=TwilioSupplier(settings, HttpClient()),
        capture=TwilioCapture(settings, HttpClient()),
        inbound=InboundUrls(voice=f"{hooks}/voice", sms=f"{hooks}/sms"),
    )


def _hear(stage: Stage) -> Callable[[str], Response]:
    def hear(kind: str) -> Response:
        report = InboundReport(
            kind=kind,
            url=request.url,
            headers={name.lower(): value for name, value in request.headers.items()},
            body=request.get_data(),
        )
        if not stage.capture.is_genuine(report):
            stage.refused.append(report)
            return Response(status=403)
        stage.heard.extend(stage.capture.hear(report))
        answer = stage.capture.answer(report)
        return Response(answer.body, content_type=answer.content_type)

    return hear


def order(stage: Stage, country: str = "MA", reference: str = "line_1") -> OwnedNumber:
    offer = stage.supplier.search(country)[0]
    return stage.supplier.order(offer, reference=reference, inbound=stage.inbound)


def bought(stage: Stage) -> list[tuple[str, str]]:
    ledger = requests.get(f"{stage.url}/sandbox/suppliers/twilio/ledger", timeout=60).json()
    return [(entry["event"], entry["reference"]) for entry in ledger["data"]]


def test_no_moroccan_number_is_sold_unless_the_stock_is_set(stage: Stage) -> None:
    stage.world.settings = {"stock": {}}
    with pytest.raises(Refused, match="country_not_sold"):
        stage.supplier.search("MA")


def test_an_empty_stock_is_told_from_a_country_not_sold(stage: Stage) -> None:
    with pytest.raises(Refused, match="out_of_stock"):
        stage.supplier.search("SN")


def test_moroccan_numbers_hear_voice_only(stage: Stage) -> None:
    offers = stage.supplier.search("MA")
    assert [offer.phone_number for offer in offers] == [f"+21252000000{n}" for n in (1, 2, 3)]
    assert {offer.hears for offer in offers} == {("VOICE",)}
    assert stage.supplier.search("FR")[0].hears == ("VOICE", "SMS")


def test_searches_at_the_same_time_do_not_all_get_the_same_first_number(stage: Stage) -> None:
    firsts = {stage.supplier.search("MA")[0].phone_number for _ in range(3)}
    assert len(firsts) == 3


def test_an_order_rents_the_number_at_its_price(stage: Stage) -> None:
    number = order(stage)
    assert number.monthly_price == Money(amount=Decimal("1.00"), currency="USD")
    assert stage.supplier.find("line_1") == number
    assert stage.supplier.find("line_2") is None
    assert bought(stage) == [("bought", "line_1")]


def test_a_number_is_sold_once(stage: Stage) -> None:
    offer = stage.supplier.search("MA")[0]
    stage.supplier.order(offer, reference="line_1", inbound=stage.inbound)
    with pytest.raises(TryAgain, match="number_taken"):
        stage.supplier.order(offer, reference="line_2", inbound=stage.inbound)
    assert bought(stage) == [("bought", "line_1")]


def test_an_order_whose_answer_was_lost_is_found(stage: Stage) -> None:
    stage.world.fault_panel.patience_seconds = 3.0
    stage.world.fault_panel.set({"supplier": {"timeout_after_accept_rate": 1, "calls": ["order"]}})
    hasty = TwilioSupplier(stage.supplier.settings, HttpClient(read_seconds=1.0))
    with pytest.raises(OutcomeUnknown):
        hasty.order(stage.supplier.search("MA")[0], reference="line_1", inbound=stage.inbound)
    found = stage.supplier.find("line_1")
    assert found is not None
    assert found.phone_number == "+212520000001"
    assert bought(stage) == [("bought", "line_1")]


def test_an_injected_error_comes_before_the_effect(stage: Stage) -> None:
    stage.world.fault_panel.set({"supplier": {"error_rate": 1, "calls": ["order"]}})
    with pytest.raises(TryAgain, match="rate_limited"):
        order(stage)
    stage.world.fault_panel.set({"supplier": {"error_rate": 1, "error_code": 20500}})
    with pytest.raises(TryAgain, match="supplier_failed"):
        stage.supplier.find("line_1")
    stage.world.fault_panel.set({})
    assert bought(stage) == []


def test_a_number_can_be_released_twice(stage: Stage) -> None:
    number = order(stage)
    stage.supplier.release(number.supplier_ref)
    stage.supplier.release(number.supplier_ref)
    assert stage.supplier.find("line_1") is None
    assert bought(stage) == [("bought", "line_1"), ("released", "line_1")]


def test_a_wrong_token_stops_the_account(stage: Stage) -> None:
    settings = dict(stage.supplier.settings) | {"auth_token": "another"}
    with pytest.raises(AccountStopped):
        TwilioSupplier(settings, HttpClient()).search("MA")


def test_a_long_list_comes_in_pages(stage: Stage) -> None:
    for reference in ("line_1", "line_2", "line_3"):
        order(stage, reference=reference)
    path = f"/2010-04-01/Accounts/{SID}/IncomingPhoneNumbers.json?PageSize=2"
    seen: list[str] = []
    while path:
        page = requests.get(f"{stage.url}/twilio{path}", auth=(SID, "token"), timeout=60).json()
        seen += [number["friendly_name"] for number in page["incoming_phone_numbers"]]
        path = page["next_page_uri"]
    assert seen == ["line_1", "line_2", "line_3"]


def test_a_code_said_to_a_number_is_heard(stage: Stage) -> None:
    number = order(stage)
    assert stage.world.ring(number.phone_number, caller="+14155550100", speech=SPEECH)
    expected = HeardCode(phone_number=number.phone_number, code="482913", method="VOICE")
    eventually(lambda: bool(stage.heard))
    assert stage.heard == [expected]
    assert stage.refused == []


def test_a_call_is_answered_late_by_a_gateway_that_restarts(stage: Stage) -> None:
    number = order(stage)
    path = f"/2010-04-01/Accounts/{SID}/IncomingPhoneNumbers/{number.supplier_ref}.json"

    def point_calls_at(url: str) -> None:
        form = {"VoiceUrl": url}
        target = f"{stage.url}/twilio{path}"
        assert requests.post(target, data=form, auth=(SID, "token"), timeout=60).ok

    point_calls_at("http://127.0.0.1:1/")
    stage.world.ring(number.phone_number, caller="+14155550100", speech=SPEECH)
    eventually(lambda: any(entry["document"]["payload"]["rings"] > 1 for entry in waiting(stage)))
    point_calls_at(stage.inbound.voice)
    eventually(lambda: bool(stage.heard))


def waiting(stage: Stage) -> list[dict[str, Any]]:
    return [entry for _, entry in stage.world.store.all("timer")]


def test_a_text_to_a_number_is_heard_where_texts_are(stage: Stage) -> None:
    french, moroccan = order(stage, "FR"), order(stage, "MA", "line_2")
    body = "WhatsApp code 482-913"
    assert not stage.world.text(moroccan.phone_number, sender="+14155550100", body=body)
    assert stage.world.text(french.phone_number, sender="+14155550100", body=body)
    eventually(lambda: bool(stage.heard))
    expected = HeardCode(phone_number=french.phone_number, code="482913", method="SMS")
    assert stage.heard == [expected]


def test_nobody_carries_a_number_that_is_not_rented(stage: Stage) -> None:
    assert not stage.world.ring("+212520000001", caller="+14155550100", speech=SPEECH)
    assert not stage.world.text("+33123000001", sender="+14155550100", body="482-913")
