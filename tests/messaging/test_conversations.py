"""How conversations begin, to whom they belong, and what happens when that person leaves."""

from concurrent.futures import ThreadPoolExecutor
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import text

from gateway.database import platform, tenant
from gateway.messaging import service
from gateway.messaging.service import Opening
from tests.harness import Desk, Gateway

WORDS = {
    "en": "Hi, I'm Sara El Amrani from Atlas Logistics. I'm contacting you via our LinkoJob portal"
    " regarding your application.",
    "fr": "Bonjour, je suis Sara El Amrani de Atlas Logistics. Je vous contacte via notre portail"
    " LinkoJob au sujet de votre candidature.",
    "ar": "مرحباً، معك \u2068Sara El Amrani\u2069 من \u2068Atlas Logistics\u2069. أتواصل"
    " معك عبر بوابة LinkoJob بخصوص طلب التوظيف الخاص بك.",
}


@pytest.mark.parametrize(
    ("candidates", "clients", "spoken"),
    [
        ("fr", "en", "fr"),
        ("ar", "fr", "ar"),
        (None, "fr", "fr"),
        (None, "en", "en"),
    ],
)
def test_the_introduction_comes_first_and_alone_in_the_candidates_language(
    desk: Desk, phone: str, candidates: str | None, clients: str, spoken: str
) -> None:
    language = {"default_language": clients}
    assert desk.gateway.request("PATCH", desk.path, language).status_code == 200

    talk = desk.talk(phone, language=candidates)

    refused = desk.attempt(f"/conversations/{talk}/messages", free_text("Are you there?"))
    assert refused.json()["code"] == "reply_window_closed"
    received = desk.gateway.until(lambda: desk.gateway.phone(phone))
    desk.gateway.work()
    assert desk.gateway.phone(phone) == received
    (introduction,) = received
    assert introduction["text"]["body"] == WORDS[spoken]
    assert introduction["type"] == "template"
    assert introduction["from"] == desk.line["phone_number"]
    shown = desk.get(f"/conversations/{talk}")["introduction"]
    assert shown["language"] == spoken
    assert shown["message_id"] == introduction["biz_opaque_callback_data"]
    assert [message["id"] for message in desk.messages(talk)] == [shown["message_id"]]


def free_text(body: str) -> dict[str, Any]:
    return {"type": "text", "text": {"body": body}}


def test_a_new_conversation_shows_all_that_is_known(desk: Desk, phone: str) -> None:
    opt_in = {"source": "job form", "obtained_at": "2026-11-01T10:00:00+00:00"}
    made = desk.post(
        "/conversations",
        {
            "line_id": desk.line["id"],
            "recruiter_id": desk.recruiter,
            "candidate": {
                "name": "Imane Tazi",
                "phone": phone,
                "ats_candidate_id": "A-17",
                "opt_in": opt_in,
            },
            "application_ref": "DRIVER-118",
        },
    )

    assert (made["status"], made["recruiter_id"]) == ("open", desk.recruiter)
    assert made["line_id"] == desk.line["id"]
    assert made["applications"] == ["DRIVER-118"]
    assert made["reply_window"] == {"open": False, "closes_at": None}
    assert made["introduction"]["status"] == "queued"
    candidate = made["candidate"]
    assert (candidate["name"], candidate["phone"]) == ("Imane Tazi", phone)
    assert candidate["ats_candidate_id"] == "A-17"
    assert desk.get(f"/candidates/{candidate['id']}") == candidate
    assert desk.get(f"/conversations/{made['id']}") == made
    assert made in desk.get(f"/conversations?recruiter_id={desk.recruiter}")["data"]


def test_the_same_candidate_again_is_the_same_conversation(desk: Desk, phone: str) -> None:
    body = {
        "line_id": desk.line["id"],
        "recruiter_id": desk.recruiter,
        "candidate": {"name": "Imane Tazi", "phone": phone},
    }
    first = desk.attempt("/conversations", {**body, "application_ref": "DRIVER-118"})
    national = {"name": "I. Tazi", "phone": f"0{phone.removeprefix('+212')}"}
    again = desk.attempt(
        "/conversations", {**body, "candidate": national, "application_ref": "CLERK-7"}
    )
    without = desk.attempt("/conversations", body)
    desk.gateway.until(lambda: desk.gateway.phone(phone))
    late = desk.attempt("/conversations", {**body, "application_ref": "CLERK-7"})

    answers = [first, again, without, late]
    assert [answer.status_code for answer in answers] == [201, 200, 200, 200]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert late.json()["applications"] == ["DRIVER-118", "CLERK-7"]
    person = late.json()["candidate"]
    assert (person["name"], person["other_names"]) == ("Imane Tazi", ["I. Tazi"])
    desk.gateway.work()
    assert len(desk.gateway.phone(phone)) == 1


