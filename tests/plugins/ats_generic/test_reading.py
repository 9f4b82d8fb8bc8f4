"""The two standards that the generic adapter goes by, held to examples of theirs."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from plugins.ats_generic.pointers import is_well_formed, value_at
from plugins.ats_generic.signature import is_signed

SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"
BODY = b'{"type":"message.received","timestamp":"2026-01-01T00:00:00Z","data":{"id":"m_1"}}'
HEADERS = {
    "webhook-id": "msg_0001",
    "webhook-timestamp": "1767225600",
    "webhook-signature": "v1,jc9BjgCusyER6naW/+wb1E2MCWWubmnhNc4zF2aNjMw=",
}
SENT = datetime.fromtimestamp(1767225600, UTC)


@pytest.mark.parametrize(
    ("seconds", "good"), [(0, True), (300, True), (-300, True), (301, False), (-301, False)]
)
def test_a_signature_counts_for_five_minutes(seconds: int, good: bool) -> None:
    now = SENT + timedelta(seconds=seconds)

    assert is_signed(SECRET, HEADERS, BODY, now) is good
    assert not is_signed(SECRET, HEADERS, BODY + b" ", now)


DOCUMENT = {"foo": ["bar", "baz"], "": 0, "a/b": 1, "m~n": 8, "~1": 9, "null": None}


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("", DOCUMENT),
        ("/foo", ["bar", "baz"]),
        ("/foo/0", "bar"),
        ("/foo/00", None),
        ("/foo/-", None),
        ("/foo/2", None),
        ("/foo/-1", None),
        ("/foo/\u0661", None),
        ("/foo/" + "9" * 5000, None),
        ("/foo/0/x", None),
        ("/", 0),
        ("/a~1b", 1),
        ("/m~0n", 8),
        ("/~01", 9),
        ("/null/x", None),
        ("/absent", None),
    ],
)
def test_a_pointer_finds_what_stands_there(pointer: str, value: Any) -> None:
    assert is_well_formed(pointer)
    assert value_at(DOCUMENT, pointer) == value


@pytest.mark.parametrize("pointer", ["foo", "/a~", "/a~2b", "#/foo", "/a~/b"])
def test_a_malformed_pointer_is_told(pointer: str) -> None:
    assert not is_well_formed(pointer)
