"""Signatures are those of Standard Webhooks, as others make and verify them."""

import time

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from gateway.events import signing

BODY = b'{"type":"message.received","timestamp":"2026-01-01T00:00:00Z","data":{"id":"m_1"}}'


def test_the_known_vector() -> None:
    secret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"

    assert signing.headers([secret], "msg_0001", 1767225600, BODY) == {
        "webhook-id": "msg_0001",
        "webhook-timestamp": "1767225600",
        "webhook-signature": "v1,jc9BjgCusyER6naW/+wb1E2MCWWubmnhNc4zF2aNjMw=",
    }


def test_each_of_two_secrets_verifies_and_a_third_does_not() -> None:
    old, new, other = (signing.new_secret() for _ in range(3))
    headers = signing.headers([new, old], "evt_1", int(time.time()), BODY)

    for secret in (new, old):
        assert Webhook(secret).verify(BODY, headers)["data"] == {"id": "m_1"}
    with pytest.raises(WebhookVerificationError):
        Webhook(other).verify(BODY, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(new).verify(BODY + b" ", headers)
