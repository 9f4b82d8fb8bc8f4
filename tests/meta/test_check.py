"""The check finds a difference where there is one, and says nothing where there is none."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from .check import calls_checked, examples_read, webhooks_checked
from .loopback import Exchange
from .specification import Specification, example_webhooks, for_line, load_spec

LINE = "3300000000000001"
PAYLOAD = {
    "object": "whatsapp_business_account",
    "entry": [
        {
            "id": "2200000000000001",
            "changes": [
                {
                    "field": "messages",
                    "value": {
                        "metadata": {"phone_number_id": "1"},
                        "statuses": [{"id": "wamid.1", "status": "sent", "timestamp": "1"}],
                    },
                }
            ],
        }
    ],
}
SUCCESS = {
    "type": "object",
    "required": ["success"],
    "properties": {"success": {"type": "boolean"}},
}
PIN = {"type": "object", "required": ["pin"], "properties": {"pin": {"type": "string"}}}
CHANGE = {
    "type": "object",
    "properties": {"field": {"enum": ["messages"]}, "value": {"type": "object"}},
}
WEBHOOK = {
    "type": "object",
    "required": ["object"],
    "properties": {
        "entry": {
            "items": {"properties": {"changes": {"type": "array", "items": CHANGE}}},
        }
    },
}


def json_body(schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema, **more}}}


@pytest.fixture
def document(tmp_path: Path) -> dict[str, Any]:
    """A small specification of our own, read from a file as Meta's is."""
    file = tmp_path / "spec.yaml"
    reference = {"$ref": "#/components/schemas/Pin"}
    register = {"requestBody": json_body(reference), "responses": {"200": json_body(SUCCESS)}}
    webhooks = {"requestBody": json_body(WEBHOOK, examples={"Sent": {"value": PAYLOAD}})}
    spec = {
        "components": {"schemas": {"Pin": PIN}},
        "paths": {
            "/{Version}/{Phone-Number-ID}/register": {"post": register},
            "/whatsapp/webhooks": {"post": webhooks},
        },
    }
    file.write_text(yaml.safe_dump(spec))
    return load_spec(file)


def register(sent: Any, answered: Any) -> Exchange:
    return Exchange(
        method="POST",
        path=f"/graph/v25.0/{LINE}/register",
        query="",
        content_type="application/json",
        sent=json.dumps(sent).encode(),
        status=200,
        answered=json.dumps(answered).encode(),
    )


@pytest.mark.parametrize(
    ("sent", "answered", "outcomes"),
    [
        ({"pin": "1"}, {"success": True}, ["validated", "validated"]),
        ({"pin": 1}, {"success": True}, ["mismatch", "validated"]),
        ({"pin": "1"}, {"success": "yes"}, ["validated", "mismatch"]),
        ({"pin": "1"}, {}, ["validated", "mismatch"]),
    ],
)
def test_both_sides_of_a_call_are_held_against_their_schemas(
    document: dict[str, Any], sent: Any, answered: Any, outcomes: list[str]
) -> None:
    verdicts = calls_checked(Specification(document), [register(sent, answered)])

    assert [verdict.outcome for verdict in verdicts] == outcomes


def test_the_fields_that_are_asked_for_are_held_against_the_answers_schema(
    document: dict[str, Any],
) -> None:
    numbers = {
        "type": "object",
        "required": ["success", "colour"],
        "properties": {"success": {"type": "boolean"}, "colour": {"type": "string"}},
    }
    document["paths"]["/{Version}/{Phone-Number-ID}"] = {
        "get": {"responses": {"200": json_body(numbers)}}
    }
    asked = replace(
        register({}, {"success": True}),
        method="GET",
        path=f"/graph/v25.0/{LINE}",
        query="fields=success,weather.start(1).metrics(A,B)",
        sent=b"",
    )

    verdicts = list(calls_checked(Specification(document), [asked]))

    assert [verdict.outcome for verdict in verdicts] == ["mismatch", "validated"]
    assert verdicts[0].call.endswith("asks for weather")


def test_a_call_of_another_kind_of_object_is_not_described(document: dict[str, Any]) -> None:
    spec = Specification(document)

    assert spec.described("POST", f"/v25.0/{LINE}/register")
    assert spec.described("POST", "/v25.0/2200000000000001/register") is None
    assert spec.described("GET", f"/v25.0/{LINE}/register") is None


def test_examples_are_read_as_if_they_were_about_our_line(document: dict[str, Any]) -> None:
    ((name, payload),) = example_webhooks(document)
    (verdict,) = examples_read(document, LINE)

    assert (name, payload) == ("Sent", PAYLOAD)
    assert for_line(payload, LINE)["entry"][0]["changes"][0]["value"]["metadata"] == {
        "phone_number_id": LINE
    }
    assert verdict.detail == "status sent; messages, routed"


def test_a_webhook_is_held_against_its_schema(document: dict[str, Any]) -> None:
    unknown = json.loads(json.dumps(PAYLOAD).replace('"messages"', '"weather"'))
    nameless = {"entry": PAYLOAD["entry"]}

    verdicts = webhooks_checked(Specification(document), [PAYLOAD, unknown, nameless])

    assert [verdict.outcome for verdict in verdicts] == ["validated", "not described", "mismatch"]
