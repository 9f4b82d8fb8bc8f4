"""Messages and templates at the HTTP border, and the webhook's two proofs."""

import hmac
import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest
import requests
import responses
from marshmallow import ValidationError

from gateway.plugin_api import (
    Acceptance,
    HttpClient,
    OutcomeUnknown,
    OutgoingMessage,
    ProviderError,
    Recipient,
    RecipientUnreachable,
    Refused,
    TemplateDraft,
    TemplateNeeded,
    TemplateState,
    TryAgain,
)
from plugins.whatsapp_cloud.messaging import WhatsAppCloudMessaging
from plugins.whatsapp_cloud.settings import WhatsAppCloudSettings

NUMBER, WABA = "3300000000000001", "2200000000000001"
SEND = f"https://graph.test/v25.0/{NUMBER}/messages"
TEMPLATES = f"https://graph.test/v25.0/{WABA}/message_templates"
SETTINGS = {
    "graph_url": "https://graph.test/",
    "version": "v25.0",
    "app_id": "990000000000001",
    "app_secret": "app secret",
    "access_token": "token",
    "verify_token": "verify",
}
TAKEN = {
    "messaging_product": "whatsapp",
    "contacts": [{"input": "+212600000001", "wa_id": "212600000001", "user_id": "MA.1"}],
    "messages": [{"id": "wamid.1"}],
}


@pytest.fixture
def graph() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture
def messaging() -> WhatsAppCloudMessaging:
    return WhatsAppCloudMessaging(SETTINGS, HttpClient())


def message(
    *,
    phone: str | None = "+212600000001",
    bsuid: str | None = None,
    type: str = "text",
    content: dict[str, Any] | None = None,
) -> OutgoingMessage:
    return OutgoingMessage(
        message_id="msg_01test",
        phone_number_id=NUMBER,
        recipient=Recipient(phone=phone, bsuid=bsuid),
        type=type,
        content=content or {"body": "Bonjour"},
    )


def sent(graph: responses.RequestsMock) -> Any:
    return json.loads(graph.calls[-1].request.body or "null")


def test_a_message_carries_our_id_and_comes_back_accepted(
    graph: responses.RequestsMock, messaging: WhatsAppCloudMessaging
) -> None:
    graph.post(SEND, json=TAKEN)

    accepted = messaging.send(message())

    assert accepted == Acceptance(wamid="wamid.1", wa_id="212600000001", bsuid="MA.1")
    assert graph.calls[0].request.headers["Authorization"] == "Bearer token"
    assert sent(graph) == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "+212600000001",
        "type": "text",
        "text": {"body": "Bonjour"},
        "biz_opaque_callback_data": "msg_01test",
    }


@pytest.mark.parametrize(
    ("phone", "bsuid", "address"),
    [
        (None, "MA.1349", {"recipient": "MA.1349"}),
        ("+212600000001", "MA.1349", {"to": "+212600000001"}),
    ],
)
def test_a_person_is_addressed_by_phone_or_else_by_bsuid(
    graph: responses.RequestsMock,
    messaging: WhatsAppCloudMessaging,
    phone: str | None,
    bsuid: str | None,
    address: dict[str, str],
) -> None:
    graph.post(SEND, json=TAKEN | {"contacts": [{"input": "MA.1349", "user_id": "MA.1349"}]})

    accepted = messaging.send(message(phone=phone, bsuid=bsuid))

    assert {key: sent(graph).get(key) for key in ("to", "recipient")} == {
        "to": address.get("to"),
        "recipient": address.get("recipient"),
    }
    assert (accepted.wa_id, accepted.bsuid) == (None, "MA.1349")


def test_a_person_without_address_is_not_sent_to(messaging: WhatsAppCloudMessaging) -> None:
    with pytest.raises(Refused) as caught:
        messaging.send(message(phone=None))

    assert caught.value.code == "no_recipient"


