"""What waits by itself: for the candidate's word, and for the end of the quiet hours."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.harness import Desk
from tests.messaging.test_introductions import introduction
from tests.messaging.test_rehearsing import rehearse
from tests.messaging.test_sending import events, free_text, later, send, statuses, template


def now(desk: Desk) -> datetime:
    return datetime.fromisoformat(desk.gateway.panel("GET", "/clock")["now"])


def waiting_text(body: str, **values: Any) -> dict[str, Any]:
    return {**free_text(body), "hold_until_reply": True, **values}


def hold(desk: Desk, talk: str, body: str, **values: Any) -> Any:
    return desk.post(f"/conversations/{talk}/messages", waiting_text(body, **values))


def introduced(desk: Desk, phone: str) -> str:
    talk = desk.talk(phone)
    desk.gateway.until(lambda: desk.messages(talk)[0]["status"] == "delivered")
    return talk


def test_a_text_waits_for_the_candidate_and_keeps_nobody_waiting(desk: Desk, phone: str) -> None:
    talk = introduced(desk, phone)
    one, two = hold(desk, talk, "One"), hold(desk, talk, "Two")
    assert (one["status"], one["reason"]) == ("held", "awaiting_reply")
    days = datetime.fromisoformat(one["expires_at"]) - now(desk)
    assert timedelta(days=6.9) < days <= timedelta(days=7)

    passed = send(desk, talk, template()).json()["id"]
    desk.gateway.until(lambda: statuses(desk, passed) == ["delivered"])
    assert statuses(desk, one["id"], two["id"]) == ["held", "held"]

    desk.writes(phone, "I am here")
    desk.gateway.until(lambda: statuses(desk, two["id"]) == ["delivered"])
    assert desk.words(phone)[2:] == ["One", "Two"]
    shown = desk.messages(talk)
    assert [it["preview"] for it in shown[2:]] == ["I am here", "One", "Two"]
    assert [it["reason"] for it in shown] == [None] * 5


def test_inside_the_window_nothing_waits(desk: Desk, phone: str) -> None:
    talk = desk.answered(phone)
    sent = hold(desk, talk, "Hello")
    assert (sent["status"], sent["expires_at"]) == ("queued", None)
    desk.gateway.until(lambda: desk.words(phone)[1:] == ["Hello"])


def test_who_never_writes_gets_nothing(desk: Desk, phone: str) -> None:
    talk = introduced(desk, phone)
    until = now(desk) + timedelta(hours=1)
    held = hold(desk, talk, "Hello", expires_at=until.isoformat())
    assert datetime.fromisoformat(held["expires_at"]) == until
    later(desk, 3500)
    desk.gateway.work()
    assert statuses(desk, held["id"]) == ["held"]

    later(desk, 101)
    desk.gateway.until(lambda: statuses(desk, held["id"]) == ["failed"])
    assert desk.message(held["id"])["error"]["code"] == "hold_expired"
    assert events(desk, held["id"]) == ["message.created", "message.failed"]
    desk.writes(phone)
    desk.gateway.until(lambda: desk.get(f"/conversations/{talk}")["reply_window"]["open"])
    desk.gateway.work()
    assert len(desk.words(phone)) == 1


def test_what_waits_can_be_taken_back(desk: Desk, phone: str) -> None:
    talk = introduced(desk, phone)
    held = hold(desk, talk, "Hello")["id"]
    assert desk.post(f"/messages/{held}/cancel")["status"] == "cancelled"
    desk.writes(phone)
    desk.gateway.until(lambda: desk.get(f"/conversations/{talk}")["reply_window"]["open"])
    desk.gateway.work()
    assert len(desk.words(phone)) == 1


def test_who_answers_stop_gets_nothing(desk: Desk, phone: str) -> None:
    talk = introduced(desk, phone)
    held = hold(desk, talk, "Hello")["id"]
    desk.writes(phone, "STOP")
    said = desk.gateway.until(lambda: desk.words(phone), lambda said: len(said) == 2)
    assert "Hello" not in said
    assert statuses(desk, held) == ["cancelled"]
    refused = send(desk, talk, waiting_text("Hello"))
    assert (refused.status_code, refused.json()["code"]) == (409, "candidate_opted_out")


def test_the_colleague_is_introduced_before_what_waited(desk: Desk, phone: str) -> None:
    talk = introduced(desk, phone)
    colleague = desk.gateway.recruiter(desk.client, "Salma Idrissi")
    desk.post(f"/conversations/{talk}/assign", {"recruiter_id": colleague})
    held = hold(desk, talk, "Can you come?")["id"]
    desk.gateway.work()
    assert len(desk.words(phone)) == 1

    desk.writes(phone)
    desk.gateway.until(lambda: statuses(desk, held) == ["delivered"])
    said = desk.words(phone)
    assert len(said) == 3
    assert "Salma Idrissi" in said[1]
    assert said[2] == "Can you come?"


def test_what_waited_is_judged_again(desk: Desk, phone: str) -> None:
    talk = introduced(desk, phone)
    colleague = desk.gateway.recruiter(desk.client, "Hamza Filali")
    desk.post(f"/conversations/{talk}/assign", {"recruiter_id": colleague})
    held = hold(desk, talk, "Hello")["id"]
    desk.post(f"/recruiters/{colleague}/leave", {})
    desk.writes(phone)
    desk.gateway.until(lambda: statuses(desk, held) == ["failed"])
    assert desk.message(held)["error"]["code"] == "conversation_unassigned"


def test_a_dry_run_tells_how_long_it_would_wait(desk: Desk, phone: str) -> None:
    talk = introduced(desk, phone)
    until = now(desk) + timedelta(hours=1)
    told = rehearse(desk, talk, waiting_text("Hello", expires_at=until.isoformat()))
    assert (told["verdict"], told["rule"]) == ("held", "awaiting_reply")
    assert datetime.fromisoformat(told["until"]) == until
    assert [it["status"] for it in told["messages"]] == ["held"]
    assert len(desk.messages(talk)) == 1


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"expires_at": "2030-01-01T00:00:00Z"}, "/expires_at"),
        ({"hold_until_reply": True, "expires_at": "2020-01-01T00:00:00Z"}, "/expires_at"),
        ({"hold_until_reply": True, "expires_at": "tomorrow"}, "/expires_at"),
        ({"hold_until_reply": True, **template()}, "/hold_until_reply"),
    ],
)
def test_what_cannot_wait_is_refused(
    desk: Desk, phone: str, values: dict[str, Any], pointer: str
) -> None:
    talk = desk.talk(phone)
    refused = send(desk, talk, {**free_text("Hello"), **values})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == pointer
    assert len(desk.messages(talk)) == 1
    desk.gateway.work()


@pytest.fixture(scope="module")
def night_desk(shared_desk: Desk) -> Desk:
    """A desk of another client, which sets quiet hours."""
    client = shared_desk.gateway.client("Zagora Mining")
    return Desk(
        gateway=shared_desk.gateway,
        client=client,
        recruiter=shared_desk.gateway.recruiter(client),
        line=shared_desk.gateway.line(client),
    )


@pytest.fixture
def night(night_desk: Desk) -> Iterator[datetime]:
    """It is quiet in Morocco since an hour, for two hours yet: when it ends."""
    local = now(night_desk).astimezone(ZoneInfo("Africa/Casablanca"))
    ends = (local + timedelta(hours=2)).replace(second=0, microsecond=0)
    began = local - timedelta(hours=1)
    quiet = {"from": f"{began:%H:%M}", "to": f"{ends:%H:%M}"}
    night_desk.gateway.request("PATCH", night_desk.path, {"quiet_hours": quiet})
    yield ends
    night_desk.gateway.request("PATCH", night_desk.path, {"quiet_hours": None})


def test_nobody_is_woken(night_desk: Desk, night: datetime, phone: str) -> None:
    desk = night_desk
    talk = desk.talk(phone)
    desk.gateway.work()

    (held,) = desk.messages(talk)
    assert (held["status"], held["reason"]) == ("held", "quiet_hours")
    assert datetime.fromisoformat(held["not_before"]) == night
    told = rehearse(desk, talk, introduction("Sara El Amrani"))
    assert (told["verdict"], told["rule"]) == ("held", "quiet_hours")
    assert datetime.fromisoformat(told["until"]) == night
    assert desk.gateway.phone(phone) == []

    later(desk, 2 * 3600 + 60)
    desk.gateway.until(lambda: desk.messages(talk)[0]["status"] == "delivered")
    assert (desk.messages(talk)[0]["reason"], desk.messages(talk)[0]["not_before"]) == (None, None)


def test_who_writes_at_night_is_awake(night_desk: Desk, night: datetime, phone: str) -> None:
    desk = night_desk
    talk = desk.talk(phone)
    held = hold(desk, talk, "After you")["id"]
    desk.gateway.work()
    assert desk.gateway.phone(phone) == []

    later(desk, 2)
    desk.writes(phone, "Are you the company that called?")
    desk.gateway.until(lambda: statuses(desk, held) == ["delivered"])
    assert [it["type"] for it in desk.gateway.phone(phone)] == ["template", "text"]
    desk.say(talk, "Yes")
    desk.gateway.until(lambda: desk.words(phone)[-1] == "Yes")
    answer = send(desk, talk, introduction("Sara El Amrani")).json()
    assert answer["status"] == "queued"
    desk.gateway.until(lambda: statuses(desk, answer["id"]) == ["delivered"])


def test_a_template_waits_and_a_free_reply_does_not(night_desk: Desk, phone: str) -> None:
    """Their message opened the window in the evening; they may sleep by now."""
    desk = night_desk
    talk = desk.answered(phone)
    later(desk, 5 * 3600)
    local = now(desk).astimezone(ZoneInfo("Africa/Casablanca"))
    quiet = {"from": f"{local - timedelta(hours=1):%H:%M}", "to": f"{local:%H}:59"}
    quiet["to"] = f"{local + timedelta(hours=1):%H:%M}"
    desk.gateway.request("PATCH", desk.path, {"quiet_hours": quiet})
    try:
        held = send(desk, talk, introduction("Sara El Amrani")).json()
        assert (held["status"], held["reason"]) == ("held", "quiet_hours")
        desk.say(talk, "Sleep well")
        desk.gateway.until(lambda: desk.words(phone)[-1] == "Sleep well")
        assert statuses(desk, held["id"]) == ["held"]
        assert desk.post(f"/messages/{held['id']}/cancel")["status"] == "cancelled"
    finally:
        desk.gateway.request("PATCH", desk.path, {"quiet_hours": None})


def test_what_was_queued_by_day_does_not_leave_at_night(
    night_desk: Desk, phone: str, request: pytest.FixtureRequest
) -> None:
    desk = night_desk
    talk = desk.talk(phone)
    assert desk.messages(talk)[0]["status"] == "queued"
    ends = request.getfixturevalue("night")
    desk.gateway.work()

    (held,) = desk.messages(talk)
    assert (held["status"], held["reason"]) == ("held", "quiet_hours")
    assert datetime.fromisoformat(held["not_before"]) == ends
    assert events(desk, held["id"]) == ["message.created", "message.held"]
    desk.gateway.request("PATCH", desk.path, {"quiet_hours": None})
    hold(desk, talk, "Somebody looks at the line")
    desk.gateway.until(lambda: statuses(desk, held["id"]) == ["delivered"])
