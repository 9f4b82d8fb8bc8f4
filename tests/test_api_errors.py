"""Whatever is wrong with a request: a stable code, a pointer where there is one, nothing done."""

import http.client
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from sqlalchemy import text

from gateway.database import router, tenant
from gateway.tenancy import api_keys
from gateway.tenancy import service as tenancy
from tests.harness import Desk, Gateway

JSON = {"Content-Type": "application/json"}
PDF = b"%PDF-1.4 a paper"
NOBODY = "00000000000000000000000000"


def refused(
    response: requests.Response, status: int, code: str, *, pointer: str | None = None
) -> dict[str, Any]:
    """The problem, which every border shows alike."""
    assert response.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert (response.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert problem["doc_url"].endswith(problem["type"])
    assert problem["request_id"] == response.headers["Request-Id"]
    assert problem["request_id"].startswith("req_")
    assert problem["title"]
    assert problem["detail"]
    if pointer:
        assert pointer in [error["pointer"] for error in problem["errors"]]
    return problem


def send(gateway: Gateway, path: str, data: Any, headers: Mapping[str, str]) -> requests.Response:
    """A POST with these very bytes (or parts of them, chunked)."""
    credentials = {"Authorization": f"Bearer {gateway.api_key}"}
    return gateway.session.post(gateway.url + path, data=data, headers={**credentials, **headers})


def announced(
    gateway: Gateway, path: str, size: int, headers: Mapping[str, str]
) -> tuple[int, str]:
    """What is answered to a body that is announced and never sent: status and body."""
    connection = http.client.HTTPConnection(urlsplit(gateway.url).netloc, timeout=10)
    connection.request(
        "POST",
        path,
        headers={
            "Authorization": f"Bearer {gateway.api_key}",
            "Content-Length": str(size),
            **headers,
        },
    )
    answer = connection.getresponse()
    found = answer.status, answer.read().decode()
    connection.close()
    return found


def counts(desk: Desk) -> dict[str, int]:
    """How many rows there are of everything that a request could make."""
    tables = ("recruiters", "documents", "blobs", "lines", "candidates", "conversations")
    more = ("messages", "audit_entries", "numbers")
    queries = {table: f"SELECT count(*) FROM {table}" for table in (*tables, *more)}
    # What the simulators still report of earlier tests is nobody's doing here.
    queries["events"] = "SELECT count(*) FROM events WHERE NOT data ? 'at'"
    queries["outbox"] = "SELECT count(*) FROM outbox WHERE topic LIKE 'onboarding%'"
    with desk.gateway.app.app_context(), tenant(desk.client) as session:
        return {name: session.scalar(text(query)) or 0 for name, query in queries.items()}


def is_stored(gateway: Gateway, body: bytes) -> bool:
    """Whether this very body was kept."""
    with gateway.app.app_context(), router() as session:
        query = "SELECT count(*) FROM inbound_raw WHERE body = :body"
        return bool(session.scalar(text(query), {"body": body}))


@pytest.fixture
def unchanged(desk: Desk) -> Iterator[None]:
    """Nothing is done, not even by half, by what the test sends."""
    desk.gateway.work()
    before = counts(desk)
    yield
    assert counts(desk) == before


@pytest.fixture
def conversation(desk: Desk) -> dict[str, Any]:
    return desk.gateway.talk(desk.client, desk.line["id"], desk.recruiter)


def opening(desk: Desk, **changes: Any) -> dict[str, Any]:
    return {
        "line_id": desk.line["id"],
        "recruiter_id": desk.recruiter,
        "candidate": {"name": "Imane Tazi", "phone": "+212661000099"},
        **changes,
    }


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer lgk_nonsense"},
        {"Authorization": "Bearer lgk_0000000000000000000000_000000"},
        {"Authorization": "Basic bGdrOg=="},
        {"Authorization": "Bearer \u00e9"},
    ],
    ids=["missing", "empty", "malformed", "mistyped", "basic", "not-ascii"],
)
def test_a_request_needs_a_key(desk: Desk, headers: dict[str, str]) -> None:
    encoded = {name: value.encode("latin-1") for name, value in headers.items()}
    answer = requests.get(f"{desk.gateway.url}/v1/clients", headers=encoded, timeout=10)

    refused(answer, 401, "invalid_api_key")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_well_formed_key_of_nobody_and_a_revoked_one_are_no_keys(desk: Desk) -> None:
    gateway = desk.gateway
    with gateway.app.app_context():
        key = api_keys.make(gateway.vendor_id, "to be revoked")
        assert gateway.request("GET", desk.path, key=key).status_code == 200
        found = api_keys.vendor_of(key)
        assert found
        api_keys.revoke(found[1])
    unknown = f"lgk_{'0' * 22}_{api_keys._checksum('0' * 22)}"
    assert api_keys.is_well_formed(unknown)

    refused(gateway.request("GET", desk.path, key=key), 401, "invalid_api_key")
    refused(gateway.request("GET", desk.path, key=unknown), 401, "invalid_api_key")


