"""The API's document is whole: each operation, each answer, each event, and the pages over it."""

import ast
import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import select

from gateway.database import tenant
from gateway.events.catalogue import TYPES
from gateway.events.models import EventRow
from gateway.events.schemas import EventShown
from gateway.openapi import example_of, pattern_of
from gateway.problem_codes import POLICY
from tests.harness import Desk
from tests.sources import Call, calls

HTTP = ("get", "post", "put", "patch", "delete")
PROBLEM = {"$ref": "#/components/schemas/Problem"}
# What the source puts behind a noun while it runs.
ENDS = {"message.": ("sent", "delivered", "read", "played", "failed"), "line.": ("released",)}
TOLD = {"of_message": "message.", "of_conversation": "conversation."}
KINDS: list[tuple[str, dict[str, Any]]] = [
    ("text", {"body": "Yes"}),
    ("image", {"id": "1", "mime_type": "image/jpeg", "caption": "Me"}),
    ("document", {"id": "1", "mime_type": "application/pdf", "filename": "cv.pdf"}),
    ("audio", {"id": "1", "mime_type": "audio/ogg", "voice": True}),
    ("video", {"id": "1", "mime_type": "video/mp4"}),
    ("sticker", {"id": "1", "mime_type": "image/webp"}),
    ("location", {"latitude": 33.5, "longitude": -7.6}),
    ("contacts", [{"name": {"formatted_name": "Ali"}}]),
    ("reaction", {"message_id": "wamid.1", "emoji": "👍"}),
    ("interactive", {"type": "button_reply", "button_reply": {"id": "1", "title": "Yes"}}),
    ("button", {"text": "Yes", "payload": "yes"}),
    ("order", {"catalog_id": "1"}),
    ("hologram", {"depth": 3}),
]


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method in HTTP:
            if method in item:
                yield path, method, item[method]


@pytest.fixture
def document(desk: Desk) -> dict[str, Any]:
    return desk.gateway.document.whole


def test_each_operation_says_what_it_is_and_how_it_may_end(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names)) > 25
    for path, method, operation in operations(document):
        what = f"{method} {path}"
        assert operation["summary"], what
        assert set(operation["tags"]) <= {tag["name"] for tag in document["tags"]}, what
        assert any(status.startswith("2") for status in operation["responses"]), what
        for status, answer in operation["responses"].items():
            if status == "204":
                continue
            [(kind, content)] = answer["content"].items()
            assert content["schema"], f"{what} {status}"
            refused = int(status) >= 400 and path.startswith("/v1/")
            assert (kind == "application/problem+json") is refused, f"{what} {status}"
            assert (content["schema"] == PROBLEM) is refused, f"{what} {status}"
        assert ("401" in operation["responses"]) is (operation.get("security") != []), what


def test_each_id_in_a_path_has_its_pattern(document: dict[str, Any]) -> None:
    for path, item in document["paths"].items():
        for parameter in item.get("parameters", ()):
            name = parameter["name"]
            assert pattern_of(name), f"{path}: which ids {name} holds is not known"
            assert parameter["schema"]["pattern"] == pattern_of(name)
            assert re.fullmatch(parameter["schema"]["pattern"], example_of(name))


def test_the_examples_are_what_their_schemas_ask_for(desk: Desk) -> None:
    found = 0
    for path, method, operation in operations(desk.gateway.document.whole):
        for content in operation.get("requestBody", {}).get("content", {}).values():
            if "example" in content:
                found += 1
                validator = desk.gateway.document.validator(content["schema"])
                wrong = [error.message for error in validator.iter_errors(content["example"])]
                assert not wrong, f"{method} {path}"
    assert found > 4


def test_every_schema_is_one(desk: Desk) -> None:
    for schema in desk.gateway.document.whole["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_the_rules_of_the_policy_stand_by_the_calls_that_they_refuse(
    document: dict[str, Any],
) -> None:
    base = "/v1/clients/{client_id}/conversations"
    for path in (base, f"{base}/{{conversation_id}}/messages"):
        refused = document["paths"][path]["post"]["responses"]["409"]["description"]
        assert all(f"/docs/errors#{code})" in refused for code in POLICY)


def test_a_message_of_every_kind_is_as_the_document_says(desk: Desk, phone: str) -> None:
    talk = desk.talk(phone)
    desk.gateway.until(lambda: desk.gateway.phone(phone))
    for place, (kind, content) in enumerate(KINDS):
        desk.gateway.webhook(_written(desk, phone, f"wamid.kind.{phone}.{place}", kind, content))

    # Each reading is held against the document.
    found = desk.gateway.until(
        lambda: desk.messages(talk), lambda messages: len(messages) > len(KINDS)
    )

    inbound = [message for message in found if message["direction"] == "inbound"]
    assert [message["type"] for message in inbound] == [kind for kind, _ in KINDS]
    for message in inbound:
        assert message[message["type"]], message["type"]
        assert desk.message(message["id"]) == message


