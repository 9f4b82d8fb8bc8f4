"""Webhook endpoints belong to their vendor, and point at nothing inside our network."""

import socket
from typing import Any

import pytest
from sqlalchemy import text

from gateway.database import working_for
from gateway.http_client import HttpClient
from tests.events.conftest import Receiver, Vendor

PATH = "/v1/webhook-endpoints"


def test_an_endpoint_is_made_changed_and_removed(vendor: Vendor, receiver: Receiver) -> None:
    made = vendor.post(PATH, {"url": receiver.url, "description": "ours"})
    path = f"{PATH}/{made['id']}"
    secret = made.pop("secret")

    assert secret.startswith("whsec_")
    assert made["events"] == ["*"]
    assert vendor.get(path) == made
    assert vendor.get(PATH)["data"] == [made]
    changed = vendor.call(
        "PATCH", path, {"events": ["line.activation_failed"], "enabled": False}
    ).json
    expected = {
        "events": ["line.activation_failed"],
        "enabled": False,
        "disabled_reason": "requested",
    }
    assert changed == {**made, **expected}

    receiver.answers["/"] = 500
    vendor.call("PATCH", path, {"enabled": True})
    vendor.happen("line.activation_failed")
    vendor.work()
    assert vendor.call("DELETE", path).status_code == 204
    vendor.later()
    assert vendor.call("GET", path).status_code == 404
    assert (vendor.get(PATH)["data"], len(receiver.pushed)) == ([], 1)


@pytest.mark.parametrize(
    ("method", "end", "body"),
    [
        ("GET", "", None),
        ("PATCH", "", {"enabled": False}),
        ("DELETE", "", None),
        ("GET", "/deliveries", None),
        ("POST", "/rotate-secret", None),
        ("POST", "/resend", {"after": "2020-01-01T00:00:00Z"}),
    ],
)
def test_another_vendors_endpoint_is_not_there(
    vendor: Vendor,
    other_vendor: Vendor,
    receiver: Receiver,
    method: str,
    end: str,
    body: Any,
) -> None:
    endpoint = vendor.endpoint(receiver.url)

    response = other_vendor.call(method, f"{PATH}/{endpoint['id']}{end}", body)
    assert (response.status_code, response.json["code"]) == (404, "not_found")
    assert other_vendor.get(PATH)["data"] == []
    assert vendor.get(f"{PATH}/{endpoint['id']}")["enabled"]


def test_another_vendors_event_is_not_sent(
    vendor: Vendor, other_vendor: Vendor, receiver: Receiver
) -> None:
    vendor.happen()
    vendor.work()
    [event] = vendor.get("/v1/events")["data"]
    endpoint = other_vendor.endpoint(receiver.url)

    path = f"{PATH}/{endpoint['id']}/resend"
    assert other_vendor.call("POST", path, {"event_id": event["id"]}).status_code == 404
    assert other_vendor.post(path, {"after": "2020-01-01T00:00:00Z"}) == {"events": 0}
    other_vendor.work()
    assert receiver.pushed == []


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/hooks",
        "https://10.0.0.1/hooks",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/hooks",
        "https://[::ffff:10.0.0.1]/hooks",
        "https://2130706433/hooks",
        "https://localhost/hooks",
        "http://93.184.216.34/hooks",
        "https://user:password@93.184.216.34/hooks",
        "https://93.184.216.34:99999/hooks",
        "ftp://93.184.216.34/hooks",
        "hooks",
    ],
)
def test_an_address_that_must_not_be_called_is_refused(vendor: Vendor, url: str) -> None:
    made = vendor.call("POST", PATH, {"url": url})
    assert made.status_code == 422, made.json
    assert made.json["errors"][0]["pointer"] == "/url"
    assert vendor.get(PATH)["data"] == []


def test_a_name_without_an_address_is_refused(
    vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nowhere(host: str, *_: object, **__: object) -> None:
        raise socket.gaierror(f"no address of {host}")

    with monkeypatch.context() as patched:
        patched.setattr("gateway.outbound_guard.socket.getaddrinfo", nowhere)
        made = vendor.call("POST", PATH, {"url": "https://hooks.example.com/"})
    assert (made.status_code, made.json["code"]) == (422, "endpoint_url_refused")
    assert "hooks.example.com has no address" in made.json["detail"]


def test_an_address_is_looked_at_again_when_it_changes(vendor: Vendor, receiver: Receiver) -> None:
    endpoint = vendor.endpoint(receiver.url)
    path = f"{PATH}/{endpoint['id']}"

    response = vendor.call("PATCH", path, {"url": "https://10.0.0.1/"})
    assert (response.status_code, response.json["code"]) == (422, "endpoint_url_refused")
    assert vendor.get(path)["url"] == receiver.url


def test_a_public_https_address_is_taken(vendor: Vendor) -> None:
    vendor.app.extensions["http"] = HttpClient()

    assert vendor.endpoint("https://93.184.216.34/hooks")["enabled"]


def test_an_unknown_type_is_refused_with_what_was_meant(vendor: Vendor, receiver: Receiver) -> None:
    body = {"url": receiver.url, "events": ["message.recieved"]}

    response = vendor.call("POST", PATH, body)
    assert response.status_code == 422
    assert "did you mean 'message.received'" in response.json["detail"]


def test_secrets_are_kept_encrypted(vendor: Vendor, receiver: Receiver) -> None:
    secret = vendor.endpoint(receiver.url)["secret"]
    with vendor.app.app_context(), working_for(vendor.vendor_id) as session:
        [kept] = session.scalars(text("SELECT webhook_endpoints::text FROM webhook_endpoints"))

    assert secret not in kept
    assert secret.encode().hex() not in kept