def test_another_vendors_client_is_nobodys(desk: Desk) -> None:
    """Nothing tells that it exists: the answers are the same to the letter."""
    gateway = desk.gateway
    with gateway.app.app_context():
        key = api_keys.make(tenancy.create_vendor("Other vendor"), "tests")
    for method, path in (
        ("GET", ""),
        ("PATCH", ""),
        ("GET", "/lines"),
        ("GET", f"/lines/{desk.line['id']}"),
        ("POST", "/recruiters"),
        ("GET", "/conversations"),
    ):
        body = {"name": "X", "email": "x@example.com"} if method == "POST" else None
        answers = [
            refused(gateway.request(method, f"/v1/clients/{client}{path}", body, key=key), 404,
                    "not_found")
            for client in (desk.client, f"cli_{NOBODY}", "nonsense")
        ]  # fmt: skip
        for answer in answers:
            del answer["request_id"]
        assert answers[0] == answers[1] == answers[2]
    assert gateway.request("GET", "/v1/clients", key=key).json()["data"] == []


@pytest.mark.parametrize(
    ("body", "status", "code", "pointer"),
    [
        (b'{"name": ', 400, "malformed_request", None),
        (b"\xff\xfe", 400, "malformed_request", None),
        (b"[" * 100_000, 400, "malformed_request", None),
        (b'{"name": ' + b"[" * 64 + b"]" * 64 + b"}", 400, "malformed_request", None),
        (b"[]", 422, "invalid_request", "/"),
        (b"", 422, "invalid_request", "/name"),
        (b'{"name": "A"}', 422, "invalid_request", "/country"),
        (b'{"name": " ", "country": "MA"}', 422, "invalid_request", "/name"),
        (b'{"name": "A\\n", "country": "MA"}', 422, "invalid_request", "/name"),
        (b'{"name": "A", "country": "MA\\n"}', 422, "invalid_request", "/country"),
        (b'{"name": "A", "country": "MA", "color": "red"}', 422, "invalid_request", "/color"),
        (b'{"name": "A\\u0000", "country": "MA"}', 422, "invalid_request", "/name"),
        (b'{"name": "A", "country": "MA", "external_ref": "\\ud800"}', 422, "invalid_request",
         "/external_ref"),
        (b'{"name": "A", "country": "MA", "logo_url": "ftp://a.example/logo"}', 422,
         "invalid_request", "/logo_url"),
        *(
            (b'{"name": "A", "country": "MA", "logo_url": "%s"}' % url, 422, "logo_url_refused",
             "/logo_url")
            for url in (b"http://a.example/logo", b"https://10.1.2.3/logo", b"https://localhost/l",
                        b"https://[fd00::1]/logo", b"https://me:pass@a.example/logo")
        ),
    ],
)  # fmt: skip
def test_a_bad_body_is_refused(
    desk: Desk, body: bytes, status: int, code: str, pointer: str | None
) -> None:
    before = len(desk.gateway.get("/v1/clients")["data"])

    refused(send(desk.gateway, "/v1/clients", body, JSON), status, code, pointer=pointer)

    assert len(desk.gateway.get("/v1/clients")["data"]) == before