def _written(desk: Desk, phone: str, wamid: str, kind: str, content: Any) -> dict[str, Any]:
    digits = phone.removeprefix("+")
    message = {"from": digits, "id": wamid, "timestamp": "1767225600", "type": kind, kind: content}
    value = {
        "messaging_product": "whatsapp",
        "metadata": {
            "display_phone_number": desk.line["phone_number"],
            "phone_number_id": desk.line["phone_number_id"],
        },
        "contacts": [{"wa_id": digits, "profile": {"name": "Imane"}}],
        "messages": [message],
    }
    entry = {"id": desk.line["waba_id"], "changes": [{"field": "messages", "value": value}]}
    return {"object": "whatsapp_business_account", "entry": [entry]}


def test_every_event_that_is_recorded_is_described() -> None:
    """By its type and by the names of its data, as far as the source tells them."""
    recorded: dict[str, set[str]] = {}
    for call in calls("record", "record_event", *TOLD):
        called = ast.unparse(call.node.func)
        if (
            not called.startswith(("events.", "telling.", "record_event"))
            or call.path.name == "telling.py"
        ):
            continue
        for type_ in _types(call):
            assert type_ in TYPES, f"{call}: {type_} is not in gateway/events/catalogue.py"
            given = {keyword.arg for keyword in call.node.keywords if keyword.arg}
            schema = TYPES[type_][1]()
            assert given <= set(schema.fields), f"{call}: {type_}"
            recorded.setdefault(type_, set()).update(given)
    assert set(TYPES) == set(recorded)


def _types(call: Call) -> list[str]:
    noun = TOLD.get(ast.unparse(call.node.func).rpartition(".")[2], "")
    said = call.node.args[2]
    if isinstance(said, ast.JoinedStr):  # f"line.{status}"
        noun = str(ast.literal_eval(said.values[0]))
    if isinstance(said, ast.JoinedStr | ast.Attribute):  # update.status
        return [noun + end for end in ENDS[noun]]
    return [noun + end for end in call.texts(said)]


def test_what_is_recorded_has_the_described_form(desk: Desk, phone: str) -> None:
    talk = desk.answered(phone)
    said = desk.say(talk, "Hello")
    desk.gateway.until(lambda: desk.message(said)["delivered_at"])
    desk.writes(phone, "STOP")
    desk.gateway.work()

    with desk.gateway.app.app_context(), tenant(desk.client) as session:
        rows = session.scalars(select(EventRow)).all()

    assert {"line.activated", "message.received", "message.delivered"} <= {row.type for row in rows}
    for row in rows:
        type_, data = row.type, row.data
        resolved = desk.gateway.document.whole["webhooks"][type_]["post"]["requestBody"]
        schema = resolved["content"]["application/json"]["schema"]
        body = EventShown().dump(row)
        wrong = [
            error.message for error in desk.gateway.document.validator(schema).iter_errors(body)
        ]
        assert not wrong, type_
        assert set(data) <= set(TYPES[type_][1]().fields), type_


def test_the_pages_load_and_call_nothing_of_anybody_elses(desk: Desk) -> None:
    client = desk.gateway.app.test_client()
    for path in ("/docs", "/docs/errors"):
        page = client.get(path)
        assert page.status_code == 200
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert "<script>" not in page.text
        assert "style=" not in page.text
        loaded = re.findall(r'(?:src|href|data-document)="([^"#]+)"', page.text)
        assert len(loaded) > 4
        for address in loaded:
            assert re.match("/[^/]", address), f"{address} is not ours"
            with client.get(address) as found:
                assert found.status_code == 200, address
    for address in ("/docs/reader/oauth2-redirect.html", "/docs/reader/..%2f__init__.py"):
        assert client.get(address).status_code == 404


def test_every_code_has_an_anchor_to_which_its_problems_point(desk: Desk) -> None:
    codes = desk.gateway.app.extensions["plugin_host"].error_codes
    page = desk.gateway.app.test_client().get("/docs/errors").text
    anchors = re.findall(r'<div id="(\w+)">', page)

    assert sorted(anchors) == sorted(codes)
    assert "<code>Authorization: Bearer &lt;api key&gt;</code>" in page
    problem = desk.gateway.request("GET", "/v1/clients/nobody").json()
    address, _, anchor = problem["doc_url"].partition("#")
    assert address == f"{desk.gateway.url}/docs/errors"
    assert anchor in anchors


def test_the_document_names_no_other_host(desk: Desk) -> None:
    raw = desk.gateway.app.test_client().get("/openapi.json").text

    assert not re.search(r"https?://", raw)
