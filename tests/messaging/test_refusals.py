"""What the platform refuses stops as much as it must: one person, one line, one kind of message."""

from typing import Any

import pytest
from sqlalchemy import text

from gateway import doctor
from gateway.database import tenant
from gateway.ids import parse
from tests.harness import Desk
from tests.messaging.test_introductions import introduction
from tests.messaging.test_sending import (
    come_due,
    events,
    free_text,
    graph,
    later,
    send,
    sql,
    statuses,
    wake,
)


def pauses(desk: Desk, query: str, **values: Any) -> float:
    """Seconds between now and a moment in the database."""
    with desk.gateway.app.app_context(), tenant(desk.client) as session:
        return float(session.scalar(text(f"SELECT extract(epoch FROM {query})"), values) or 0)


def calls(desk: Desk) -> int:
    return int(desk.gateway.panel("GET", "/stats")["calls"]["messages"])


def test_too_many_to_one_person_pauses_for_this_person_alone(desk: Desk, phone: str) -> None:
    other_phone = f"+2126671{phone[-5:]}"
    talk, other = desk.answered(phone), desk.answered(other_phone)
    message = desk.say(talk, "Hello")
    waited = []
    for _ in range(3):
        graph(desk, error_rate=1, error_code=131056)
        come_due(desk)
        desk.gateway.work()
        query = "retry_at - clock_timestamp()) FROM messages WHERE id = :id --"
        waited.append(pauses(desk, query, id=str(parse("msg", message))))
    graph(desk)
    for seconds, expected in zip(waited, (4, 16, 64), strict=True):
        assert expected - 2 < seconds <= expected

    desk.say(other, "And you?")
    desk.gateway.until(lambda: desk.words(other_phone)[1:] == ["And you?"])
    assert statuses(desk, message) == ["queued"]
    come_due(desk)
    desk.gateway.until(lambda: desk.words(phone)[1:] == ["Hello"])


@pytest.mark.parametrize(
    ("error_code", "code", "seconds"),
    [(130429, "throughput_limit", (1, 2, 4)), (131057, "maintenance", (120, 120, 120))],
)
def test_a_line_that_is_too_fast_pauses_as_a_whole(
    desk: Desk, phone: str, error_code: int, code: str, seconds: tuple[int, ...]
) -> None:
    other_phone = f"+2126672{phone[-5:]}"
    talk, other = desk.answered(phone), desk.answered(other_phone)
    graph(desk, error_rate=1, error_code=error_code)
    message = desk.say(talk, "Hello")
    for expected in seconds:
        sql(desk, "UPDATE lines SET paused_until = NULL")
        wake(desk)
        desk.gateway.work()
        waited = pauses(desk, "paused_until - clock_timestamp()) FROM lines --")
        assert expected - 1 < waited <= expected
    shown = desk.message(message)
    assert (shown["status"], shown["error"]["code"]) == ("queued", code)
    assert desk.get(f"/lines/{desk.line['id']}")["status"] == "active"

    sql(desk, "UPDATE lines SET paused_until = clock_timestamp() + interval '1 hour'")
    graph(desk)
    before = calls(desk)
    desk.say(other, "And you?")
    desk.gateway.work()
    assert calls(desk) == before, "nothing of the line leaves meanwhile"
    sql(desk, "UPDATE lines SET paused_until = NULL")
    wake(desk)
    desk.gateway.until(lambda: desk.words(phone)[1:] == ["Hello"])
    desk.gateway.until(lambda: desk.words(other_phone)[1:] == ["And you?"])
    assert pauses(desk, "make_interval(secs => pauses)) FROM lines --") == 0


def test_a_pause_of_the_line_uses_up_no_messages_attempts(desk: Desk, phone: str) -> None:
    talk = desk.answered(phone)
    graph(desk, error_rate=1, error_code=130429)
    message = desk.say(talk, "Hello")
    for _ in range(10):
        sql(desk, "UPDATE lines SET paused_until = NULL")
        wake(desk)
        desk.gateway.work()
    graph(desk, error_rate=1, error_code=131056)
    sql(desk, "UPDATE lines SET paused_until = NULL")
    wake(desk)
    desk.gateway.work()
    shown = desk.message(message)
    assert (shown["status"], shown["error"]["code"]) == ("queued", "pair_rate_limit")
    graph(desk)
    come_due(desk)
    desk.gateway.until(lambda: desk.words(phone)[1:] == ["Hello"])


