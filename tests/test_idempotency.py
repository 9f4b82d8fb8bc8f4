"""A POST with an Idempotency-Key takes effect once, however often and however fast it is sent."""

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
import requests
from sqlalchemy import text

from gateway import idempotency
from gateway.database import platform, tenant, vendor
from gateway.idempotency import KeptAnswer
from gateway.ids import parse
from gateway.messaging.schemas import ConversationShown
from gateway.tenancy import api_keys
from gateway.tenancy import service as tenancy
from tests.harness import Desk

TWINS = 50
DAY = 24 * 3600
KEYS = itertools.count(1)
TEXT = {"type": "text", "text": {"body": "Can you come on Tuesday?"}}
REPLAYED = "Idempotency-Replayed"


@pytest.fixture
def key() -> str:
    return f"order {next(KEYS)}"


def post(desk: Desk, path: str, key: str, body: Any = None, **options: Any) -> requests.Response:
    """A POST on a connection of its own, as many threads at once may send it."""
    headers = {"Authorization": f"Bearer {desk.gateway.api_key}", "Idempotency-Key": key}
    url = desk.gateway.url + path
    return requests.post(url, json=body, headers=headers, timeout=60, **options)


def at_once(send: Callable[[], requests.Response]) -> list[requests.Response]:
    start = Barrier(TWINS)

    def one(_: int) -> requests.Response:
        start.wait()
        return send()

    with ThreadPoolExecutor(TWINS) as pool:
        return list(pool.map(one, range(TWINS)))


def only(answers: list[requests.Response], status: int) -> Any:
    """The one answer that all of them got; one of them had the effect."""
    assert {(answer.status_code, answer.headers["Content-Type"]) for answer in answers} == {
        (status, "application/json")
    }
    assert len({answer.content for answer in answers}) == 1
    assert len({answer.headers["Request-Id"] for answer in answers}) == len(answers)
    assert sum(REPLAYED not in answer.headers for answer in answers) == 1
    return answers[0].json()