@pytest.mark.parametrize(
    ("type", "content", "on_the_wire"),
    [
        ("template", {"name": "intro", "language": {"code": "fr"}}, None),
        ("image", {"link": "https://cdn.test/1.png"}, None),
        ("reaction", {"message_id": "wamid.0", "emoji": ""}, None),
        ("contacts", {"contacts": [{"name": {"formatted_name": "A"}}]},
         [{"name": {"formatted_name": "A"}}]),
    ],
)  # fmt: skip
def test_content_goes_under_the_name_of_its_type(
    graph: responses.RequestsMock,
    messaging: WhatsAppCloudMessaging,
    type: str,
    content: dict[str, Any],
    on_the_wire: Any,
) -> None:
    graph.post(SEND, json=TAKEN)

    messaging.send(message(type=type, content=content))

    assert sent(graph)["type"] == type
    assert sent(graph)[type] == (on_the_wire or content)


@pytest.mark.parametrize(
    ("code", "kind", "name"),
    [
        (131047, TemplateNeeded, "reply_window_closed"),
        (131026, RecipientUnreachable, "undeliverable"),
        (131056, TryAgain, "pair_rate_limit"),
        (131000, OutcomeUnknown, "meta_unavailable"),
        (132001, Refused, "template_missing"),
    ],
)
def test_a_refusal_says_what_the_queue_must_do(
    graph: responses.RequestsMock,
    messaging: WhatsAppCloudMessaging,
    code: int,
    kind: type[ProviderError],
    name: str,
) -> None:
    graph.post(SEND, json={"error": {"code": code, "message": "no"}}, status=400)

    with pytest.raises(ProviderError) as caught:
        messaging.send(message())

    assert (type(caught.value), caught.value.code) == (kind, name)
    assert caught.value.provider_code == str(code)


@pytest.mark.parametrize(
    "answer",
    [
        {"body": requests.exceptions.ReadTimeout()},
        {"body": requests.exceptions.ConnectionError("broken pipe")},
        {"body": "<html></html>", "status": 504},
        {"json": {}, "status": 500},
        {"json": {"messages": []}},
        {"json": {"messages": [{}]}},
    ],
)
def test_without_a_wamid_the_message_may_have_gone_out(
    graph: responses.RequestsMock, messaging: WhatsAppCloudMessaging, answer: dict[str, Any]
) -> None:
    graph.post(SEND, **answer)

    with pytest.raises(OutcomeUnknown):
        messaging.send(message())


def test_what_never_left_may_be_repeated(
    graph: responses.RequestsMock, messaging: WhatsAppCloudMessaging
) -> None:
    graph.post(SEND, body=requests.exceptions.ConnectTimeout())

    with pytest.raises(TryAgain):
        messaging.send(message())


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ({"hub.mode": "subscribe", "hub.verify_token": "verify", "hub.challenge": "42"}, "42"),
        ({"hub.mode": "subscribe", "hub.verify_token": "other", "hub.challenge": "42"}, None),
        ({"hub.mode": "subscribe", "hub.verify_token": "vérify", "hub.challenge": "42"}, None),
        ({"hub.mode": "unsubscribe", "hub.verify_token": "verify", "hub.challenge": "4"}, None),
        ({"hub.mode": "subscribe", "hub.challenge": "42"}, None),
        ({}, None),
    ],
)
def test_a_challenge_is_answered_to_those_who_know_the_token(
    messaging: WhatsAppCloudMessaging, query: dict[str, str], answer: str | None
) -> None:
    assert messaging.challenge(query) == answer


def test_only_these_very_bytes_are_genuine(messaging: WhatsAppCloudMessaging) -> None:
    body = b'{"text": "d\\u00e9j\\u00e0"}'
    digest = hmac.new(b"app secret", body, sha256).hexdigest()

    assert messaging.is_genuine(body, {"x-hub-signature-256": f"sha256={digest}"})
    assert not messaging.is_genuine(body + b" ", {"x-hub-signature-256": f"sha256={digest}"})
    assert not messaging.is_genuine(body, {"x-hub-signature-256": digest})
    assert not messaging.is_genuine(body, {"x-hub-signature-256": "sha256=é"})
    assert not messaging.is_genuine(body, {})