@pytest.mark.parametrize("content_type", ["text/xml", "application/x-www-form-urlencoded", ""])
def test_a_body_of_another_kind_is_refused(desk: Desk, content_type: str) -> None:
    body = b'{"name": "A", "country": "MA"}'

    answer = send(desk.gateway, "/v1/clients", body, {"Content-Type": content_type})

    refused(answer, 415, "unsupported_media_type")


def test_a_body_over_the_limit_is_refused_before_it_is_read(desk: Desk) -> None:
    web = desk.gateway.app.extensions["settings"].web
    form = {"Content-Type": "multipart/form-data; boundary=x"}
    for path, limit, headers in (
        ("/v1/clients", web.max_body_bytes, JSON),
        (f"{desk.path}/documents", web.max_upload_bytes, form),
    ):
        status, body = announced(desk.gateway, path, limit + 1, headers)
        assert (status, json.loads(body)["code"]) == (413, "body_too_large")

    answer = announced(desk.gateway, "/webhooks/whatsapp", web.max_webhook_bytes + 1, {})
    assert answer == (413, "body_too_large")


def test_a_chunked_body_over_the_limit_is_refused(desk: Desk) -> None:
    web = desk.gateway.app.extensions["settings"].web
    for path, limit, headers in (
        ("/v1/clients", web.max_body_bytes, JSON),
        (f"{desk.path}/conversations/batch", web.max_body_bytes, JSON),
        ("/webhooks/whatsapp", web.max_webhook_bytes, {}),
    ):
        chunks = iter([b" " * limit, b"{}"])
        answer = send(desk.gateway, path, chunks, headers)
        assert answer.status_code == 413
        assert "body_too_large" in answer.text


def test_an_upload_just_under_its_limit_is_taken_and_one_byte_over_is_not(desk: Desk) -> None:
    limit = desk.gateway.app.extensions["settings"].web.max_upload_bytes
    envelope = len(_multipart(b""))

    fits = _upload(desk, _multipart(PDF.ljust(limit - envelope)))
    assert fits.status_code == 201, fits.text
    assert fits.json()["size"] == limit - envelope
    before = counts(desk)
    refused(_upload(desk, _multipart(PDF.ljust(limit - envelope + 1))), 413, "body_too_large")
    assert counts(desk) == before


def _multipart(content: bytes, *, kind: str = "rc", name: str = "rc.pdf") -> bytes:
    return (
        f'--x\r\nContent-Disposition: form-data; name="kind"\r\n\r\n{kind}\r\n--x\r\n'
        f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    ).encode() + content + b"\r\n--x--\r\n"  # fmt: skip


def _upload(desk: Desk, body: bytes) -> requests.Response:
    form = {"Content-Type": "multipart/form-data; boundary=x"}
    return send(desk.gateway, f"{desk.path}/documents", body, form)


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        (_multipart(b"MZ\x90\x00 a program"), "unsupported_document", "/file"),
        (_multipart(b""), "unsupported_document", "/file"),
        (_multipart(PDF, kind="diary"), "invalid_request", "/kind"),
        (b"--x--\r\n", "invalid_request", "/kind"),
        (_multipart(PDF).replace(b'"file"', b'"paper"'), "invalid_request", "/file"),
    ],
    ids=["program", "empty", "kind", "nothing", "other-field"],
)
def test_a_paper_is_what_it_claims_to_be(desk: Desk, body: bytes, code: str, pointer: str) -> None:
    refused(_upload(desk, body), 422, code, pointer=pointer)


def test_a_route_that_is_none_and_a_method_that_is_none(desk: Desk) -> None:
    for path in ("/v1/nothing", "/nothing", f"{desk.path}/nothing"):
        refused(desk.gateway.request("GET", path), 404, "not_found")
    answer = desk.gateway.request("DELETE", "/v1/clients")
    refused(answer, 405, "method_not_allowed")
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))
    assert desk.gateway.request("PUT", "/webhooks/whatsapp").status_code == 405