def test_many_at_once_open_one_conversation(desk: Desk, phone: str) -> None:
    references = [f"REF-{number}" for number in range(8)]

    def open_(reference: str) -> tuple[int, str]:
        answer = desk.attempt(
            "/conversations",
            {
                "line_id": desk.line["id"],
                "recruiter_id": desk.recruiter,
                "candidate": {"name": "Imane Tazi", "phone": phone},
                "application_ref": reference,
            },
        )
        return answer.status_code, answer.json()["id"]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(open_, references))

    assert sorted(status for status, _ in answers) == [200] * 7 + [201]
    assert len({id_ for _, id_ in answers}) == 1
    talk = desk.get(f"/conversations/{answers[0][1]}")
    assert sorted(talk["applications"]) == references
    desk.gateway.until(lambda: desk.gateway.phone(phone))
    desk.gateway.work()
    assert len(desk.gateway.phone(phone)) == 1
    assert len(desk.messages(talk["id"])) == 1


def test_who_writes_first_waits_for_somebody_to_take_over(desk: Desk, phone: str) -> None:
    known = {talk["id"] for talk in desk.get("/conversations")["data"]}
    desk.gateway.request("PATCH", desk.path, {"default_language": "fr"})
    desk.writes(phone, "Do you have a job for me?")
    (talk,) = desk.gateway.until(
        lambda: [it for it in desk.get("/conversations")["data"] if it["id"] not in known]
    )

    assert (talk["status"], talk["recruiter_id"]) == ("unassigned", None)
    assert talk["introduction"] is None
    assert talk["reply_window"]["open"]
    assert talk["candidate"]["phone"] == phone
    path = f"/conversations/{talk['id']}"
    refused = desk.attempt(f"{path}/messages", free_text("Yes"))
    assert (refused.status_code, refused.json()["code"]) == (409, "conversation_unassigned")

    taken = desk.post(f"{path}/assign", {"recruiter_id": desk.recruiter})
    assert (taken["status"], taken["recruiter_id"]) == ("open", desk.recruiter)
    desk.say(talk["id"], "We do.")
    said = desk.gateway.until(lambda: desk.words(phone), lambda said: len(said) == 2)
    assert said[0].startswith("Bonjour, je suis Sara El Amrani de Atlas Logistics.")
    assert "vous n'y avez pas postulé" in said[0]
    assert said[0].endswith("Répondez STOP pour ne plus rien recevoir.")
    assert said[1] == "We do."
    shown = desk.messages(talk["id"])
    assert [(it["direction"], it["introduction"], it["type"]) for it in shown] == [
        ("inbound", False, "text"),
        ("outbound", True, "text"),
        ("outbound", False, "text"),
    ]


def test_an_introduction_waits_until_the_name_is_approved(gateway: Gateway) -> None:
    gateway.panel("PUT", "/graph/decisions", {"display_name": "hold"})
    client = gateway.client()
    recruiter, line = gateway.recruiter(client), gateway.line(client, named=False)
    path = f"/v1/clients/{client}"
    assert line["display_name_status"] == "PENDING_REVIEW"
    held = gateway.talk(client, line["id"], recruiter, "+212661000001")
    gateway.work()

    assert held["introduction"]["status"] == "held"
    assert held["introduction"]["reason"] == "display_name_pending"
    assert gateway.phone("+212661000001") == []

    # The client may choose to be seen without its name.
    gateway.request("PATCH", path, {"hold_introductions_until_named": False})
    gateway.talk(client, line["id"], recruiter, "+212661000002")
    gateway.until(lambda: gateway.phone("+212661000002"))
    assert gateway.phone("+212661000001") == [], "what was held before is held on"

    gateway.panel("PUT", "/graph/decisions", {"display_name": "approve"})
    gateway.until(lambda: gateway.phone("+212661000001"))
    shown = gateway.until(
        lambda: gateway.get(f"{path}/conversations/{held['id']}")["introduction"],
        lambda shown: shown["status"] == "delivered",
    )
    assert shown["reason"] is None
    assert gateway.get(f"{path}/lines/{line['id']}")["display_name_status"] == "APPROVED"
    card = gateway.panel("GET", f"/phones/+212661000001/contacts/{line['phone_number']}")
    assert card["title"] == "Atlas Logistics Recruitment", "registered again after approval"
    assert len(gateway.phone("+212661000001")) == 1


