"""Twilio against the suites of suppliers and code captures, and what is Twilio's own."""

import re
from typing import Any

import pytest
import requests

from gateway.plugin_api import OwnedNumber
from gateway.testing.captures import CODE, CodeCaptureContract
from gateway.testing.far_side import CALLER, Simulated, SimulatedFarSide
from gateway.testing.serving import eventually
from gateway.testing.suppliers import SupplierContract, rent
from gateway.testing.suppliers_over_http import SupplierOverHttp
from plugins.supplier_twilio.captures import TwilioCapture
from plugins.supplier_twilio.supplier import TwilioSupplier
from tests.sources import ROOT

SID = "AC00000000000000000000000000000001"
SPEECH = "Your WhatsApp code is 4 8 2, 9 1 3. Once again, it is 4 8 2, 9 1 3."


class TestTwilio(SupplierContract, SupplierOverHttp, CodeCaptureContract):
    simulated = Simulated(
        supplier=TwilioSupplier,
        capture=TwilioCapture,
        simulator="plugins.supplier_twilio.simulator:TwilioSimulator",
        settings={"account_sid": SID, "auth_token": "token"},
        urls=dict.fromkeys(
            ("api_url", "pricing_url", "numbers_url", "numbers_upload_url"), "/twilio"
        ),
        wrong={"auth_token": "another"},
        stock={"MA": 9, "FR": 9, "SN": 0, "ES": 9},
        papers=("ES",),
        with_papers={"bundles": {"ES": "BU00000000000000000000000000000001"}},
        with_clients_papers={"client_papers": ["ES"], "papers_email": "papers@platform.example"},
    )

    @pytest.fixture
    def path(self) -> str:
        return f"/2010-04-01/Accounts/{SID}/IncomingPhoneNumbers"

    def test_moroccan_numbers_hear_voice_only(self, far_side: SimulatedFarSide) -> None:
        offers = far_side.supplier.search("MA")
        assert offers[0].phone_number == "+212520000001"
        assert {offer.hears for offer in offers} == {("VOICE",)}
        assert far_side.supplier.search("FR")[0].hears == ("VOICE", "SMS")

    def test_searches_at_the_same_time_do_not_all_get_the_same_first_number(
        self, far_side: SimulatedFarSide
    ) -> None:
        assert len({far_side.supplier.search("MA")[0].phone_number for _ in range(3)}) == 3

    def test_a_long_list_comes_in_pages(self, far_side: SimulatedFarSide, path: str) -> None:
        for reference in ("line_1", "line_2", "line_3"):
            rent(far_side, far_side.supplier.search("MA")[0], reference)
        following = f"{path}.json?PageSize=2"
        seen: list[str] = []
        while following:
            page = ask(far_side, "GET", following).json()
            seen += [number["friendly_name"] for number in page["incoming_phone_numbers"]]
            following = page["next_page_uri"]
        assert seen == ["line_1", "line_2", "line_3"]

    def test_a_call_is_answered_late_by_a_gateway_that_restarts(
        self, far_side: SimulatedFarSide, number: OwnedNumber, path: str
    ) -> None:
        def point_calls_at(url: str) -> None:
            form = {"VoiceUrl": url}
            assert ask(far_side, "POST", f"{path}/{number.supplier_ref}.json", data=form).ok

        point_calls_at("http://127.0.0.1:1/")
        far_side.world.ring(number.phone_number, caller=CALLER, speech=SPEECH)
        eventually(lambda: any(ring["payload"]["rings"] > 1 for ring in waiting(far_side)))
        point_calls_at(far_side.inbound.voice)
        eventually(lambda: bool(far_side.heard(far_side.reports)))

    def test_a_text_is_heard_where_texts_are(
        self, far_side: SimulatedFarSide, number: OwnedNumber
    ) -> None:
        french = rent(far_side, far_side.supplier.search("FR")[0], "line_fr")
        assert not far_side.world.text(number.phone_number, sender=CALLER, body=CODE)
        [report] = far_side.say(french, CODE, "SMS")
        assert report.kind == "sms"

    def test_nobody_carries_a_number_that_is_not_rented(self, far_side: SimulatedFarSide) -> None:
        assert not far_side.world.ring("+212520000001", caller=CALLER, speech=SPEECH)
        assert not far_side.world.text("+33123000001", sender=CALLER, body=CODE)


def test_the_how_to_shows_a_suite_as_it_is_written() -> None:
    page = (ROOT / "docs" / "how-to" / "write-a-supplier.md").read_text(encoding="utf-8")
    [example] = re.findall(r"```python\n(.+?)```", page, re.DOTALL)
    names: dict[str, Any] = {"__name__": "example"}
    exec(compile(example, "example", "exec"), names)
    assert names["TestTwilio"].__bases__ == TestTwilio.__bases__
    assert names["TestTwilio"].simulated.simulator == TestTwilio.simulated.simulator


def ask(far_side: SimulatedFarSide, method: str, path: str, **options: Any) -> requests.Response:
    """Call the simulator as its account."""
    url = f"{far_side.world.sandbox_url}/twilio{path}"
    return requests.request(method, url, auth=(SID, "token"), timeout=60, **options)


def waiting(far_side: SimulatedFarSide) -> list[dict[str, Any]]:
    """The calls and transcripts that are due."""
    return [entry["document"] for _, entry in far_side.world.store.all("timer")]