def refused(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def messages(desk: Desk, talk: str) -> str:
    return f"{desk.path}/conversations/{talk}/messages"


def opening(desk: Desk, phone: str) -> dict[str, Any]:
    return {
        "line_id": desk.line["id"],
        "recruiter_id": desk.recruiter,
        "candidate": {"name": "Imane Tazi", "phone": phone},
    }


def test_a_message_sent_many_times_at_once_reaches_the_phone_once(
    desk: Desk, phone: str, key: str
) -> None:
    talk = desk.answered(phone)

    sent = only(at_once(lambda: post(desk, messages(desk, talk), key, TEXT)), 202)

    desk.gateway.until(lambda: desk.message(sent["id"])["status"] == "delivered")
    desk.gateway.work()
    assert desk.words(phone).count("Can you come on Tuesday?") == 1
    assert [it["id"] for it in desk.messages(talk) if it.get("text") == TEXT["text"]] == [
        sent["id"]
    ]


def test_a_conversation_opened_many_times_at_once_is_new_for_all(
    desk: Desk, phone: str, key: str
) -> None:
    path, body = f"{desk.path}/conversations", opening(desk, phone)

    opened = only(at_once(lambda: post(desk, path, key, body)), 201)

    found = [row["id"] for row in desk.get("/conversations")["data"]]
    assert found.count(opened["id"]) == 1
    desk.gateway.until(lambda: desk.gateway.phone(phone))
    desk.gateway.work()
    assert len(desk.gateway.phone(phone)) == 1


def test_a_client_created_many_times_at_once_is_one(desk: Desk, key: str) -> None:
    body = {"name": f"Client of {key}", "country": "MA"}

    made = only(at_once(lambda: post(desk, "/v1/clients", key, body)), 201)

    named = [row for row in desk.gateway.get("/v1/clients")["data"] if row["name"] == body["name"]]
    assert named == [made]


def test_a_paper_sent_again_is_the_same_whatever_its_boundary(desk: Desk, key: str) -> None:
    def upload(content: bytes) -> requests.Response:
        files = {"file": ("rc.pdf", content)}
        return post(desk, f"{desk.path}/documents", key, data={"kind": "rc"}, files=files)

    papers = len(desk.get("/documents")["data"])
    paper = b"%PDF-1.4 " + key.encode()
    answers = [upload(paper), upload(paper)]

    assert answers[0].request.body != answers[1].request.body
    only(answers, 201)
    assert len(desk.get("/documents")["data"]) == papers + 1
    assert refused(upload(paper + b"!")) == (422, "idempotency_key_reused")


@pytest.mark.parametrize("other", ["body", "path", "query"])
def test_a_key_is_for_one_request(desk: Desk, phone: str, key: str, other: str) -> None:
    talk = desk.answered(phone)
    first = post(desk, messages(desk, talk), key, TEXT)
    before = desk.messages(talk)

    path = {
        "body": messages(desk, talk),
        "path": messages(desk, desk.talk(f"{phone[:-5]}9{phone[-4:]}")),
        "query": f"{messages(desk, talk)}?dry_run=true",
    }[other]
    body = {**TEXT, "text": {"body": "And on Friday?"}} if other == "body" else TEXT

    assert refused(post(desk, path, key, body)) == (422, "idempotency_key_reused")
    assert desk.messages(talk) == before
    only([first, post(desk, messages(desk, talk), key, TEXT)], 202)


def test_a_rehearsal_may_carry_a_key(desk: Desk, phone: str, key: str) -> None:
    path = f"{messages(desk, desk.answered(phone))}?dry_run=true"

    told = only([post(desk, path, key, TEXT), post(desk, path, key, TEXT)], 200)

    assert told["verdict"] == "allowed"


@contextmanager
def held(
    desk: Desk, talk: str, first: Callable[[], requests.Response]
) -> Iterator[tuple[Future[requests.Response], int]]:
    """The first request stands still amid its effect until the end; its answer, and its backend."""
    with ThreadPoolExecutor(1) as pool:
        with desk.gateway.app.app_context(), tenant(desk.client) as session:
            query = text("SELECT 1 FROM conversations WHERE id = :id FOR UPDATE")
            session.execute(query, {"id": parse("conv", talk)})
            answer = pool.submit(first)
            yield answer, desk.gateway.until(lambda: session.scalar(_WAITING), working=False)
        answer.result(60)


_WAITING = text(
    "SELECT pid FROM pg_stat_activity"
    " WHERE datname = current_database() AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
)


def test_a_twin_waits_so_long_and_not_longer(
    desk: Desk, phone: str, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = desk.answered(phone)
    monkeypatch.setattr(idempotency, "PATIENCE", timedelta(milliseconds=50))

    def send() -> requests.Response:
        return post(desk, messages(desk, talk), key, TEXT)

    with held(desk, talk, send) as (first, _):
        assert refused(send()) == (409, "idempotency_in_flight")
        assert not first.done()
    only([first.result(), send()], 202)


def test_a_request_that_dies_leaves_its_key_to_its_twin(desk: Desk, phone: str, key: str) -> None:
    talk = desk.answered(phone)

    def send() -> requests.Response:
        return post(desk, messages(desk, talk), key, TEXT)

    with ThreadPoolExecutor(1) as pool, held(desk, talk, send) as (first, backend):
        twin = pool.submit(send)
        with desk.gateway.app.app_context(), platform() as session:
            session.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": backend})
        assert refused(first.result(60)) == (500, "internal_error")
    assert (twin.result().status_code, REPLAYED in twin.result().headers) == (202, False)
    desk.gateway.until(lambda: desk.words(phone)[-1] == TEXT["text"]["body"])
    assert desk.words(phone).count(TEXT["text"]["body"]) == 1


def test_what_was_taken_back_leaves_its_key(
    desk: Desk, phone: str, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, body = f"{desk.path}/conversations", opening(desk, phone)
    with monkeypatch.context() as broken:
        broken.setattr(ConversationShown, "dump", lambda *_: 1 / 0)
        assert post(desk, path, key, body).status_code == 500

    only([post(desk, path, key, body), post(desk, path, key, body)], 201)


def test_what_was_refused_is_judged_again(desk: Desk, phone: str, key: str) -> None:
    talk = desk.talk(phone)
    desk.gateway.until(lambda: desk.gateway.phone(phone))
    path = messages(desk, talk)
    assert refused(post(desk, path, key, TEXT)) == (409, "reply_window_closed")
    desk.writes(phone)
    desk.gateway.until(lambda: desk.get(f"/conversations/{talk}")["reply_window"]["open"])

    only([post(desk, path, key, TEXT), post(desk, path, key, TEXT)], 202)


def test_the_keys_of_two_vendors_are_apart(desk: Desk, key: str) -> None:
    gateway, body = desk.gateway, {"name": f"Client of {key}", "country": "MA"}
    with gateway.app.app_context():
        other = api_keys.make(tenancy.create_vendor("Other vendor"), "tests")
    headers = {"Idempotency-Key": key}

    ours = gateway.request("POST", "/v1/clients", body, headers=headers)
    theirs = gateway.request("POST", "/v1/clients", body, headers=headers, key=other)

    assert (ours.status_code, theirs.status_code) == (201, 201)
    assert ours.json()["id"] != theirs.json()["id"]
    assert REPLAYED not in theirs.headers


def test_a_key_is_forgotten_after_a_day(desk: Desk, key: str) -> None:
    body = {"name": f"Client of {key}", "country": "MA"}
    first = post(desk, "/v1/clients", key, body)
    desk.gateway.panel("PUT", "/clock", {"advance_seconds": DAY - 60})
    assert post(desk, "/v1/clients", key, body).json() == first.json()

    desk.gateway.panel("PUT", "/clock", {"advance_seconds": 60})
    second = post(desk, "/v1/clients", key, {**body, "external_ref": "another"})
    assert (second.status_code, REPLAYED in second.headers) == (201, False)
    assert second.json()["id"] != first.json()["id"]


def test_what_is_forgotten_is_removed(desk: Desk, key: str) -> None:
    with desk.gateway.app.app_context():
        other = tenancy.create_vendor("Other vendor")
        theirs = api_keys.make(other, "tests")
    answer = desk.gateway.request(
        "POST", "/v1/clients", {"name": "A", "country": "MA"}, key=theirs,
        headers={"Idempotency-Key": key},
    )  # fmt: skip
    assert answer.status_code == 201
    run = desk.gateway.app.extensions["schedules"]["idempotency-keys"].run

    for passed, kept in ((DAY - 60, 1), (60, 0)):
        desk.gateway.panel("PUT", "/clock", {"advance_seconds": passed})
        with desk.gateway.app.app_context():
            run()
            with vendor(other) as session:
                assert session.query(KeptAnswer).count() == kept


def test_what_is_kept_is_sealed(desk: Desk, key: str) -> None:
    post(desk, "/v1/clients", key, {"name": "Nobody's business", "country": "MA"})

    with desk.gateway.app.app_context(), vendor(desk.gateway.vendor_id) as session:
        row = session.get_one(KeptAnswer, (desk.gateway.vendor_id, key))
    assert b"Nobody" not in row.body
    assert row.headers == {"Content-Type": "application/json"}


@pytest.mark.parametrize("given", ["", "k" * 256, "cl\u00e9", "a\tb"])
def test_a_malformed_key_is_refused(desk: Desk, given: str) -> None:
    headers = {
        "Authorization": f"Bearer {desk.gateway.api_key}",
        "Idempotency-Key": given.encode("latin-1"),
    }
    before = desk.gateway.get("/v1/clients")
    body = {"name": "A", "country": "MA"}
    url = f"{desk.gateway.url}/v1/clients"

    answer = requests.post(url, json=body, headers=headers, timeout=30)

    assert refused(answer) == (400, "idempotency_key_malformed")
    assert desk.gateway.get("/v1/clients") == before


def test_the_longest_key_is_taken_and_only_posts_look_at_it(desk: Desk) -> None:
    longest = f"!{'~' * 254}"
    only([post(desk, "/v1/clients", longest, {"name": "A", "country": "MA"}) for _ in "12"], 201)
    headers = {"Idempotency-Key": ""}
    assert desk.gateway.request("GET", "/v1/clients", headers=headers).status_code == 200
