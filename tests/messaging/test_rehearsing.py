"""What sending would do is told exactly, and nothing of it happens."""

from typing import Any

from tests.harness import Desk
from tests.messaging.test_introductions import introduction


def rehearse(desk: Desk, talk: str, message: Any) -> Any:
    answer = desk.attempt(f"/conversations/{talk}/messages?dry_run=true", message)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_refusal_is_told_with_its_rule_and_the_way_out(desk: Desk, phone: str) -> None:
    talk = desk.talk(phone)
    text = {"type": "text", "text": {"body": "Are you there?"}}

    told = rehearse(desk, talk, text)

    refused = desk.attempt(f"/conversations/{talk}/messages", text).json()
    assert (told["verdict"], told["rule"]) == ("refused", "reply_window_closed")
    for name in ("detail", "templates", "reply_window"):
        assert told[name] == refused[name]
    assert (told["messages"], told["price"]) == ([], None)


def test_what_would_leave_and_its_price_are_told_and_nothing_leaves(desk: Desk, phone: str) -> None:
    talk = desk.answered(phone)
    desk.gateway.until(lambda: desk.messages(talk)[0]["status"] == "read")
    colleague = desk.gateway.recruiter(desk.client, "Rachid Omari")
    desk.post(f"/conversations/{talk}/assign", {"recruiter_id": colleague})
    desk.gateway.panel("PUT", "/clock", {"advance_seconds": 25 * 3600})
    before = desk.messages(talk), desk.gateway.phone(phone), desk.get(f"/conversations/{talk}")

    told = rehearse(desk, talk, introduction("Rachid Omari"))

    assert (told["verdict"], told["rule"]) == ("allowed", "allowed")
    assert [it["introduction"] for it in told["messages"]] == [True, False]
    assert {it["category"] for it in told["messages"]} == {"utility"}
    one, price = told["messages"][0]["price"], told["price"]
    assert (one["amount"], one["currency"]) == ("0.0230", "USD")
    assert (price["amount"], price["converted"]["MAD"]["currency"]) == ("0.0460", "MAD")
    desk.gateway.work()
    after = desk.messages(talk), desk.gateway.phone(phone), desk.get(f"/conversations/{talk}")
    assert after == before

    sent = desk.post(f"/conversations/{talk}/messages?dry_run=false", introduction("Rachid Omari"))
    desk.gateway.until(lambda: desk.message(sent["id"])["status"] == "delivered")


def test_a_malformed_message_is_refused_as_ever(desk: Desk, phone: str) -> None:
    talk = desk.talk(phone)
    answer = desk.attempt(f"/conversations/{talk}/messages?dry_run=true", {"type": "text"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
