"""The registrar at its HTTP border: what it asks, and what it makes of the answers."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import responses

from gateway.plugin_api import (
    AccountStopped,
    Branding,
    HttpClient,
    OutcomeUnknown,
    ProviderError,
    Refused,
    TryAgain,
    WhatsAppNumber,
)
from plugins.whatsapp_cloud.registrar import WhatsAppCloudRegistrar

GRAPH = "https://graph.test/v25.0"
NUMBER, WABA = "3300000000000001", "2200000000000001"
SETTINGS = {
    "graph_url": "https://graph.test",
    "version": "v25.0",
    "app_id": "990000000000001",
    "app_secret": "secret",
    "access_token": "token",
    "verify_token": "verify",
}
SHOWN = {
    "id": NUMBER,
    "display_phone_number": "+212 520-000001",
    "verified_name": "Atlas Recrutement",
    "name_status": "PENDING_REVIEW",
    "code_verification_status": "VERIFIED",
    "status": "CONNECTED",
    "platform_type": "CLOUD_API",
    "quality_rating": "GREEN",
    "new_display_name": "Atlas Maroc Recrutement",
    "new_name_status": "PENDING_REVIEW",
}


@pytest.fixture
def graph() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture
def registrar() -> WhatsAppCloudRegistrar:
    return WhatsAppCloudRegistrar(SETTINGS, HttpClient())


def body_of(call: responses.Call) -> Any:
    return json.loads(call.request.body or "null")


def test_a_number_is_read_with_the_token_in_the_header(
    graph: responses.RequestsMock, registrar: WhatsAppCloudRegistrar
) -> None:
    graph.get(f"{GRAPH}/{NUMBER}", json=SHOWN)

    assert registrar.number(NUMBER) == WhatsAppNumber(
        phone_number_id=NUMBER,
        phone_number="+212520000001",
        display_name="Atlas Recrutement",
        name_status="PENDING_REVIEW",
        code_verified=True,
        connected=True,
        quality_rating="GREEN",
        new_display_name="Atlas Maroc Recrutement",
        new_name_status="PENDING_REVIEW",
    )
    assert graph.calls[0].request.headers["Authorization"] == "Bearer token"
    asked = parse_qs(urlsplit(str(graph.calls[0].request.url)).query)
    assert set(SHOWN) == set(asked["fields"][0].split(","))


@pytest.mark.parametrize(
    ("change", "connected", "verified"),
    [
        ({"status": "PENDING"}, False, True),
        ({"platform_type": "NOT_APPLICABLE"}, False, True),
        ({"code_verification_status": "EXPIRED"}, True, False),
    ],
)
def test_connected_and_verified_are_what_meta_says(
    graph: responses.RequestsMock,
    registrar: WhatsAppCloudRegistrar,
    change: dict[str, str],
    connected: bool,
    verified: bool,
) -> None:
    graph.get(f"{GRAPH}/{NUMBER}", json=SHOWN | change)

    number = registrar.number(NUMBER)

    assert (number.connected, number.code_verified) == (connected, verified)


def test_find_looks_through_all_pages_and_past_gone_numbers(
    graph: responses.RequestsMock, registrar: WhatsAppCloudRegistrar
) -> None:
    url = f"{GRAPH}/{WABA}/phone_numbers"
    gone = SHOWN | {"id": "1", "status": "DELETED"}
    more = {"cursors": {"after": "c2"}, "next": "https://graph.test/next"}
    graph.get(url, json={"data": [gone], "paging": more})
    last = responses.matchers.query_param_matcher({"after": "c2"}, strict_match=False)
    graph.get(url, json={"data": [SHOWN], "paging": {"cursors": {"after": "c3"}}}, match=[last])

    found = registrar.find(waba_id=WABA, phone_number="+212520000001")

    assert found is not None
    assert found.phone_number_id == NUMBER


def test_find_ends_with_the_last_page(
    graph: responses.RequestsMock, registrar: WhatsAppCloudRegistrar
) -> None:
    answer = {"data": [SHOWN], "paging": {"cursors": {"after": "c1"}}}
    graph.get(f"{GRAPH}/{WABA}/phone_numbers", json=answer)

    assert registrar.find(waba_id=WABA, phone_number="+212520000009") is None


def test_add_gives_country_code_and_national_number_apart(
    graph: responses.RequestsMock, registrar: WhatsAppCloudRegistrar
) -> None:
    graph.post(f"{GRAPH}/{WABA}/phone_numbers", json={"id": NUMBER})

    added = registrar.add(waba_id=WABA, phone_number="+212520000001", display_name="Atlas")

    assert added == NUMBER
    assert body_of(graph.calls[0]) == {
        "cc": "212",
        "phone_number": "520000001",
        "verified_name": "Atlas",
    }


def test_add_refuses_what_is_no_number_without_asking(registrar: WhatsAppCloudRegistrar) -> None:
    with pytest.raises(Refused) as caught:
        registrar.add(waba_id=WABA, phone_number="Atlas", display_name="Atlas")

    assert caught.value.code == "bad_number"


@pytest.mark.parametrize(
    ("path", "act", "sent"),
    [
        (f"{WABA}/subscribed_apps", lambda r: r.subscribe(WABA), None),
        (
            f"{NUMBER}/request_code",
            lambda r: r.request_code(NUMBER, method="VOICE", language="en_US"),
            {"code_method": "VOICE", "language": "en_US"},
        ),
        (f"{NUMBER}/verify_code", lambda r: r.verify_code(NUMBER, "123456"), {"code": "123456"}),
        (
            f"{NUMBER}/register",
            lambda r: r.register(NUMBER, pin="135790"),
            {"messaging_product": "whatsapp", "pin": "135790"},
        ),
        (f"{NUMBER}/deregister", lambda r: r.deregister(NUMBER), None),
        (
            NUMBER,
            lambda r: r.rename(NUMBER, display_name="Atlas Maroc"),
            {"new_display_name": "Atlas Maroc"},
        ),
    ],
)
def test_each_step_is_one_post(
    graph: responses.RequestsMock,
    registrar: WhatsAppCloudRegistrar,
    path: str,
    act: Callable[[WhatsAppCloudRegistrar], None],
    sent: Any,
) -> None:
    graph.post(f"{GRAPH}/{path}", json={"success": True})

    act(registrar)

    assert body_of(graph.calls[0]) == sent


def test_branding_uploads_the_picture_and_sets_all_in_one_call(
    graph: responses.RequestsMock, registrar: WhatsAppCloudRegistrar
) -> None:
    upload = graph.post(f"{GRAPH}/990000000000001/uploads", json={"id": "upload:abc?sig=1"})
    graph.post(f"{GRAPH}/upload:abc?sig=1", json={"h": "4::handle"})
    graph.post(f"{GRAPH}/{NUMBER}/whatsapp_business_profile", json={"success": True})

    registrar.brand(
        NUMBER, Branding(about="Powered by LinkoJob", description="Jobs", picture=b"\x89PNG")
    )

    assert upload.call_count == 1
    asked = parse_qs(urlsplit(str(graph.calls[0].request.url)).query)
    assert (asked["file_length"], asked["file_type"]) == (["4"], ["image/png"])
    bytes_call = graph.calls[1].request
    assert bytes_call.headers["Authorization"] == "OAuth token"
    assert (bytes_call.headers["file_offset"], bytes_call.body) == ("0", b"\x89PNG")
    assert body_of(graph.calls[2]) == {
        "messaging_product": "whatsapp",
        "about": "Powered by LinkoJob",
        "description": "Jobs",
        "profile_picture_handle": "4::handle",
    }


def test_branding_without_a_picture_leaves_the_one_there(
    graph: responses.RequestsMock, registrar: WhatsAppCloudRegistrar
) -> None:
    graph.post(f"{GRAPH}/{NUMBER}/whatsapp_business_profile", json={"success": True})

    registrar.brand(NUMBER, Branding(about="A", description="", picture=None))

    assert "profile_picture_handle" not in body_of(graph.calls[0])


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ([], ("", "", False)),
        ([{"about": "A", "profile_picture_url": "https://cdn.test/1"}], ("A", "", True)),
    ],
)
def test_the_profile_over_there(
    graph: responses.RequestsMock,
    registrar: WhatsAppCloudRegistrar,
    data: list[dict[str, str]],
    expected: tuple[str, str, bool],
) -> None:
    graph.get(f"{GRAPH}/{NUMBER}/whatsapp_business_profile", json={"data": data})

    profile = registrar.profile(NUMBER)

    assert (profile.about, profile.description, profile.has_picture) == expected


@pytest.mark.parametrize(
    ("error", "status", "kind", "code"),
    [
        ({"code": 100, "error_subcode": 2388001}, 400, Refused, "number_in_use"),
        ({"code": 133006}, 400, Refused, "not_verified"),
        ({"code": 133005}, 400, Refused, "pin_mismatch"),
        ({"code": 133016}, 400, TryAgain, "register_limit"),
        ({"code": 190}, 401, AccountStopped, "token_invalid"),
        ({"code": 131000}, 500, OutcomeUnknown, "meta_unavailable"),
    ],
)
def test_registering_says_apart_what_went_wrong(
    graph: responses.RequestsMock,
    registrar: WhatsAppCloudRegistrar,
    error: dict[str, int],
    status: int,
    kind: type[ProviderError],
    code: str,
) -> None:
    graph.post(f"{GRAPH}/{NUMBER}/register", json={"error": error}, status=status)

    with pytest.raises(ProviderError) as caught:
        registrar.register(NUMBER, pin="135790")

    assert (type(caught.value), caught.value.code) == (kind, code)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ({"code": 136025}, "wrong_code"),
        ({"code": 100}, "wrong_code"),
        ({"code": 100, "error_subcode": 33}, "no_such_object"),
        ({"code": 131009}, "bad_request"),
    ],
)
def test_a_wrong_code_is_told_from_a_wrong_request(
    graph: responses.RequestsMock,
    registrar: WhatsAppCloudRegistrar,
    error: dict[str, int],
    code: str,
) -> None:
    graph.post(f"{GRAPH}/{NUMBER}/verify_code", json={"error": error}, status=400)

    with pytest.raises(Refused) as caught:
        registrar.verify_code(NUMBER, "000000")

    assert caught.value.code == code


@pytest.mark.parametrize(
    "answer",
    [
        {"body": requests.exceptions.ReadTimeout()},
        {"body": requests.exceptions.ConnectionError("reset")},
        {"body": "<html>Bad gateway</html>", "status": 502},
        {"body": "", "status": 200},
        {"json": ["odd"]},
        {"json": {"detail": "odd"}, "status": 503},
        {"json": {"error": {"code": 2, "is_transient": True}}, "status": 503},
    ],
)
def test_without_a_clear_answer_a_change_may_have_happened_and_a_look_may_be_repeated(
    graph: responses.RequestsMock, registrar: WhatsAppCloudRegistrar, answer: dict[str, Any]
) -> None:
    graph.post(f"{GRAPH}/{NUMBER}/register", **answer)
    graph.get(f"{GRAPH}/{NUMBER}", **answer)

    with pytest.raises(OutcomeUnknown):
        registrar.register(NUMBER, pin="135790")
    with pytest.raises(TryAgain):
        registrar.number(NUMBER)


def test_an_answer_without_the_new_id_may_have_added_the_number(
    graph: responses.RequestsMock, registrar: WhatsAppCloudRegistrar
) -> None:
    graph.post(f"{GRAPH}/{WABA}/phone_numbers", json={"success": True})

    with pytest.raises(OutcomeUnknown):
        registrar.add(waba_id=WABA, phone_number="+212520000001", display_name="Atlas")