@pytest.mark.parametrize("bad", ["nonsense", "x%00", f"vnd_{NOBODY}", "\u0666", "7" * 31])
def test_an_id_that_is_none_is_not_found(desk: Desk, bad: str) -> None:
    for method, path, body in (
        ("GET", f"/lines/{bad}", None),
        ("POST", f"/lines/{bad}/activation/retry", None),
        ("POST", f"/lines/{bad}/activation/code", {"code": "123456"}),
        ("POST", f"/recruiters/{bad}/leave", {}),
        ("POST", f"/recruiters/{desk.recruiter}/leave", {"hand_over_to": bad}),
        ("GET", f"/conversations/{bad}", None),
        ("GET", f"/conversations?line_id={bad}", None),
        ("POST", f"/conversations/{bad}/assign", {"recruiter_id": None}),
        ("POST", f"/conversations/{bad}/messages", {"type": "text", "text": {"body": "Hi"}}),
        ("POST", "/conversations", opening(desk, line_id=bad)),
        ("POST", "/conversations", opening(desk, recruiter_id=bad)),
        ("GET", f"/messages/{bad}", None),
        ("POST", f"/messages/{bad}/cancel", None),
        ("GET", f"/candidates/{bad}", None),
    ):
        refused(desk.gateway.request(method, desk.path + path, body), 404, "not_found")


def test_an_empty_filter_is_an_id_that_is_none(desk: Desk) -> None:
    for name in ("recruiter_id", "line_id"):
        answer = desk.gateway.request("GET", f"{desk.path}/conversations?{name}=")
        refused(answer, 404, "not_found")


@pytest.mark.parametrize("month", ["0000-01", "2026-13", "2026-11%0A", "soon", ""])
def test_a_month_that_is_none_is_refused(desk: Desk, month: str) -> None:
    answer = desk.gateway.request("GET", f"{desk.path}/costs?month={month}")

    refused(answer, 422, "invalid_request", pointer="/month")


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("phone", ["12", "call me", "+999123456789", "0661", "+21266100000100"])
def test_a_phone_number_that_is_none_is_refused(desk: Desk, phone: str) -> None:
    candidate = {"name": "Imane Tazi", "phone": phone}
    answer = desk.attempt("/conversations", opening(desk, candidate=candidate))

    refused(answer, 422, "invalid_phone_number", pointer="/candidate/phone")


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    ("candidate", "pointer"),
    [
        ({"name": "Imane"}, "/candidate/phone"),
        ({"name": "Imane", "bsuid": "212661000001"}, "/candidate/bsuid"),
        ({"name": "Imane", "bsuid": "MA.123\n"}, "/candidate/bsuid"),
        ({"name": "Imane", "phone": "+212661000001", "language": "tlh"}, "/candidate/language"),
        ({"phone": "+212661000001"}, "/candidate/name"),
        ({"name": "Imane", "phone": "+212661000001", "opt_in": {"source": "form"}},
         "/candidate/opt_in/obtained_at"),
    ],
)  # fmt: skip
def test_a_candidate_is_a_person_that_can_be_reached(
    desk: Desk, candidate: dict[str, Any], pointer: str
) -> None:
    answer = desk.attempt("/conversations", opening(desk, candidate=candidate))

    refused(answer, 422, "invalid_request", pointer=pointer)


def test_a_number_in_national_form_is_read_in_the_clients_country(desk: Desk) -> None:
    candidate = {"name": "Imane Tazi", "phone": "06 61 00 00 98"}

    made = desk.post("/conversations", opening(desk, candidate=candidate))

    assert made["candidate"]["phone"] == "+212661000098"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Hub-Signature-256": "sha256=" + "0" * 64},
        {"X-Hub-Signature-256": "\u00e9".encode("latin-1")},
    ],
    ids=["none", "forged", "not-ascii"],
)
def test_a_webhook_that_meta_did_not_sign_is_not_kept(desk: Desk, headers: Any) -> None:
    body = b'{"object": "forged"}'

    answer = desk.gateway.session.post(
        f"{desk.gateway.url}/webhooks/whatsapp", data=body, headers=headers
    )

    assert (answer.status_code, answer.text) == (401, "invalid_signature")
    assert not is_stored(desk.gateway, body)
    assert desk.gateway.webhook(body).status_code == 200
    assert is_stored(desk.gateway, body)
    with desk.gateway.app.app_context(), router() as session:
        session.execute(text("DELETE FROM inbound_raw WHERE body = :body"), {"body": body})


