"""DIDWW against the suites of suppliers and code captures, and what is DIDWW's own."""

import base64
import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from gateway.plugin_api import (
    HeardCode,
    HttpClient,
    InboundReport,
    Money,
    NumberOffer,
    OwnedNumber,
    PendingOrder,
    Refused,
    TakesPapers,
    TryAgain,
)
from gateway.testing.captures import CODE, CodeCaptureContract
from gateway.testing.far_side import Simulated, SimulatedFarSide
from gateway.testing.serving import eventually
from gateway.testing.suppliers import SupplierContract
from gateway.testing.suppliers_over_http import SupplierOverHttp
from plugins.supplier_didww.captures import DidwwCapture
from plugins.supplier_didww.settings import DidwwSettings
from plugins.supplier_didww.signature import sign
from plugins.supplier_didww.simulator import DidwwSimulator
from plugins.supplier_didww.supplier import DidwwSupplier

SECRET = "sim_api_key"
TOKEN = "a-long-random-token-that-texts-carry"
URL = "https://gw.test/suppliers/didww/orders"
ORDER = {
    "id": "00000000-0000-4000-8000-000000000001",
    "status": "completed",
    "type": "orders",
}
SIGNATURE = "19ebe5fe2fb25e9314495fe7e3f61f19684c8e3a"


class TestDidww(SupplierContract, SupplierOverHttp, CodeCaptureContract):
    country = "FR"  # numbers of Morocco hear calls only, and no trunk takes those here
    methods = ("SMS",)
    simulated = Simulated(
        supplier=DidwwSupplier,
        capture=DidwwCapture,
        simulator="plugins.supplier_didww.simulator:DidwwSimulator",
        settings={
            "api_key": "key",
            "callback_secret": SECRET,
            "sms_trunk_id": "5c6f00cd-cfca-441f-9322-5d000458b44f",
            "sms_token": TOKEN,
        },
        urls={"api_url": "/didww", "auth_url": "/didww"},
        wrong={"api_key": "another", "callback_secret": "another", "sms_token": TOKEN[::-1]},
        stock={"MA": 9, "FR": 9, "SN": 0, "ES": 9},
        papers=("ES",),
        with_papers={"addresses": {"ES": "d3414687-40f4-4346-a267-c2c65117d28c"}},
    )

    def test_only_what_a_trunk_takes_is_heard(self, far_side: SimulatedFarSide) -> None:
        with pytest.raises(Refused) as unheard:
            far_side.supplier.search("MA")
        assert unheard.value.code == "type_not_sold"
        assert "trunk" in unheard.value.detail
        far_side.supplier = far_side.made({"voice_trunk_id": "41b94706"})
        assert far_side.supplier.search("MA")[0].hears == ("VOICE",)
        assert far_side.capture.listens("didww") == ("SMS",), "whoever hears calls is another"
        assert not far_side.capture.listens("twilio")
        assert far_side.supplier.search("FR")[0].hears == ("VOICE", "SMS")

    def test_calls_need_a_channel_and_a_price_has_the_accounts_currency(
        self, far_side: SimulatedFarSide, offer: NumberOffer
    ) -> None:
        quote = far_side.made({"currency": "EUR"}).quote(offer)
        assert quote.monthly == Money(amount=Decimal("1.20"), currency="EUR")
        assert quote.set_up == Money(amount=Decimal("0.90"), currency="EUR")

    def test_a_token_that_was_withdrawn_is_bought_anew(
        self, far_side: SimulatedFarSide, number: OwnedNumber, reference: str
    ) -> None:
        account(far_side).withdraw_tokens()
        assert far_side.supplier.find(reference) == number

    def test_a_token_that_cannot_be_bought_leaves_an_order_undone(
        self, far_side: SimulatedFarSide, hasty: DidwwSupplier, offer: NumberOffer, reference: str
    ) -> None:
        faults = {"timeout_after_accept_rate": 1, "calls": ["token"]}
        far_side.world.fault_panel.set({"supplier": faults})
        with pytest.raises(TryAgain):
            hasty.order(offer, reference=reference, inbound=far_side.inbound)
        assert far_side.rented() == []

    def test_what_became_of_an_order_is_called_back_and_signed(
        self, far_side: SimulatedFarSide, number: OwnedNumber
    ) -> None:
        eventually(lambda: any(it.kind == "orders" for it in far_side.reports))
        [called_back] = [it for it in far_side.reports if it.kind == "orders"]
        assert b"status=completed" in called_back.body
        assert far_side.capture.is_genuine(called_back)
        assert not far_side.stranger.is_genuine(called_back)
        forged = replace(called_back, body=called_back.body.replace(b"completed", b"canceled"))
        assert not far_side.capture.is_genuine(forged)

    def test_a_number_gets_its_papers_handed_in_once_by_address(
        self, far_side: SimulatedFarSide, reference: str
    ) -> None:
        far_side.supplier = far_side.made(far_side.simulated.with_papers)
        offer = far_side.supplier.search("ES")[0]
        far_side.judge_papers("hold")
        far_side.supplier.order(offer, reference=reference, inbound=far_side.inbound)
        eventually(lambda: far_side.rented() == [reference])

        def standing() -> tuple[str, str, str]:
            found = far_side.supplier.find(reference)
            assert isinstance(found, PendingOrder)
            assert found.phone_number == offer.phone_number
            return found.code, found.who, found.detail

        for _ in range(2):
            assert standing()[:2] == ("papers_in_review", "supplier")
        far_side.judge_papers("decline", reason="The proof is older than 6 months")
        eventually(lambda: standing()[0] == "papers_declined")
        for _ in range(2):
            code, who, detail = standing()
            assert (code, who) == ("papers_declined", "operator")
            assert detail.endswith("The proof is older than 6 months.")
        assert len(verifications(far_side)) == 1
        far_side.supplier = far_side.made()
        assert standing()[:2] == ("papers_missing", "operator")

        far_side.judge_papers("approve")
        far_side.supplier = far_side.made({"addresses": {"ES": "another"}})
        eventually(lambda: isinstance(far_side.supplier.find(reference), OwnedNumber))
        assert len(verifications(far_side)) == 2
        assert far_side.rented() == [reference]

    def test_no_client_is_asked_for_papers_and_nothing_is_kept_without_the_platforms(
        self, far_side: SimulatedFarSide, reference: str
    ) -> None:
        supplier = far_side.supplier
        assert isinstance(supplier, DidwwSupplier)
        assert not isinstance(supplier, TakesPapers)
        asked = supplier.requirements("ES", "local")
        assert {(paper.who, paper.kind) for paper in asked} == {("operator", None)}
        offer = supplier.search("ES")[0]
        for ask in (
            lambda: supplier.reserve(offer, reference=reference),
            lambda: supplier.order(offer, reference=reference, inbound=far_side.inbound),
        ):
            with pytest.raises(Refused) as refused:
                ask()
            assert (refused.value.code, refused.value.who) == ("papers_missing", "operator")
        assert account(far_side).reservations() == account(far_side).orders() == []
        assert supplier.find(reference) is None