def test_withheld_marketing_is_not_tried_again_for_a_day(desk: Desk, phone: str) -> None:
    opted_in = {"source": "form", "obtained_at": "2026-11-01T10:00:00Z"}
    talk = desk.answered(phone)
    person = desk.get(f"/conversations/{talk}")["candidate"]["id"]
    desk.post(f"/candidates/{person}/opt-in", opted_in)
    as_marketing = "UPDATE templates SET category = :to WHERE name = 'recruitment_introduction'"
    sql(desk, as_marketing, to="MARKETING")
    try:
        graph(desk, error_rate=1, error_code=131049)
        withheld = send(desk, talk, introduction("Sara El Amrani")).json()["id"]
        desk.gateway.work()
        assert desk.message(withheld)["error"]["code"] == "marketing_withheld"
        assert statuses(desk, withheld) == ["failed"]
        graph(desk)

        refused = send(desk, talk, introduction("Sara El Amrani"))
        assert (refused.status_code, refused.json()["code"]) == (409, "marketing_withheld")
        told = desk.post(f"/conversations/{talk}/messages?dry_run=true", introduction("Sara"))
        assert (told["verdict"], told["rule"]) == ("refused", "marketing_withheld")
        desk.say(talk, "Still, hello")
        later(desk, 24 * 3600 + 1)
        passed = send(desk, talk, introduction("Sara El Amrani"))
        assert passed.status_code == 202
        desk.gateway.until(lambda: statuses(desk, passed.json()["id"]) == ["delivered"])
    finally:
        sql(desk, as_marketing, to="UTILITY")


@pytest.mark.parametrize("error_code", [0, 190, 368, 131031, 131042])
def test_a_line_that_must_stop_says_why(desk: Desk, phone: str, error_code: int) -> None:
    codes = {0: "token_invalid", 190: "token_invalid", 131042: "payment_required"}
    code = codes.get(error_code, "account_locked")
    talk = desk.talk(phone)
    graph(desk, error_rate=1, error_code=error_code)
    try:
        desk.gateway.work()
        line = desk.get(f"/lines/{desk.line['id']}")
        assert (line["status"], line["suspension"]["code"]) == ("suspended", code)
        assert line["suspension"]["detail"]
        assert line["suspension"]["since"]
        with desk.gateway.app.app_context():
            (found,) = [it for it in doctor.examine() if it.check == f"line {line['id']}"]
            with tenant(desk.client) as session:
                query = "SELECT data ->> 'code' FROM events WHERE type = 'line.suspended'"
                assert session.scalars(text(f"{query} ORDER BY id DESC")).first() == code
        assert (found.verdict, code in found.detail) == ("warn", True)
        assert desk.messages(talk)[0]["reason"] == code
    finally:
        mend(desk)
    assert desk.get(f"/lines/{desk.line['id']}")["suspension"] is None


def mend(desk: Desk) -> None:
    graph(desk)
    sql(desk, "UPDATE lines SET status = 'active'")
    sql(desk, "UPDATE messages SET status = 'queued', reason = NULL WHERE status = 'held'")
    wake(desk)
    desk.gateway.work()


def status_of(desk: Desk, wamid: str, **error: Any) -> dict[str, Any]:
    number = desk.line["phone_number"].removeprefix("+")
    metadata = {"display_phone_number": number, "phone_number_id": desk.line["phone_number_id"]}
    status = {
        "id": wamid,
        "status": "failed",
        "timestamp": "1790000000",
        "recipient_id": "212662000000",
        "errors": [error],
    }
    value = {"messaging_product": "whatsapp", "metadata": metadata, "statuses": [status]}
    change = {"field": "messages", "value": value}
    entry = {"id": desk.line["waba_id"], "changes": [change]}
    return {"object": "whatsapp_business_account", "entry": [entry]}


def test_what_fails_afterwards_stops_the_line_as_well(desk: Desk, phone: str) -> None:
    """Meta takes the message, and says of its status that nobody pays."""
    talk = desk.answered(phone)
    desk.gateway.panel("PUT", "/faults", {"webhooks": {"drop_rate": 1}})
    message = desk.say(talk, "Hello")
    desk.gateway.until(lambda: desk.message(message)["wamid"])
    wamid = desk.message(message)["wamid"]
    try:
        desk.gateway.webhook(status_of(desk, wamid, code=131042, title="Payment issue"))
        line = desk.gateway.until(
            lambda: desk.get(f"/lines/{desk.line['id']}"), lambda it: it["status"] != "active"
        )
        assert line["suspension"]["code"] == "payment_required"
        assert "message.failed" in events(desk, message)
        refused = send(desk, talk, free_text("Hello?"))
        assert refused.json()["code"] == "line_not_active"
    finally:
        desk.gateway.panel("PUT", "/faults", {})
        mend(desk)


def test_marketing_that_is_withheld_afterwards_is_remembered(desk: Desk, phone: str) -> None:
    talk = desk.answered(phone)
    desk.gateway.panel("PUT", "/faults", {"webhooks": {"drop_rate": 1}})
    message = desk.say(talk, "Hello")
    desk.gateway.until(lambda: desk.message(message)["wamid"])
    wamid = desk.message(message)["wamid"]
    desk.gateway.webhook(status_of(desk, wamid, code=131049, title="Not delivered"))
    desk.gateway.until(lambda: statuses(desk, message) == ["failed"])
    with desk.gateway.app.app_context(), tenant(desk.client) as session:
        query = "SELECT count(*) FROM candidates WHERE phone = :phone AND"
        until = "marketing_withheld_until = to_timestamp(1790000000 + 86400)"
        assert session.scalar(text(f"{query} {until}"), {"phone": phone}) == 1
    assert desk.get(f"/lines/{desk.line['id']}")["status"] == "active"