@pytest.mark.parametrize("signature", [None, "AAAA", "\u00e9"])
@pytest.mark.parametrize("kind", ["voice", "sms", "transcription"])
def test_a_report_that_the_supplier_did_not_sign_is_not_kept(
    desk: Desk, kind: str, signature: str | None
) -> None:
    headers: Any = {"X-Twilio-Signature": signature.encode("latin-1")} if signature else {}
    body = f"To={desk.line['phone_number']}&Body=123-456&Kind={kind}".encode()

    answer = desk.gateway.session.post(
        f"{desk.gateway.url}/webhooks/suppliers/twilio/{kind}",
        data=body,
        headers={"Content-Type": "application/x-www-form-urlencoded", **headers},
    )

    refused(answer, 401, "invalid_signature")
    assert not is_stored(desk.gateway, body)


def test_a_supplier_that_is_none_is_not_found(desk: Desk) -> None:
    refused(desk.gateway.request("POST", "/webhooks/suppliers/nobody/voice"), 404, "not_found")


@pytest.mark.parametrize(
    ("query", "status", "answer"),
    [
        ("hub.mode=subscribe&hub.verify_token=test-verify-token&hub.challenge=42", 200, "42"),
        ("hub.mode=subscribe&hub.verify_token=wrong&hub.challenge=42", 403, ""),
        ("hub.mode=subscribe&hub.challenge=42", 403, ""),
        ("hub.mode=unsubscribe&hub.verify_token=test-verify-token&hub.challenge=42", 403, ""),
        ("hub.mode=subscribe&hub.verify_token=test-verify-token", 403, ""),
        ("hub.mode=subscribe&hub.verify_token=%C3%A9&hub.challenge=42", 403, ""),
        ("", 403, ""),
    ],
)
def test_a_subscription_is_confirmed_to_who_knows_the_token(
    desk: Desk, query: str, status: int, answer: str
) -> None:
    found = requests.get(f"{desk.gateway.url}/webhooks/whatsapp?{query}", timeout=10)

    assert (found.status_code, found.text) == (status, answer)


@pytest.mark.usefixtures("unchanged")
def test_a_case_that_is_none_or_not_offered_starts_nothing(desk: Desk) -> None:
    unknown = refused(
        desk.attempt("/lines", {"case": "carrier-pigeon"}), 422, "unknown_case", pointer="/case"
    )
    assert "virtual-number" in unknown["detail"]
    offered = refused(desk.attempt("/lines", {"case": "groups"}), 409, "case_not_offered")
    assert offered["blockers"]


@pytest.mark.usefixtures("unchanged")
def test_a_line_that_is_not_active_cannot_write(desk: Desk) -> None:
    with desk.gateway.app.app_context(), tenant(desk.client) as session:
        session.execute(text("UPDATE lines SET status = 'suspended'"))
    try:
        refused(desk.attempt("/conversations", opening(desk)), 409, "line_not_active")
    finally:
        with desk.gateway.app.app_context(), tenant(desk.client) as session:
            session.execute(text("UPDATE lines SET status = 'active'"))


def test_who_has_left_can_do_nothing(desk: Desk, conversation: dict[str, Any]) -> None:
    gone = desk.gateway.recruiter(desk.client, "Nadia Alaoui")
    desk.post(f"/recruiters/{gone}/leave", {})
    desk.gateway.work()
    before = counts(desk)

    for path, body in (
        ("/conversations", opening(desk, recruiter_id=gone)),
        (f"/conversations/{conversation['id']}/assign", {"recruiter_id": gone}),
        (f"/recruiters/{gone}/leave", {}),
        (f"/recruiters/{desk.recruiter}/leave", {"hand_over_to": gone}),
    ):
        refused(desk.attempt(path, body), 409, "recruiter_left")
    assert counts(desk) == before