def verifications(far_side: SimulatedFarSide) -> Any:
    return list(far_side.world.store.all("didww-verification"))


def account(far_side: SimulatedFarSide) -> Any:
    [simulator] = far_side.world.carriers()
    assert isinstance(simulator, DidwwSimulator)
    return simulator.account


@pytest.fixture
def capture() -> DidwwCapture:
    return DidwwCapture({"callback_secret": SECRET, "sms_token": TOKEN}, HttpClient())


def report(said: object, token: str = TOKEN) -> InboundReport:
    """A text as the trunk posts it."""
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    return InboundReport(kind="sms", url="", headers={"x-sms-token": token}, body=body)


def test_the_vector_holds() -> None:
    assert sign(SECRET, URL, ORDER) == SIGNATURE
    assert sign(SECRET, URL.replace("gw.test", "gw.test:443"), ORDER) == SIGNATURE


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("http://gw.test/x", "http://gw.test:80/x"),
        ("https://user:pw@gw.test/x?y=1#z", "https://user:pw@gw.test:443/x?y=1#z"),
        ("https://[::1]/x", "https://[::1]:443/x"),
    ],
)
def test_a_url_is_signed_with_its_port(url: str, same: str) -> None:
    assert sign(SECRET, url, ORDER) == sign(SECRET, same, ORDER)
    other = same.replace(":443", ":8443").replace(":80/", ":8080/")
    assert sign(SECRET, url, ORDER) != sign(SECRET, other, ORDER)


@pytest.mark.parametrize("to", ["33612345678", "+33612345678", "%2B33612345678"])
def test_a_text_is_read_however_its_number_is_written(capture: DidwwCapture, to: str) -> None:
    text = base64.b64encode(f"WhatsApp: {CODE} « é »".encode()).decode()
    arrived = report({"id": "1", "to": to, "text": text})
    assert capture.is_genuine(arrived)
    [heard] = capture.hear(arrived)
    assert heard == HeardCode(phone_number="+33612345678", code=CODE, method="SMS")


@pytest.mark.parametrize(
    "said",
    [
        [],
        7,
        {"id": "1", "to": "33612345678"},
        {"id": "1", "to": 7, "text": ""},
        {"id": "1", "to": "33612345678", "text": "é"},
        {"to": "33612345678", "text": ""},
    ],
)
def test_what_is_no_text_is_not_genuine(capture: DidwwCapture, said: object) -> None:
    assert not capture.is_genuine(report(said))
    assert not capture.hear(report(said))


def test_without_a_secret_nobody_may_post() -> None:
    open_door = DidwwCapture({"callback_secret": "", "sms_token": ""}, HttpClient())
    text = {"id": "1", "to": "33612345678", "text": base64.b64encode(CODE.encode()).decode()}
    assert not open_door.is_genuine(report(text, token=""))
    signed = {"x-didww-signature": sign("", URL, {})}
    assert not open_door.is_genuine(InboundReport(kind="orders", url=URL, headers=signed, body=b""))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"sms_trunk_id": "1"}, "come together"),
        ({"sms_token": TOKEN}, "come together"),
        ({}, "no code would be heard"),
        ({"sms_trunk_id": "1", "sms_token": "short"}, "Shorter than"),
    ],
)
def test_settings_that_hear_nothing_are_said(given: dict[str, str], said: str) -> None:
    assert said in json.dumps(DidwwSettings().validate({"api_key": "key", **given}))
