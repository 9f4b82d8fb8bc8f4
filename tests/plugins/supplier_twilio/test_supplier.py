"""The adapter at its HTTP border: what it asks Twilio, and what each answer means."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests
import responses

from gateway.plugin_api import (
    AccountStopped,
    HttpClient,
    InboundUrls,
    NumberOffer,
    OutcomeUnknown,
    ProviderError,
    Refused,
    TryAgain,
)
from plugins.supplier_twilio.settings import TwilioSettings
from plugins.supplier_twilio.supplier import TwilioSupplier

SID = "AC00000000000000000000000000000001"
ACCOUNT = f"https://api.twilio.com/2010-04-01/Accounts/{SID}"
NUMBERS = f"{ACCOUNT}/IncomingPhoneNumbers.json"
MOROCCO = f"{ACCOUNT}/AvailablePhoneNumbers/MA"
PRICES = "https://pricing.twilio.com/v1/PhoneNumbers/Countries/MA"
OFFER = NumberOffer(
    phone_number="+212520000001", country="MA", number_type="local", hears=("VOICE",)
)
INBOUND = InboundUrls(voice="https://gw.test/voice", sms="https://gw.test/sms")
VOICE_ONLY = {"voice": True, "sms": False, "mms": False}
OWNED = {
    "sid": "PN00000000000000000000000000000001",
    "phone_number": "+212520000001",
    "friendly_name": "line_1",
    "capabilities": VOICE_ONLY,
    "type": "local",
}
PRICE_SHEET = {
    "phone_number_prices": [
        {"number_type": "mobile", "base_price": "9.00", "current_price": "9.00"},
        {"number_type": "local", "base_price": "1.15", "current_price": "1.15"},
    ],
    "price_unit": "USD",
}


@pytest.fixture
def twilio() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture
def supplier() -> TwilioSupplier:
    settings = TwilioSettings().load({"account_sid": SID, "auth_token": "token"})
    return TwilioSupplier(settings, HttpClient())


def order(supplier: TwilioSupplier) -> Any:
    return supplier.order(OFFER, reference="line_1", inbound=INBOUND)


def problem(code: int, status: int) -> dict[str, Any]:
    return {"code": code, "message": "Sorry", "more_info": "https://x.test", "status": status}


def available(*numbers: tuple[str, dict[str, bool]]) -> dict[str, Any]:
    listed = [{"phone_number": number, "capabilities": can} for number, can in numbers]
    return {"available_phone_numbers": listed}


def test_a_search_asks_for_each_type_that_is_sold(
    twilio: responses.RequestsMock, supplier: TwilioSupplier
) -> None:
    twilio.get(f"{MOROCCO}.json", json={"subresource_uris": {"local": "", "mobile": ""}})
    voice = responses.matchers.query_param_matcher({"VoiceEnabled": "true"})
    local = available(
        ("+212520000001", VOICE_ONLY), ("+212520000002", {"voice": True, "sms": True})
    )
    mobile = available(("+212600000001", {"voice": True, "sms": True}))
    twilio.get(f"{MOROCCO}/Local.json", match=[voice], json=local)
    texts = responses.matchers.query_param_matcher({"SmsEnabled": "true"})
    twilio.get(f"{MOROCCO}/Mobile.json", match=[texts], json=mobile)
    assert [(offer.phone_number, offer.hears) for offer in supplier.search("MA")] == [
        ("+212520000001", ("VOICE",)),
        ("+212520000002", ("VOICE", "SMS")),
        ("+212600000001", ("SMS", "VOICE")),
    ]


def test_a_country_twilio_does_not_know_is_not_sold(
    twilio: responses.RequestsMock, supplier: TwilioSupplier
) -> None:
    twilio.get(f"{MOROCCO}.json", status=404, json=problem(20404, 404))
    with pytest.raises(Refused) as refused:
        supplier.search("MA")
    assert (refused.value.code, refused.value.who) == ("country_not_sold", "operator")


def test_a_country_with_other_types_only_is_told_from_one_that_is_not_sold(
    twilio: responses.RequestsMock, supplier: TwilioSupplier
) -> None:
    twilio.get(f"{MOROCCO}.json", json={"subresource_uris": {"toll_free": ""}})
    with pytest.raises(Refused, match="type_not_sold"):
        supplier.search("MA")


def test_an_empty_shelf_is_out_of_stock(
    twilio: responses.RequestsMock, supplier: TwilioSupplier
) -> None:
    twilio.get(f"{MOROCCO}.json", json={"subresource_uris": {"local": ""}})
    twilio.get(f"{MOROCCO}/Local.json", json=available())
    with pytest.raises(Refused) as refused:
        supplier.search("MA")
    assert (refused.value.code, refused.value.who) == ("out_of_stock", "supplier")


def test_an_order_carries_its_reference_and_where_calls_go(
    twilio: responses.RequestsMock, supplier: TwilioSupplier
) -> None:
    twilio.post(NUMBERS, status=201, json=OWNED)
    number = order(supplier)
    assert number.supplier_ref == OWNED["sid"]
    assert number.hears == ("VOICE",)
    sent = twilio.calls[-1].request
    assert sent.headers["Authorization"] == requests.auth._basic_auth_str(SID, "token")
    assert parse_qs(str(sent.body)) == {
        "PhoneNumber": ["+212520000001"],
        "FriendlyName": ["line_1"],
        "VoiceUrl": ["https://gw.test/voice"],
        "VoiceMethod": ["POST"],
        "SmsUrl": ["https://gw.test/sms"],
        "SmsMethod": ["POST"],
    }


@pytest.mark.parametrize(
    ("status", "body", "expected", "code"),
    [
        (400, problem(21422, 400), TryAgain, "number_taken"),
        (400, problem(21631, 400), Refused, "papers_missing"),
        (400, problem(21421, 400), Refused, "number_invalid"),
        (400, problem(20001, 400), Refused, "supplier_refused"),
        (401, problem(20003, 401), AccountStopped, "supplier_login_refused"),
        (429, problem(20429, 429), TryAgain, "rate_limited"),
        (500, problem(20500, 500), OutcomeUnknown, "supplier_failed"),
        (502, "<html>", OutcomeUnknown, "supplier_failed"),
        (201, "<html>", OutcomeUnknown, "broken_answer"),
        (302, "", Refused, "supplier_refused"),
    ],
)
def test_what_becomes_of_an_order(
    twilio: responses.RequestsMock,
    supplier: TwilioSupplier,
    status: int,
    body: Any,
    expected: type[ProviderError],
    code: str,
) -> None:
    content = {"json": body} if isinstance(body, dict) else {"body": body}
    twilio.post(NUMBERS, status=status, **content)
    with pytest.raises(expected) as raised:
        order(supplier)
    assert type(raised.value) is expected
    assert raised.value.code == code
    assert raised.value.provider_code == (str(body["code"]) if isinstance(body, dict) else None)


def test_an_order_names_the_papers_of_its_country(twilio: responses.RequestsMock) -> None:
    papers = {"bundles": {"MA": f"BU{'1' * 32}", "FR": f"BU{'2' * 32}"}}
    papers["addresses"] = {"MA": f"AD{'3' * 32}"}
    settings = TwilioSettings().load({"account_sid": SID, "auth_token": "token", **papers})
    twilio.post(NUMBERS, status=201, json=OWNED)
    order(TwilioSupplier(settings, HttpClient()))
    sent = parse_qs(str(twilio.calls[-1].request.body))
    assert sent["BundleSid"] == [papers["bundles"]["MA"]]
    assert sent["AddressSid"] == [papers["addresses"]["MA"]]


def test_each_paper_of_a_regulation_is_named(
    twilio: responses.RequestsMock, supplier: TwilioSupplier
) -> None:
    query = {
        "IsoCountry": "MA",
        "NumberType": "toll-free",
        "EndUserType": "business",
        "IncludeConstraints": "true",
    }
    business = {"requirement_name": "business_info", "name": "Business", "type": "business"}
    address = {"requirement_name": "address_info", "name": "Address", "type": "document"}
    required = {"end_user": [business], "supporting_document": [[address]]}
    twilio.get(
        "https://numbers.twilio.com/v2/RegulatoryCompliance/Regulations",
        match=[responses.matchers.query_param_matcher(query)],
        json={"results": [{"requirements": required}], "meta": {}},
    )
    assert [(paper.name, paper.title) for paper in supplier.requirements("MA", "toll_free")] == [
        ("business_info", "Business"),
        ("address_info", "Address"),
    ]


def test_the_price_sheet_has_every_type_that_is_priced(
    twilio: responses.RequestsMock, supplier: TwilioSupplier
) -> None:
    toll_free = {"number_type": "toll free", "base_price": "2", "current_price": "2.10"}
    prices = [*PRICE_SHEET["phone_number_prices"], toll_free]  # type: ignore[misc]
    twilio.get(PRICES, json={**PRICE_SHEET, "phone_number_prices": prices})
    sheet = supplier.price_sheet("MA")
    assert {kind: str(it.monthly and it.monthly.amount) for kind, it in sheet.items()} == {
        "local": "1.15", "mobile": "9.00", "toll_free": "2.10",
    }  # fmt: skip


def test_a_number_is_found_by_its_reference(
    twilio: responses.RequestsMock, supplier: TwilioSupplier
) -> None:
    named = responses.matchers.query_param_matcher({"FriendlyName": "line_1"})
    twilio.get(NUMBERS, match=[named], json={"incoming_phone_numbers": [OWNED]})
    number = supplier.find("line_1")
    assert number is not None
    assert number.supplier_ref == OWNED["sid"]


def test_a_number_of_another_reference_is_not_ours(
    twilio: responses.RequestsMock, supplier: TwilioSupplier
) -> None:
    other = OWNED | {"friendly_name": "line_12"}
    twilio.get(NUMBERS, json={"incoming_phone_numbers": [other]})
    assert supplier.find("line_1") is None


@pytest.mark.parametrize(
    "failure",
    [{"status": 500}, {"body": "<html>"}, {"body": requests.exceptions.ReadTimeout()}],
)
def test_reading_can_always_be_repeated(
    twilio: responses.RequestsMock, supplier: TwilioSupplier, failure: dict[str, Any]
) -> None:
    twilio.get(NUMBERS, **failure)
    with pytest.raises(TryAgain):
        supplier.find("line_1")


def test_a_rate_limit_says_when_to_come_back(
    twilio: responses.RequestsMock, supplier: TwilioSupplier
) -> None:
    headers = {"Retry-After": "7"}
    twilio.get(NUMBERS, status=429, headers=headers, json=problem(20429, 429))
    with pytest.raises(TryAgain) as raised:
        supplier.find("line_1")
    assert raised.value.retry_after == 7


@pytest.mark.parametrize("status", [204, 404])
def test_a_release_ends_with_the_number_gone(
    twilio: responses.RequestsMock, supplier: TwilioSupplier, status: int
) -> None:
    twilio.delete(f"{ACCOUNT}/IncomingPhoneNumbers/PN1.json", status=status)
    supplier.release("PN1")


@pytest.mark.parametrize(("status", "expected"), [(500, TryAgain), (401, AccountStopped)])
def test_a_failed_release_is_said(
    twilio: responses.RequestsMock,
    supplier: TwilioSupplier,
    status: int,
    expected: type[ProviderError],
) -> None:
    twilio.delete(f"{ACCOUNT}/IncomingPhoneNumbers/PN1.json", status=status)
    with pytest.raises(expected):
        supplier.release("PN1")


def test_charges_are_read_page_after_page_to_the_last_decimal(
    twilio: responses.RequestsMock, supplier: TwilioSupplier
) -> None:
    following = f"/2010-04-01/Accounts/{SID}/Usage/Records/Daily.json?Page=1&PageToken=PA1"
    days = [
        {"start_date": f"2026-11-0{n}", "count": count, "price": price, "price_unit": "usd"}
        for n, count, price in ((1, "0", "0"), (2, "2", "2.30"), (3, "1", "1.15000"))
    ]
    asked = {
        "Category": "phonenumbers",
        "StartDate": "2026-11-01",
        "EndDate": "2026-11-03",
        "PageSize": "100",
    }
    match = [responses.matchers.query_param_matcher(asked)]
    page = {"usage_records": days[:2], "next_page_uri": following}
    twilio.get(f"{ACCOUNT}/Usage/Records/Daily.json", match=match, json=page)
    last = {"usage_records": days[2:], "next_page_uri": None}
    twilio.get(f"https://api.twilio.com{following}", json=last)
    found = supplier.usage(date(2026, 11, 1), date(2026, 11, 3))
    assert [
        (it.starts_at.date().day, it.quantity, it.money and it.money.as_json()) for it in found
    ] == [
        (2, 2, {"amount": "2.30", "currency": "USD"}),
        (3, 1, {"amount": "1.15000", "currency": "USD"}),
    ]


def test_a_list_of_charges_that_is_not_there_is_no_bill_of_nothing(
    twilio: responses.RequestsMock, supplier: TwilioSupplier
) -> None:
    twilio.get(f"{ACCOUNT}/Usage/Records/Daily.json", status=404, json=problem(20404, 404))
    with pytest.raises(Refused):
        supplier.usage(date(2026, 11, 1), date(2026, 11, 3))
