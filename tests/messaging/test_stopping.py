"""Who asks us to stop is left alone by this client, and only by this client."""

import json
from typing import Any

import pytest

from gateway.messaging.stop_words import is_arabic, meaning_of
from tests.harness import Desk
from tests.messaging.test_inbound import FIXTURES
from tests.messaging.test_introductions import introduction


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        ("STOP", "stop"),
        (" Stop ! ", "stop"),
        ("ARRÊT", "stop"),
        ("arret", "stop"),
        ("Désabonner", "stop"),
        ("توقف", "stop"),
        ("تَوَقَّفْ", "stop"),
        ("تـوقـف", "stop"),
        ("إيقاف", "stop"),
        ("ايقاف", "stop"),
        ("\u200fتوقف\u200f", "stop"),
        ("Start", "resume"),
        ("ابدأ", "resume"),
        ("Safi", "perhaps"),
        ("baraka", "perhaps"),
        ("لا", "perhaps"),
        ("Please don't stop", None),
        ("The bus stop", None),
        ("stopper", None),
        ("stop it, you are funny", None),
        ("la semaine prochaine", None),
        ("", None),
        ("🛑", None),
    ],
)
def test_only_a_whole_message_means_it(words: str, meaning: str | None) -> None:
    assert meaning_of(words) == meaning


@pytest.mark.parametrize(
    ("words", "arabic"),
    [("نعم", True), ("نعم OK", True), ("ok", False), ("OK merci نعم", False), ("12", False)],
)
def test_the_script_is_that_of_most_letters(words: str, arabic: bool) -> None:
    assert is_arabic(words) is arabic


def candidate(desk: Desk, talk: str) -> Any:
    return desk.get(f"/conversations/{talk}")["candidate"]


def stopped(desk: Desk, talk: str) -> Any:
    return desk.gateway.until(lambda: candidate(desk, talk)["opted_out_at"])


@pytest.mark.parametrize(
    ("word", "confirmed"),
    [("STOP", "You will receive no more messages"), ("توقف", "لن تصلك رسائل أخرى")],
)
def test_stop_is_confirmed_once_and_ends_what_we_start(
    desk: Desk, phone: str, word: str, confirmed: str
) -> None:
    desk.gateway.request("PATCH", desk.path, {"default_language": "en"})
    talk = desk.answered(phone)
    desk.writes(phone, word)
    stopped(desk, talk)
    desk.writes(phone, word)
    said = desk.gateway.until(lambda: desk.words(phone), lambda said: len(said) == 2)
    assert said[1].startswith(confirmed)

    path = f"/conversations/{talk}/messages"
    for message in ({"type": "text", "text": {"body": "But"}}, introduction("Sara El Amrani")):
        refused = desk.attempt(path, message)
        assert (refused.status_code, refused.json()["code"]) == (409, "candidate_opted_out")
    desk.gateway.until(lambda: [it["preview"] for it in desk.messages(talk)].count(word) == 2)
    desk.gateway.work()
    assert len(desk.words(phone)) == 2

    # Whoever writes again after it is answered; templates stay shut.
    desk.gateway.panel("PUT", "/clock", {"advance_seconds": 2})
    desk.writes(phone, "One question, still")
    desk.gateway.until(lambda: desk.messages(talk)[-1]["preview"] == "One question, still")
    desk.say(talk, "Ask!")
    assert desk.attempt(path, introduction("Sara El Amrani")).json()["code"] == (
        "candidate_opted_out"
    )
    desk.gateway.panel("PUT", "/clock", {"advance_seconds": 2})
    desk.writes(phone, "start")
    desk.gateway.until(lambda: candidate(desk, talk)["opted_out_at"] is None)
    assert desk.attempt(path, introduction("Sara El Amrani")).ok


def test_stop_takes_back_what_has_not_left(desk: Desk, phone: str) -> None:
    talk = desk.answered(phone)
    desk.say(talk, "This waits for a worker")
    desk.gateway.panel("PUT", "/faults", {"graph": {"error_rate": 1, "error_code": 130429}})
    desk.writes(phone, "stop")
    stopped(desk, talk)
    desk.gateway.panel("PUT", "/faults", {})
    told = [(it["preview"], it["status"]) for it in desk.messages(talk)]
    assert ("This waits for a worker", "cancelled") in told or (
        "This waits for a worker" in desk.words(phone)
    )
    confirmed = desk.gateway.until(lambda: desk.words(phone)[-1])
    assert confirmed != "This waits for a worker"


