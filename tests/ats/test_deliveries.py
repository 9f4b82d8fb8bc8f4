"""An event of an ATS opens a conversation as the API would, once, or says why it did not."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from gateway import outbox
from gateway.database import tenant
from gateway.messaging import service as messaging
from tests.ats.sender import SETTINGS, Ats, connected, event
from tests.harness import Desk


def told(ats: Ats, delivery_id: str) -> list[str]:
    """The codes of failure that the vendor is told of a delivery."""
    query = text(
        "SELECT data ->> 'code' FROM events WHERE type = 'ats.delivery_failed'"
        " AND data ->> 'delivery_id' = :id AND data ->> 'connection_id' = :connection"
    )
    with ats.desk.gateway.app.app_context(), tenant(ats.desk.client) as session:
        return list(session.scalars(query, {"id": delivery_id, "connection": ats.id}))


def talks_with(desk: Desk, phone: str) -> list[Any]:
    found = desk.get("/conversations")["data"]
    return [talk for talk in found if talk["candidate"]["phone"] == phone]


def test_an_application_opens_a_conversation_with_its_introduction(
    desk: Desk, ats: Ats, phone: str
) -> None:
    national = f"0{phone.removeprefix('+212')}"
    consent = {"form": "job form", "at": "2026-11-01T10:00:00+00:00"}
    body = event(national, consent=consent)
    body["candidate"]["locale"] = "fr-MA"

    delivery = ats.came_to(body, event_id="evt_first")

    assert (delivery["event_id"], delivery["state"]) == ("evt_first", "done")
    assert delivery["error"] is None
    assert delivery["settled_at"] >= delivery["received_at"]
    talk = desk.get(f"/conversations/{delivery['conversation_id']}")
    person = talk["candidate"]
    assert (person["name"], person["phone"]) == ("Imane Tazi", phone)
    assert (person["ats_candidate_id"], person["language"]) == ("4711", "fr")
    assert person["opt_in"] == {"source": "job form", "obtained_at": "2026-11-01T10:00:00+00:00"}
    assert (talk["line_id"], talk["recruiter_id"]) == (desk.line["id"], desk.recruiter)
    assert talk["applications"] == ["DRIVER-118"]
    (introduction,) = desk.gateway.until(lambda: desk.gateway.phone(phone))
    assert introduction["text"]["body"].startswith("Bonjour, je suis Sara El Amrani")


def test_the_recruiter_is_found_by_e_mail_and_is_the_connections_own_otherwise(
    desk: Desk, ats: Ats, phone: str
) -> None:
    colleague = desk.gateway.recruiter(desk.client, "Nadia Of The Ats")
    other = f"{phone[:-4]}9{phone[-3:]}"

    named = ats.came_to(event(phone, owner={"email": "Nadia.Of.The.Ats@Example.com"}))
    unknown = ats.came_to(event(other, owner={"email": "nobody@example.com"}))

    def whose(delivery: Any) -> str:
        talk = desk.get(f"/conversations/{delivery['conversation_id']}")
        return str(talk["recruiter_id"])

    assert (whose(named), whose(unknown)) == (colleague, desk.recruiter)


def test_another_application_of_the_same_candidate_is_added(
    desk: Desk, ats: Ats, phone: str
) -> None:
    first = ats.came_to(event(phone))
    second = ats.came_to(event(phone, **{"job/ref": "CLERK-7"}))

    assert first["conversation_id"] == second["conversation_id"]
    talk = desk.get(f"/conversations/{first['conversation_id']}")
    assert talk["applications"] == ["DRIVER-118", "CLERK-7"]
    desk.gateway.work()
    assert len(desk.gateway.phone(phone)) == 1


@pytest.mark.parametrize(
    "how",
    [
        {"webhook_signature": "v1,bm9ib2R5"},
        {"webhook_signature": ""},
        {"webhook_signature": "v1"},
        {"webhook_signature": "v1,\u00e9"},
        {"webhook_id": "evt_another"},
        {"webhook_id": ""},
        {"webhook_timestamp": "soon"},
        {"webhook_timestamp": "9" * 400},
        {"sent": b"{}"},
        {"late": timedelta(seconds=310)},
        {"late": timedelta(seconds=-310)},
    ],
    ids=[
        "forged",
        "unsigned",
        "no-signature-in-it",
        "not-ascii",
        "another-id",
        "no-id",
        "no-time",
        "no-such-time",
        "another-body",
        "stale",
        "early",
    ],
)
def test_what_the_ats_did_not_sign_just_now_is_refused_and_leaves_nothing(
    ats: Ats, phone: str, how: dict[str, Any]
) -> None:
    answer = ats.deliver(event(phone), **how)

    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_signature")
    assert ats.deliveries() == []


def test_another_connections_signature_is_forged(desk: Desk, ats: Ats, phone: str) -> None:
    other = connected(desk)
    posted = Ats(desk=desk, id=ats.id, url=ats.url, secret=other.secret).deliver(event(phone))

    assert (posted.status_code, ats.deliveries(), other.deliveries()) == (401, [], [])


@pytest.mark.parametrize("connection", ["ats_00000000000000000000000000", "nonsense"])
def test_nobodys_connection_is_not_there(ats: Ats, phone: str, connection: str) -> None:
    url = ats.url.replace(ats.id, connection)
    answer = Ats(desk=ats.desk, id=connection, url=url, secret=ats.secret).deliver(event(phone))

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_while_the_key_changes_one_good_signature_is_enough(ats: Ats, phone: str) -> None:
    late = timedelta(seconds=290)  # and so is one of some minutes ago
    signed = ats.deliver(event(phone), event_id="evt_k", late=late).request.headers
    both = f"v1a,eA== v1,bm9ib2R5 {signed['webhook-signature']}"

    again = ats.deliver(
        event(phone),
        event_id="evt_k",
        webhook_timestamp=signed["webhook-timestamp"],
        webhook_signature=both,
    )

    assert again.status_code == 202


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_the_limit_is_refused(ats: Ats, chunked: bool) -> None:
    most = ats.desk.gateway.app.extensions["settings"].web.max_body_bytes
    sent: Any = b" " * (most + 1)
    answer = ats.deliver({}, sent=iter([sent]) if chunked else sent)  # type: ignore[arg-type]

    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert ats.deliveries() == []


def test_a_repeated_event_is_answered_the_same_and_does_nothing(
    desk: Desk, ats: Ats, phone: str
) -> None:
    """Also when it comes many times at once, and again when it has long been read."""

    def deliver(_: int) -> tuple[int, bytes]:
        answer = ats.deliver(event(phone), event_id="evt_again")
        return answer.status_code, answer.content

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(deliver, range(8)))
    settled = ats.settled()
    answers.append(deliver(8))
    desk.gateway.work()

    assert set(answers) == {(202, b"")}
    assert ats.deliveries() == [settled]
    (talk,) = talks_with(desk, phone)
    assert talk["id"] == settled["conversation_id"]
    assert len(desk.gateway.until(lambda: desk.gateway.phone(phone))) == 1


def test_many_events_of_one_person_at_once_open_one_conversation(
    desk: Desk, ats: Ats, phone: str
) -> None:
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: ats.deliver(event(phone)), range(6)))
    found = desk.gateway.until(
        ats.deliveries, lambda rows: all(row["state"] == "done" for row in rows)
    )

    assert len(found) == 6
    assert len({row["conversation_id"] for row in found}) == len(talks_with(desk, phone)) == 1


@pytest.mark.parametrize("kind", ["application.deleted", None, ["application.created"]])
def test_an_event_that_asks_for_nothing_is_ignored(
    desk: Desk, ats: Ats, phone: str, kind: Any
) -> None:
    delivery = ats.came_to(event(phone, event=kind))

    assert (delivery["state"], delivery["error"]) == ("ignored", None)
    assert (delivery["conversation_id"], talks_with(desk, phone)) == (None, [])
    assert told(ats, delivery["id"]) == []


def person(**changes: Any) -> dict[str, Any]:
    return {"candidate": {"full_name": "Imane Tazi", "phones": [{"value": "0600"}], **changes}}


@pytest.mark.parametrize(
    ("changes", "code", "detail"),
    [
        (person(), "invalid_phone_number", "'0600' is not a phone number"),
        (person(phones=[]), "invalid_request", "/candidate/phone"),
        (person(phones=[{"value": " "}]), "invalid_request", "/candidate/phone"),
        (person(full_name=None), "invalid_request", "/candidate/name"),
        (person(full_name="\u202e"), "invalid_request", "/candidate/name"),
        (person(id="a\x00b"), "invalid_request", "NUL"),
        (person(id="\ud800"), "invalid_request", "surrogate"),
        (person(id={"value": 1}), "mapped_value_not_text", "/candidate/id"),
        (person(id=True), "mapped_value_not_text", "/candidate/id"),
        ({"consent": {"form": "f", "at": "yesterday"}}, "invalid_request", "obtained_at"),
        ({"consent": {"at": "2026-11-01T10:00:00Z"}}, "invalid_request", "source"),
    ],
)
def test_what_cannot_be_done_says_why_and_leaves_nothing(
    ats: Ats, phone: str, changes: dict[str, Any], code: str, detail: str
) -> None:
    delivery = ats.came_to(event(phone, **changes))

    assert (delivery["state"], delivery["error"]["code"]) == ("failed", code)
    assert detail in delivery["error"]["detail"]
    assert delivery["conversation_id"] is None
    assert told(ats, delivery["id"]) == [code]


@pytest.mark.parametrize("body", [b"", b"event=1", b"[" * 200_000, b'{"a": 1' + b"0" * 5000 + b"}"])
def test_a_body_that_is_no_json_fails(ats: Ats, body: bytes) -> None:
    delivery = ats.came_to(body)

    assert (delivery["state"], delivery["error"]["code"]) == ("failed", "malformed_event")


def test_who_opted_out_is_not_written_to(desk: Desk, ats: Ats, phone: str) -> None:
    elsewhere = desk.gateway.line(desk.client)["id"]
    known = desk.get(f"/conversations/{desk.talk(phone)}")["candidate"]["id"]
    desk.post(f"/candidates/{known}/opt-out", {})
    other = connected(desk, line_id=elsewhere)

    delivery = other.came_to(event(phone))

    assert (delivery["state"], delivery["error"]["code"]) == ("failed", "candidate_opted_out")
    assert len(talks_with(desk, phone)) == 1


def test_a_line_that_is_not_active_yet_writes_nothing(desk: Desk, phone: str) -> None:
    client = desk.gateway.client("Rif Textile")
    path = f"/v1/clients/{client}"
    pending = desk.gateway.post(f"{path}/lines", {"case": "virtual-number"})
    theirs = Desk(
        gateway=desk.gateway,
        client=client,
        recruiter=desk.gateway.recruiter(client),
        line=pending,
    )
    desk.gateway.post(f"{path}/lines/{pending['id']}/activation/cancel")
    ats = connected(theirs)

    delivery = ats.came_to(event(phone))

    assert (delivery["state"], delivery["error"]["code"]) == ("failed", "line_not_active")
    assert talks_with(theirs, phone) == []


def test_a_recruiter_who_has_left_opens_nothing(desk: Desk, phone: str) -> None:
    leaving = desk.gateway.recruiter(desk.client, "Leaving With The Ats")
    ats = connected(desk, recruiter_id=leaving)
    desk.post(f"/recruiters/{leaving}/leave", {})

    named = event(phone, owner={"email": "leaving.with.the.ats@example.com"})

    assert ats.came_to(named)["error"]["code"] == "recruiter_left"
    assert connected(desk).came_to(named)["state"] == "done"  # its own recruiter is here


def test_what_may_pass_is_tried_again(
    desk: Desk, ats: Ats, phone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_ = messaging.open_conversation
    with monkeypatch.context() as broken:
        broken.setattr(messaging, "open_conversation", lambda *given: open_(*given) and 1 / 0)
        ats.deliver(event(phone))
        desk.gateway.work()
        assert [row["state"] for row in ats.deliveries()] == ["pending"]
        assert talks_with(desk, phone) == []

    assert ats.settled()["state"] == "done"
    assert len(talks_with(desk, phone)) == 1


def test_a_worker_that_died_before_it_settled_does_nothing_twice(
    desk: Desk, ats: Ats, phone: str
) -> None:
    before = ats.came_to(event(phone))
    with desk.gateway.app.app_context(), tenant(desk.client) as session:
        outbox.put(session, "ats.read", before["id"], client_id=desk.client)
    desk.gateway.work()

    assert ats.deliveries() == [before]


def test_the_body_is_kept_until_it_is_read(desk: Desk, ats: Ats, phone: str) -> None:
    query = text("SELECT body FROM ats_deliveries WHERE event_id = 'evt_kept'")

    def kept() -> bytes | None:
        with desk.gateway.app.app_context(), tenant(desk.client) as session:
            return session.scalar(query)

    ats.deliver(event(phone), event_id="evt_kept")
    assert json.loads(kept() or b"") == event(phone)
    ats.settled()
    assert kept() is None


def test_conditions_do_not_take_true_for_one(desk: Desk, phone: str) -> None:
    ats = connected(desk, settings={**SETTINGS, "only": {"/event": [1], "/live": [True, "yes"]}})

    states = [
        ats.came_to(event(phone, event=kind, live=live))["state"]
        for kind, live in ((True, True), (1, 1), (1, "no"), (1, True), (1, "yes"))
    ]

    assert states == ["ignored", "ignored", "ignored", "done", "done"]


def test_two_clients_open_their_own_conversations_with_one_person(desk: Desk, phone: str) -> None:
    gateway = desk.gateway
    client = gateway.client("Rif Textile")
    recruiter = gateway.recruiter(client)
    theirs = Desk(gateway=gateway, client=client, recruiter=recruiter, line=gateway.line(client))

    found = [connected(side).came_to(event(phone)) for side in (desk, theirs)]

    assert [delivery["state"] for delivery in found] == ["done", "done"]
    (ours,), (other) = talks_with(desk, phone), talks_with(theirs, phone)
    assert ours["candidate"]["id"] != other[0]["candidate"]["id"]
    assert [ours["id"], other[0]["id"]] == [delivery["conversation_id"] for delivery in found]