@pytest.mark.usefixtures("unchanged")
def test_nobody_hands_over_to_oneself(desk: Desk) -> None:
    body = {"hand_over_to": desk.recruiter}
    answer = desk.attempt(f"/recruiters/{desk.recruiter}/leave", body)

    refused(answer, 422, "hand_over_to_oneself", pointer="/hand_over_to")


@pytest.mark.usefixtures("unchanged")
def test_an_email_is_one_recruiters(desk: Desk) -> None:
    body = {"name": "Somebody else", "email": "SARA.el.amrani@example.com"}

    refused(desk.attempt("/recruiters", body), 409, "recruiter_exists")


def test_an_email_is_free_again_when_its_recruiter_has_left(desk: Desk) -> None:
    gone = desk.gateway.recruiter(desk.client, "Omar Fassi")
    desk.post(f"/recruiters/{gone}/leave", {})

    assert desk.gateway.recruiter(desk.client, "Omar Fassi") != gone


def test_another_clients_things_are_nobodys(desk: Desk, conversation: dict[str, Any]) -> None:
    """Of the same vendor even: a client's ids mean nothing under another client."""
    other = desk.gateway.client("Rif Textile")
    path = f"/v1/clients/{other}"
    talk, message = conversation["id"], conversation["introduction"]["message_id"]
    text_ = {"type": "text", "text": {"body": "Hello"}}
    recruiter = desk.gateway.recruiter(other)
    calls: list[tuple[str, str, Any]] = [
        ("GET", f"/conversations/{talk}", None),
        ("GET", f"/conversations/{talk}/messages", None),
        ("POST", f"/conversations/{talk}/messages", text_),
        ("POST", f"/conversations/{talk}/assign", {"recruiter_id": recruiter}),
        ("POST", "/conversations", opening(desk, recruiter_id=recruiter)),
        ("GET", f"/messages/{message}", None),
        ("POST", f"/messages/{message}/cancel", None),
        ("GET", f"/candidates/{conversation['candidate']['id']}", None),
        ("GET", f"/lines/{desk.line['id']}", None),
        ("POST", f"/lines/{desk.line['id']}/activation/cancel", None),
        ("POST", f"/recruiters/{desk.recruiter}/leave", {}),
    ]
    before = counts(desk)

    for method, route, body in calls:
        refused(desk.gateway.request(method, path + route, body), 404, "not_found")

    assert counts(desk) == before
    assert desk.gateway.get(f"{path}/conversations?line_id={desk.line['id']}")["data"] == []


@pytest.mark.parametrize(
    ("message", "pointer"),
    [
        ({"type": "text"}, "/text"),
        ({"type": "text", "text": {"body": ""}}, "/text/body"),
        ({"type": "text", "text": {"body": "x" * 4097}}, "/text/body"),
        ({"type": "text", "text": "Hello"}, "/text"),
        ({"type": "telepathy", "telepathy": {}}, "/type"),
        ({"text": {"body": "Hello"}}, "/type"),
        ({"type": "template", "template": {"name": "x"}}, "/template/language"),
        ({"type": "text", "text": {"body": "a\0b"}}, "/text/body"),
    ],
)
def test_a_message_has_the_form_of_its_type(
    desk: Desk, conversation: dict[str, Any], message: Any, pointer: str
) -> None:
    desk.gateway.work()
    before = counts(desk)
    path = f"/conversations/{conversation['id']}/messages"

    refused(desk.attempt(path, message), 422, "invalid_request", pointer=pointer)

    assert counts(desk) == before


def test_what_nobody_foresaw_says_nothing_about_itself(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Callable[[], None]:
        raise RuntimeError("the secret is 42")

    monkeypatch.setitem(desk.gateway.app.view_functions, "tenancy.list_clients", broken)

    problem = refused(desk.gateway.request("GET", "/v1/clients"), 500, "internal_error")

    assert "42" not in json.dumps({**problem, "request_id": "", "doc_url": ""})
