"""Whoever writes says first who they are, in words the person reads."""

from typing import Any

import pytest

from tests.harness import Desk, Gateway

FOOTERS = {
    "en": "Reply STOP to receive nothing more.",
    "fr": "Répondez STOP pour ne plus rien recevoir.",
    "ar": "أرسل كلمة توقف لإيقاف الرسائل.",
}


@pytest.mark.parametrize("language", FOOTERS)
def test_a_footer_says_how_to_stop(desk: Desk, language: str) -> None:
    found = [it for it in desk.get("/templates")["data"] if it["language"] == language]
    assert {it["name"] for it in found} == {"recruitment_introduction", "recruitment_first_contact"}
    for template in found:
        parts = {part["type"]: part["text"] for part in template["components"]}
        assert parts["FOOTER"] == FOOTERS[language]
        assert template["category"] == "UTILITY"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "about a job that may suit you; you have not applied for it."),
        ("fr", "au sujet d'un poste qui pourrait vous convenir ; vous n'y avez pas postulé."),
        ("ar", "بخصوص وظيفة قد تناسبك، علماً أنك لم تتقدم لها."),
    ],
)
def test_who_has_not_applied_is_told_so(desk: Desk, phone: str, language: str, words: str) -> None:
    body = {
        "line_id": desk.line["id"],
        "recruiter_id": desk.recruiter,
        "candidate": {"name": "Imane Tazi", "phone": phone, "language": language},
    }
    desk.post("/conversations", body)
    assert desk.gateway.until(lambda: desk.words(phone))[0].endswith(words)


def test_names_read_on_the_phone_as_they_were_typed(gateway: Gateway) -> None:
    names = {
        "en": ("D'Arcy O'Neill-Brön", "Société Générale d'Été"),
        "fr": ("Jean-François Lœuf", "L'Atelier « Ça va »"),
        "ar": ("فاطمة الزهراء بنعلي", "شركة الأطلس للتوظيف"),
    }
    for number, (language, (recruiter, company)) in enumerate(names.items()):
        phone = f"+21266200010{number}"
        client = gateway.client(company, default_language=language, display_name="Atelier")
        body = {"name": recruiter, "email": "r@example.com"}
        who = gateway.post(f"/v1/clients/{client}/recruiters", body)["id"]
        line = gateway.line(client)
        gateway.talk(client, line["id"], who, phone)
        (message,) = gateway.until(lambda phone=phone: gateway.phone(phone))
        assert recruiter in message["text"]["body"]
        assert company in message["text"]["body"]


def test_a_colleague_says_who_they_are_before_their_first_message(desk: Desk, phone: str) -> None:
    talk = desk.answered(phone)
    desk.say(talk, "Can you come on Tuesday?")
    desk.gateway.until(lambda: len(desk.words(phone)) == 2)
    colleague = desk.gateway.recruiter(desk.client, "Anas Berrada")
    desk.post(f"/conversations/{talk}/assign", {"recruiter_id": colleague})

    desk.say(talk, "Or on Wednesday?")
    desk.say(talk, "At ten.")

    said = desk.gateway.until(lambda: desk.words(phone), lambda said: len(said) == 5)
    assert "Anas Berrada" in said[2]
    assert said[3:] == ["Or on Wednesday?", "At ten."]
    shown = desk.get(f"/conversations/{talk}")["introduction"]
    assert shown["message_id"] == desk.messages(talk)[-3]["id"]
    assert [it["introduction"] for it in desk.messages(talk)].count(True) == 2


def test_outside_the_window_the_colleagues_introduction_is_a_template(
    desk: Desk, phone: str
) -> None:
    talk = desk.answered(phone)
    colleague = desk.gateway.recruiter(desk.client, "Kenza Tahiri")
    desk.post(f"/conversations/{talk}/assign", {"recruiter_id": colleague})
    desk.gateway.panel("PUT", "/clock", {"advance_seconds": 25 * 3600})
    sent = desk.post(f"/conversations/{talk}/messages", introduction("Kenza Tahiri"))

    received = desk.gateway.until(
        lambda: desk.gateway.phone(phone), lambda received: len(received) == 3
    )
    assert [it["type"] for it in received] == ["template"] * 3
    assert received[2]["biz_opaque_callback_data"] == sent["id"]
    # Two templates wait for an answer now: no third one joins them.
    refused = desk.attempt(f"/conversations/{talk}/messages", introduction("Kenza Tahiri"))
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_unanswered_templates")
    desk.writes(phone)
    desk.gateway.until(lambda: desk.get(f"/conversations/{talk}")["reply_window"]["open"])
    assert desk.attempt(f"/conversations/{talk}/messages", introduction("Kenza Tahiri")).ok


def introduction(recruiter: str) -> dict[str, Any]:
    parameters = [{"type": "text", "text": text} for text in (recruiter, "Atlas Logistics")]
    return {
        "type": "template",
        "template": {
            "name": "recruitment_introduction",
            "language": {"code": "en"},
            "components": [{"type": "body", "parameters": parameters}],
        },
    }


def test_an_introduction_that_failed_is_made_up_for(desk: Desk, phone: str) -> None:
    desk.gateway.panel(
        "PUT", "/faults", {"graph": {"error_rate": 1, "error_code": 131026, "calls": ["messages"]}}
    )
    talk = desk.talk(phone)
    desk.gateway.until(
        lambda: desk.get(f"/conversations/{talk}")["introduction"]["status"] == "failed"
    )
    desk.gateway.panel("PUT", "/faults", {})
    desk.writes(phone, "I saw you tried to reach me")
    desk.gateway.until(lambda: desk.get(f"/conversations/{talk}")["reply_window"]["open"])
    desk.say(talk, "Hello")
    said = desk.gateway.until(lambda: desk.words(phone), lambda said: len(said) == 2)
    assert "Sara El Amrani" in said[0]
    assert said[1] == "Hello"


def test_an_introduction_that_meta_made_marketing_needs_an_opt_in(gateway: Gateway) -> None:
    gateway.panel("PUT", "/graph/decisions", {"template_category": "MARKETING"})
    client = gateway.client()
    recruiter, line = gateway.recruiter(client), gateway.line(client)
    path = f"/v1/clients/{client}"
    assert {it["category"] for it in gateway.get(f"{path}/templates")["data"]} == {"MARKETING"}

    body: dict[str, Any] = {
        "line_id": line["id"],
        "recruiter_id": recruiter,
        "candidate": {"name": "Imane Tazi", "phone": "+212661000001"},
    }
    refused = gateway.request("POST", f"{path}/conversations", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "opt_in_missing")
    assert gateway.get(f"{path}/conversations")["data"] == [], "nothing half-done"

    body["candidate"]["opt_in"] = {
        "source": "job form",
        "obtained_at": "2026-11-01T10:00:00+00:00",
    }
    gateway.post(f"{path}/conversations", body)
    gateway.until(gateway.phone)
