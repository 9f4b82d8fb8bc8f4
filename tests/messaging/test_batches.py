"""Many conversations by one request: each by itself, once, and none half-done."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import requests
from sqlalchemy import text

from gateway import idempotency
from gateway.database import lock, platform, tenant, vendor
from gateway.messaging import batches
from gateway.messaging.batch_schemas import MOST_ENTRIES
from tests.harness import Desk
from tests.messaging.test_inbound import rows
from tests.test_idempotency import held

NOBODYS = "line_01kam7x2v4e8wr9tq3c5n6p0hs"


def asked(desk: Desk, phone: str, key: str | None = None, **values: Any) -> dict[str, Any]:
    """An entry, with a key where one is given."""
    person = {"name": "Imane Tazi", "phone": phone, **values.pop("candidate", {})}
    entry = {"line_id": desk.line["id"], "recruiter_id": desk.recruiter, "candidate": person}
    return {**entry, **({"idempotency_key": key} if key else {}), **values}


def send(desk: Desk, entries: list[Any], **options: Any) -> list[Any]:
    body = {"conversations": entries}
    path = f"{desk.path}/conversations/batch"
    told: list[Any] = desk.gateway.post(path, body, **options)["data"]
    assert [it["index"] for it in told] == list(range(len(entries)))
    return told


def statuses(told: list[Any]) -> list[int]:
    return [it["status"] for it in told]


def another(phone: str, digit: int) -> str:
    return f"{phone[:-6]}{digit}{phone[-5:]}"


def people(desk: Desk, *phones: str) -> int:
    """How many candidates there are with these phones."""
    query = "SELECT id FROM candidates WHERE phone = ANY(:phones)"
    return len(rows(desk, query, phones=list(phones)))


@pytest.fixture
def arabic_is_marketing(desk: Desk) -> Iterator[None]:
    """Meta charges the Arabic introduction as marketing: it takes an opt-in."""
    change = "UPDATE templates SET category = :category WHERE language = 'ar'"
    for category in ("MARKETING", "UTILITY"):
        with desk.gateway.app.app_context(), tenant(desk.client) as session:
            session.execute(text(change), {"category": category})
        if category == "MARKETING":
            yield


@pytest.mark.usefixtures("arabic_is_marketing")
def test_each_entry_is_judged_by_itself(desk: Desk, phone: str) -> None:
    other = desk.gateway.client("Rif Textile")
    theirs = desk.gateway.post(f"/v1/clients/{other}/lines", {"case": "virtual-number"})["id"]
    second, third, refused = (another(phone, digit) for digit in (3, 4, 5))
    known = desk.talk(second)
    opt_in = {"source": "job form", "obtained_at": "2026-11-01T10:00:00+00:00"}

    told = send(
        desk,
        [
            asked(desk, phone, application_ref="DRIVER-118"),
            asked(desk, refused, candidate={"language": "ar"}),
            asked(desk, second, application_ref="CLERK-7"),
            asked(desk, refused, line_id=theirs),
            asked(desk, refused, line_id=NOBODYS),
            asked(desk, refused, recruiter_id="Sara"),
            asked(desk, "12"),
            asked(desk, refused, candidate={"name": "\x07"}, colour="red"),
            asked(desk, refused, application_ref="a\x00b"),
            "Imane",
            asked(desk, third, candidate={"language": "ar", "opt_in": opt_in}),
            asked(desk, f"0{phone.removeprefix('+212')}", application_ref="CLERK-7"),
        ],
    )

    assert statuses(told) == [201, 409, 200, 404, 404, 404, 422, 422, 422, 422, 201, 200]
    errors = {it["index"]: it["error"] for it in told if "error" in it}
    assert [errors[index]["code"] for index in (1, 3, 4, 5)] == ["opt_in_missing"] + [
        "not_found"
    ] * 3
    assert errors[6]["code"] == "invalid_phone_number"
    pointers = {
        index: {it["pointer"] for it in error.get("errors", ())} for index, error in errors.items()
    }
    assert pointers[6] == {"/candidate/phone"}
    assert pointers[7] == {"/candidate/name", "/colour"}
    assert (pointers[8], pointers[9]) == ({"/application_ref"}, {"/"})
    assert all(error["request_id"] and error["doc_url"] for error in errors.values())

    made = told[0]["conversation"]
    assert (told[2]["conversation"]["id"], told[11]["conversation"]["id"]) == (known, made["id"])
    assert made["applications"] == ["DRIVER-118"]
    assert desk.get(f"/conversations/{made['id']}")["applications"] == ["DRIVER-118", "CLERK-7"]
    assert people(desk, refused) == 0
    desk.gateway.until(lambda: desk.gateway.phone(third))
    desk.gateway.work()
    assert [len(desk.gateway.phone(it)) for it in (phone, second, third, refused)] == [1, 1, 1, 0]
    for query in (
        "SELECT data FROM events WHERE type = 'conversation.opened'"
        " AND data ->> 'conversation_id' = :id",
        "SELECT actor FROM audit_entries WHERE action = 'conversation.opened' AND subject = :id",
    ):
        assert len(rows(desk, query, id=made["id"])) == 1, query


def test_an_entry_takes_effect_once_however_often_it_is_sent(desk: Desk, phone: str) -> None:
    first, second, refused = phone, another(phone, 3), another(phone, 4)
    keys = [f"{phone} {number}" for number in range(3)]
    before = send(
        desk,
        [
            asked(desk, first, keys[0], application_ref="A"),
            asked(desk, second, keys[1]),
            asked(desk, refused, keys[2], line_id=NOBODYS),
            asked(desk, first, keys[0], application_ref="A"),
            asked(desk, first, keys[0], application_ref="B"),
        ],
    )
    assert statuses(before) == [201, 201, 404, 201, 422]
    assert [it["replayed"] for it in before] == [False, False, False, True, False]
    assert before[4]["error"]["code"] == "idempotency_key_reused"
    desk.gateway.until(lambda: desk.gateway.phone(first))

    again = send(
        desk,
        [
            asked(desk, refused, keys[2]),
            asked(desk, first, keys[1]),
            {**asked(desk, first, keys[0], application_ref="A"), "candidate": 7},
            asked(desk, first, keys[0], application_ref="A"),
            asked(desk, second),
        ],
    )

    assert statuses(again) == [201, 422, 422, 201, 200], "what was refused left its key"
    assert {again[index]["error"]["code"] for index in (1, 2)} == {"idempotency_key_reused"}
    assert again[3] == {**before[0], "index": 3, "replayed": True}
    assert desk.get(f"/conversations/{before[0]['conversation']['id']}")["applications"] == ["A"]
    desk.gateway.work()
    assert len(desk.gateway.phone(first)) == 1


def test_the_keys_of_entries_are_apart_from_those_of_requests_and_of_other_vendors(
    desk: Desk, phone: str
) -> None:
    entry, headers = asked(desk, phone, phone), {"Idempotency-Key": phone}
    alone = {name: value for name, value in entry.items() if name != "idempotency_key"}

    one = desk.gateway.post(f"{desk.path}/conversations", alone, headers=headers)
    whole = [send(desk, [entry], headers={"Idempotency-Key": f"all {phone}"}) for _ in "12"]

    assert whole[0] == whole[1]
    assert statuses(whole[0]) == [200]
    assert whole[0][0]["conversation"]["id"] == one["id"]
    with desk.gateway.app.app_context(), vendor(desk.gateway.vendor_id) as session:
        kept = session.scalars(
            text("SELECT body FROM idempotency_keys WHERE key LIKE :key"), {"key": f"%{phone}"}
        ).all()
    assert len(kept) == 3
    assert not any(b"Imane" in body for body in kept), "what is kept is sealed"


def test_a_key_of_an_entry_is_forgotten_after_a_day(desk: Desk, phone: str) -> None:
    assert statuses(send(desk, [asked(desk, phone, phone)])) == [201]
    desk.gateway.panel("PUT", "/clock", {"advance_seconds": 24 * 3600})
    (told,) = send(desk, [asked(desk, phone, phone, application_ref="B")])
    assert (told["status"], told["replayed"]) == (200, False)


def test_a_batch_that_dies_leaves_nothing_and_may_be_sent_again(desk: Desk, phone: str) -> None:
    talk, new = desk.answered(phone), another(phone, 3)
    entries = [asked(desk, new, new), asked(desk, phone, phone, application_ref="Waits for a row")]

    def again() -> requests.Response:
        headers = {"Authorization": f"Bearer {desk.gateway.api_key}"}
        url = f"{desk.gateway.url}{desk.path}/conversations/batch"
        return requests.post(url, json={"conversations": entries}, headers=headers, timeout=60)

    with held(desk, talk, again) as (first, backend):
        with desk.gateway.app.app_context(), platform() as session:
            session.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": backend})
        assert first.result(60).json()["code"] == "internal_error"
    assert people(desk, new) == 0

    told = [send(desk, entries) for _ in "12"]
    assert [statuses(it) for it in told] == [[201, 200]] * 2
    assert [it["replayed"] for it in told[1]] == [True, True]
    desk.gateway.until(lambda: desk.gateway.phone(new))
    desk.gateway.work()
    assert len(desk.gateway.phone(new)) == 1


def test_batches_with_the_same_people_do_not_wait_for_each_other(desk: Desk, phone: str) -> None:
    phones = [another(phone, digit) for digit in range(6)]

    def batch(number: int) -> list[int]:
        order = phones if number % 2 else phones[::-1]
        if number == 4:
            return [desk.attempt("/conversations", asked(desk, it)).status_code for it in order]
        return statuses(send(desk, [asked(desk, it) for it in order]))

    with ThreadPoolExecutor(5) as pool:
        told = [status for one in pool.map(batch, range(5)) for status in one]

    assert sorted(told) == [200] * 24 + [201] * 6
    assert people(desk, *phones) == len(phones)


def test_whose_people_are_taken_is_waited_for_in_one_order(desk: Desk, phone: str) -> None:
    """A batch takes all its people before it opens anything, so it never holds one of them while
    it waits for another that sorts before."""
    first, second = sorted((phone, another(phone, 3)))
    with ThreadPoolExecutor(1) as pool, desk.gateway.app.app_context():
        with tenant(desk.client) as session:
            lock(session, f"{desk.client}||phone|{first}")
            batch = pool.submit(send, desk, [asked(desk, second), asked(desk, first)])
            desk.gateway.until(lambda: session.scalar(_WAITING), working=False)
            lock(session, f"{desk.client}||phone|{second}")
        assert statuses(batch.result(60)) == [201, 201]


_WAITING = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
)


def test_who_sends_many_batches_at_once_is_told_to_wait(
    desk: Desk, phone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "PATIENCE", timedelta(milliseconds=50))
    body = {"conversations": [asked(desk, phone)]}
    with desk.gateway.app.app_context(), vendor(desk.gateway.vendor_id) as session:
        lock(session, *(f"batches|{turn}" for turn in range(batches.AT_ONCE)))
        refused = desk.attempt("/conversations/batch", body)
    assert (refused.status_code, refused.json()["code"]) == (429, "batches_in_flight")
    assert statuses(send(desk, body["conversations"])) == [201]


def test_as_many_as_may_be_are_taken_and_not_one_more(desk: Desk) -> None:
    url = f"{desk.gateway.url}{desk.path}/conversations/batch"
    headers = {
        "Authorization": f"Bearer {desk.gateway.api_key}",
        "Content-Type": "application/json",
    }
    entries = [{"line_id": "x" * 4000}] * MOST_ENTRIES

    def post(conversations: Any) -> requests.Response:
        body = json.dumps({"conversations": conversations})
        return requests.post(url, data=body, headers=headers, timeout=60)

    told = post(entries).json()["data"]
    assert {(it["status"], it["error"]["code"]) for it in told} == {(422, "invalid_request")}
    assert len(told) == MOST_ENTRIES == 1000
    for wrong in ([{}] * (MOST_ENTRIES + 1), {}, "all", None):
        refused = post(wrong)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (
            422,
            "/conversations",
        )
    assert post([]).json() == {"data": []}


def test_a_client_of_nobody_has_no_batches(desk: Desk, phone: str) -> None:
    path = "/v1/clients/cli_01kam7x2v4e8wr9tq3c5n6p0hs/conversations/batch"
    refused = desk.gateway.request("POST", path, {"conversations": [asked(desk, phone)]})
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