def test_an_introduction_held_while_the_name_is_being_approved_is_let_go(gateway: Gateway) -> None:
    gateway.panel("PUT", "/graph/decisions", {"display_name": "hold"})
    client = gateway.client()
    recruiter, line = gateway.recruiter(client), gateway.line(client, named=False)
    wanted = Opening(
        line_id=line["id"],
        recruiter_id=recruiter,
        name="Imane Tazi",
        phone="+212661000001",
        **dict.fromkeys(("bsuid", "language", "ats_candidate_id", "opt_in", "application_ref")),
    )

    def is_named() -> bool:
        found = gateway.get(f"/v1/clients/{client}/lines/{line['id']}")
        return bool(found["display_name_status"] == "APPROVED")

    def somebody_waits() -> bool:
        with gateway.app.app_context(), platform() as session:
            query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            return bool(session.scalar(text(query)))

    worker = Thread(target=lambda: gateway.until(is_named))
    with gateway.app.app_context(), tenant(client) as session:
        service.open_conversation(session, client, wanted)
        gateway.panel("PUT", "/graph/decisions", {"display_name": "approve"})
        worker.start()
        gateway.until(lambda: is_named() or somebody_waits(), working=False)
    worker.join(30)
    gateway.until(gateway.phone)


def test_who_leaves_hands_over_every_conversation_with_its_history(desk: Desk, phone: str) -> None:
    leaving = desk.gateway.recruiter(desk.client, "Nadia Alaoui")
    phones = [phone, f"+2126632{phone[-5:]}", f"+2126640{phone[-5:]}"]
    talks = [
        desk.gateway.talk(desk.client, desk.line["id"], leaving, number)["id"] for number in phones
    ]
    others = desk.talk(f"+2126650{phone[-5:]}")
    desk.gateway.until(lambda: all(desk.gateway.phone(number) for number in phones))
    desk.gateway.work()
    before = {talk: desk.messages(talk) for talk in talks}
    assert all(before.values())

    left = desk.post(f"/recruiters/{leaving}/leave", {"hand_over_to": desk.recruiter})

    assert left["left_at"]
    assert left["moved_conversations"] == 3
    assert desk.get(f"/conversations?recruiter_id={leaving}")["data"] == []
    mine = {
        talk["id"] for talk in desk.get(f"/conversations?recruiter_id={desk.recruiter}")["data"]
    }
    assert {*talks, others} <= mine
    assert {talk: desk.messages(talk) for talk in talks} == before
    assert {desk.get(f"/conversations/{talk}")["line_id"] for talk in talks} == {desk.line["id"]}
    with desk.gateway.app.app_context(), tenant(desk.client) as session:
        acts = session.execute(
            text(
                "SELECT action, actor, xmin::text AS transaction FROM audit_entries"
                " WHERE action IN ('recruiter.left', 'conversation.assigned')"
                " AND details ->> 'hand_over_to' = :to OR details ->> 'recruiter_id' = :to"
            ),
            {"to": desk.recruiter},
        ).all()
    (act,) = [it for it in acts if it.action == "recruiter.left"]
    together = [it.action for it in acts if it.transaction == act.transaction]
    assert sorted(together) == ["conversation.assigned"] * 3 + ["recruiter.left"]
    assert act.actor.startswith("key_")


def test_who_leaves_without_a_successor_leaves_conversations_unassigned(
    desk: Desk, phone: str
) -> None:
    leaving = desk.gateway.recruiter(desk.client, "Hamza Idrissi")
    talk = desk.gateway.talk(desk.client, desk.line["id"], leaving, phone)["id"]
    desk.gateway.until(lambda: desk.gateway.phone(phone))

    assert desk.post(f"/recruiters/{leaving}/leave", {})["moved_conversations"] == 1

    shown = desk.get(f"/conversations/{talk}")
    assert (shown["status"], shown["recruiter_id"]) == ("unassigned", None)
    assert len(desk.messages(talk)) == 1
    refused = desk.attempt(f"/conversations/{talk}/messages", free_text("Hello"))
    assert refused.json()["code"] == "conversation_unassigned"


def test_one_human_is_another_candidate_to_each_client(desk: Desk, phone: str) -> None:
    other = desk.gateway.client("Rif Textile")
    line = desk.gateway.line(other)
    recruiter = desk.gateway.recruiter(other)

    ours = desk.get(f"/conversations/{desk.talk(phone)}")
    theirs = desk.gateway.talk(other, line["id"], recruiter, phone)

    assert ours["candidate"]["id"] != theirs["candidate"]["id"]
    assert len({ours["id"], theirs["id"]}) == 2
    senders = desk.gateway.until(
        lambda: {message["from"] for message in desk.gateway.phone(phone)},
        lambda senders: len(senders) == 2,
    )
    assert senders == {desk.line["phone_number"], line["phone_number"]}