def test_another_clients_conversation_goes_on(desk: Desk, phone: str) -> None:
    other = desk.gateway.client("Rif Textile")
    line = desk.gateway.line(other)
    theirs = desk.gateway.talk(other, line["id"], desk.gateway.recruiter(other), phone)
    ours = desk.answered(phone)
    desk.writes(phone, "STOP")
    stopped(desk, ours)

    path = f"/v1/clients/{other}"
    shown = desk.gateway.get(f"{path}/candidates/{theirs['candidate']['id']}")
    assert shown["opted_out_at"] is None
    desk.gateway.writes(phone, line["phone_number"], body="Hello")
    talk = f"{path}/conversations/{theirs['id']}"
    desk.gateway.until(lambda: desk.gateway.get(talk)["reply_window"]["open"])
    body = {"type": "text", "text": {"body": "Good to hear"}}
    desk.gateway.post(f"{talk}/messages", body)
    desk.gateway.until(lambda: desk.words(phone)[-1] == "Good to hear")


def test_safi_only_asks_the_recruiter(desk: Desk, phone: str) -> None:
    talk = desk.answered(phone)
    desk.writes(phone, "Safi")
    asked = desk.gateway.until(lambda: desk.messages(talk)[-1], lambda it: it["preview"] == "Safi")
    assert asked["reason"] == "may_mean_stop"
    assert candidate(desk, talk)["opted_out_at"] is None
    shown = desk.get(f"/conversations/{talk}")
    assert shown["stop_suspected"] == {"message_id": asked["id"], "at": asked["created_at"]}
    assert shown in desk.get(f"/conversations?recruiter_id={desk.recruiter}")["data"]
    desk.say(talk, "Is that a yes?")

    # Whatever is said of it after that answers it, by whomever.
    desk.gateway.panel("PUT", "/clock", {"advance_seconds": 2})
    desk.writes(phone, "Start")
    desk.gateway.until(lambda: desk.get(f"/conversations/{talk}")["stop_suspected"] is None)


def test_a_first_answer_in_arabic_sets_the_language_of_what_follows(desk: Desk, phone: str) -> None:
    talk = desk.talk(phone, language="fr")
    desk.gateway.until(lambda: desk.gateway.phone(phone))
    desk.writes(phone, "نعم، أنا مهتم")
    desk.gateway.until(lambda: candidate(desk, talk)["language"] == "ar")
    colleague = desk.gateway.recruiter(desk.client, "Salma Alami")
    desk.post(f"/conversations/{talk}/assign", {"recruiter_id": colleague})
    desk.say(talk, "مرحبا")
    said = desk.gateway.until(lambda: desk.words(phone), lambda said: len(said) == 3)
    assert said[1].startswith("مرحباً، معك \u2068Salma Alami\u2069")


def test_the_client_records_what_a_person_said_elsewhere(desk: Desk, phone: str) -> None:
    talk = desk.talk(phone)
    person = candidate(desk, talk)["id"]
    assert desk.post(f"/candidates/{person}/opt-out", {})["opted_out_at"]
    refused = desk.attempt(f"/conversations/{talk}/messages", introduction("Sara El Amrani"))
    assert refused.json()["code"] == "candidate_opted_out"

    evidence = {"source": "phone call", "obtained_at": "2026-11-20T10:00:00+00:00"}
    bad = desk.attempt(f"/candidates/{person}/opt-in", {"source": "phone call"})
    assert (bad.status_code, bad.json()["code"]) == (422, "invalid_request")
    shown = desk.post(f"/candidates/{person}/opt-in", evidence)
    assert (shown["opted_out_at"], shown["opt_in"]) == (None, evidence)


@pytest.mark.parametrize("how", ["user_preferences", "131050"])
def test_the_platforms_word_on_marketing_counts(desk: Desk, phone: str, how: str) -> None:
    talk = desk.answered(phone)
    if how == "131050":
        desk.gateway.panel(
            "PUT",
            "/faults",
            {"graph": {"error_rate": 1, "error_code": 131050, "calls": ["messages"]}},
        )
        desk.say(talk, "Hello")
    else:
        payload = json.loads((FIXTURES / "field_user_preferences.json").read_text())
        value = payload["entry"][0]["changes"][0]["value"]
        value["metadata"]["phone_number_id"] = desk.line["phone_number_id"]
        value["user_preferences"][0] |= {"wa_id": phone.removeprefix("+"), "user_id": None}
        assert desk.gateway.webhook(payload).status_code == 200
    desk.gateway.until(lambda: candidate(desk, talk)["marketing_stopped_at"])
    assert candidate(desk, talk)["opted_out_at"] is None