DRAFT = TemplateDraft(
    name="introduction",
    language="fr",
    category="UTILITY",
    components=[{"type": "BODY", "text": "Bonjour, je suis {{1}} de {{2}}."}],
)


def test_a_template_is_submitted_and_may_come_back_in_another_category(
    graph: responses.RequestsMock, messaging: WhatsAppCloudMessaging
) -> None:
    graph.post(TEMPLATES, json={"id": "5500", "status": "PENDING", "category": "MARKETING"})

    state = messaging.submit_template(WABA, DRAFT)

    assert state == TemplateState(
        name="introduction", language="fr", category="MARKETING", status="PENDING"
    )
    assert sent(graph) == {
        "name": "introduction",
        "language": "fr",
        "category": "UTILITY",
        "components": DRAFT.components,
    }


def test_named_variables_are_announced(
    graph: responses.RequestsMock, messaging: WhatsAppCloudMessaging
) -> None:
    graph.post(TEMPLATES, json={"id": "5500", "status": "PENDING", "category": "UTILITY"})
    body = {"type": "BODY", "text": "Bonjour, je suis {{recruiter}} ici."}

    messaging.submit_template(
        WABA, TemplateDraft(name="n", language="fr", category="UTILITY", components=[body])
    )

    assert sent(graph)["parameter_format"] == "NAMED"


@pytest.mark.parametrize(
    ("name", "language", "status", "reason"),
    [
        ("introduction", "fr", "APPROVED", None),
        ("introduction_2", "fr", "REJECTED", "TAG_CONTENT_MISMATCH"),
    ],
)
def test_a_template_is_found_by_its_whole_name_and_language(
    graph: responses.RequestsMock,
    messaging: WhatsAppCloudMessaging,
    name: str,
    language: str,
    status: str,
    reason: str | None,
) -> None:
    def shown(name: str, language: str, status: str, reason: str) -> dict[str, str]:
        return {
            "id": "1", "name": name, "language": language, "category": "UTILITY",
            "status": status, "rejected_reason": reason,
        }  # fmt: skip

    data = [
        shown("introduction_2", "fr", "REJECTED", "TAG_CONTENT_MISMATCH"),
        shown("introduction", "en", "PENDING", "NONE"),
        shown("introduction", "fr", "APPROVED", "NONE"),
    ]
    graph.get(TEMPLATES, json={"data": data})

    found = messaging.find_template(WABA, name, language)

    assert found is not None
    assert (found.name, found.language, found.status) == (name, language, status)
    assert found.rejected_reason == reason


def test_a_template_that_was_never_submitted_is_none(
    graph: responses.RequestsMock, messaging: WhatsAppCloudMessaging
) -> None:
    graph.get(TEMPLATES, json={"data": []})

    assert messaging.find_template(WABA, "introduction", "fr") is None


def test_the_settings_say_what_is_missing_and_never_show_a_secret() -> None:
    schema = WhatsAppCloudSettings()
    with pytest.raises(ValidationError) as caught:
        schema.load({"version": "latest"})
    assert set(caught.value.messages_dict) == {
        "version", "app_id", "app_secret", "access_token", "verify_token",
    }  # fmt: skip

    needed = {key: SETTINGS[key] for key in caught.value.messages_dict}
    loaded = schema.load(needed)

    assert (loaded["graph_url"], loaded["version"]) == ("https://graph.facebook.com", "v25.0")
    assert set(schema.dump(loaded)) == {"graph_url", "version", "app_id"}
    assert schema.load(needed | {"graph_url": "http://127.0.0.1:9/graph"})
