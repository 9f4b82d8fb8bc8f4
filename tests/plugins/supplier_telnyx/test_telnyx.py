"""Telnyx against the suites of suppliers and code captures, and what is Telnyx's own."""

import base64
import json
import time
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.plugin_api import (
    HttpClient,
    InboundReport,
    OwnedNumber,
)
from gateway.testing.captures import CODE, CodeCaptureContract
from gateway.testing.far_side import Simulated, SimulatedFarSide
from gateway.testing.serving import eventually
from gateway.testing.suppliers import SupplierContract, rent
from gateway.testing.suppliers_over_http import SupplierOverHttp
from plugins.supplier_telnyx.captures import TelnyxCapture
from plugins.supplier_telnyx.settings import TelnyxSettings
from plugins.supplier_telnyx.signature import REPLAY_SECONDS, is_signed, sign
from plugins.supplier_telnyx.simulated_calls import signing_key
from plugins.supplier_telnyx.supplier import TelnyxSupplier

KEY = "KEY0123456789"
# Vector of our own: the seed is the bytes 00 to 1f.
PUBLIC_KEY = "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="
SIGNATURE = (
    "w9TRWL8lGhA1V+KmZC5wbt48fq+X2Dql5Eh4MLmoxZhFizn++kr7ZP31IUpUX9OJyWpoH8Ko7joZ92GsfajmCg=="
)


def public(key: Ed25519PrivateKey) -> str:
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


class TestTelnyx(SupplierContract, SupplierOverHttp, CodeCaptureContract):
    replay_seconds = REPLAY_SECONDS
    simulated = Simulated(
        supplier=TelnyxSupplier,
        capture=TelnyxCapture,
        simulator="plugins.supplier_telnyx.simulator:TelnyxSimulator",
        settings={
            "api_key": KEY,
            "public_key": public(signing_key(KEY)),
            "connection_id": "1293384261075731499",
            "messaging_profile_id": "4001767b-0001-4000-8000-000000000001",
        },
        urls={"api_url": "/telnyx"},
        wrong={"api_key": "another", "public_key": PUBLIC_KEY},
        stock={"MA": 9, "FR": 9, "SN": 0, "ES": 9},
        papers=("ES",),
        with_papers={"requirement_groups": {"ES": "group-1"}},
        with_clients_papers={"client_papers": ["ES"]},
    )

    def test_what_was_charged_is_told_by_number(
        self, far_side: SimulatedFarSide, number: OwnedNumber
    ) -> None:
        today = far_side.world.now().date()
        assert isinstance(far_side.supplier, TelnyxSupplier)
        found = far_side.supplier.usage(today.replace(day=1), today)
        told = {
            (it.kind, it.phone_number, it.quantity, it.money and it.money.amount) for it in found
        }
        assert told == {
            ("number_month", number.phone_number, 1, Decimal("1.50")),
            ("set_up", number.phone_number, 1, Decimal("2.00")),
        }
        before = today.replace(day=1) - timedelta(days=1)
        assert far_side.supplier.usage(before.replace(day=1), before) == []

    def test_a_text_is_heard_where_texts_are(self, far_side: SimulatedFarSide) -> None:
        french = rent(far_side, far_side.supplier.search("FR")[0], "line_fr")
        assert french.hears == ("VOICE", "SMS")
        [report] = far_side.say(french, CODE, "SMS")
        assert report.kind == "sms"

    def test_a_call_is_hung_up_once_its_code_is_heard(
        self, far_side: SimulatedFarSide, number: OwnedNumber
    ) -> None:
        far_side.say(number, CODE, "VOICE")
        eventually(lambda: call_of(far_side)["call"].get("ended", False))
        commands = [command.rpartition("-")[2] for command in call_of(far_side)["done"]]
        assert commands == ["answer", "transcription_start", "hangup"]


def call_of(far_side: SimulatedFarSide) -> Any:
    [(_, call)] = far_side.world.store.all("telnyx-call")
    return call


def test_the_vector_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1767225600.0)
    body = b'{"data":{"event_type":"message.received"}}'
    headers = {"telnyx-timestamp": "1767225600", "telnyx-signature-ed25519": SIGNATURE}
    assert is_signed(PUBLIC_KEY, headers, body)
    assert sign(Ed25519PrivateKey.from_private_bytes(bytes(range(32))), "1767225600", body) == (
        headers
    )
    for wrong in ({}, {"telnyx-timestamp": "1767225601"}, {"telnyx-timestamp": "²"}):
        assert not is_signed(PUBLIC_KEY, {**headers, **wrong} if wrong else {}, body)


@pytest.mark.parametrize("written", ["", "no base64!", "AAAA", PUBLIC_KEY[:-4]])
def test_what_is_no_public_key_is_said(written: str) -> None:
    problems = TelnyxSettings().validate({"public_key": written}, partial=True)
    assert "in base64" in problems["public_key"][0]


@pytest.mark.parametrize("call", ["../../phone_numbers/1", "..", "", "a/b", 7, None])
def test_no_report_makes_us_call_another_path(call: Any) -> None:
    settings = {"public_key": PUBLIC_KEY, "api_key": KEY, "api_url": "http://127.0.0.1:1"}
    payload = {"call_control_id": call, "direction": "incoming", "to": "+212520000001"}
    body = json.dumps({"data": {"event_type": "call.initiated", "payload": payload}}).encode()
    report = InboundReport(kind="voice", url="", headers={}, body=body)
    TelnyxCapture(settings, HttpClient()).act(report)  # it would not be reached
