"""What may leave, leaves once and in order; whatever the platform answers is said."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import text

from gateway import outbox
from gateway.database import platform, tenant
from gateway.roles import DatabaseUrls
from tests.harness import Desk, opened_desk

DAY = 24 * 3600


def send(desk: Desk, talk: str, message: Any) -> Any:
    return desk.attempt(f"/conversations/{talk}/messages", message)


def free_text(body: str) -> dict[str, Any]:
    return {"type": "text", "text": {"body": body}}


def template(name: str = "recruitment_introduction", language: str = "en") -> dict[str, Any]:
    parameters = [{"type": "text", "text": word} for word in ("Sara", "Atlas Logistics")]
    return {
        "type": "template",
        "template": {
            "name": name,
            "language": {"code": language},
            "components": [{"type": "body", "parameters": parameters}],
        },
    }


def graph(desk: Desk, **faults: Any) -> None:
    desk.gateway.panel("PUT", "/faults", {"graph": {**faults, "calls": ["messages"]}})


def later(desk: Desk, seconds: int) -> None:
    desk.gateway.panel("PUT", "/clock", {"advance_seconds": seconds})


def statuses(desk: Desk, *ids: str) -> list[str]:
    return [desk.message(id_)["status"] for id_ in ids]


def sql(desk: Desk, statement: str, **values: Any) -> None:
    with desk.gateway.app.app_context(), tenant(desk.client) as session:
        session.execute(text(statement), values)


def come_due(desk: Desk) -> None:
    """The pause after a refusal is over."""
    sql(desk, "UPDATE messages SET retry_at = NULL")
    wake(desk)


def wake(desk: Desk) -> None:
    """Somebody looks at the line."""
    with desk.gateway.app.app_context(), tenant(desk.client) as session:
        outbox.put(session, "messaging.send", desk.line["id"], client_id=desk.client)


def events(desk: Desk, message_id: str) -> list[str]:
    with desk.gateway.app.app_context(), tenant(desk.client) as session:
        query = "SELECT type FROM events WHERE data ->> 'message_id' = :id ORDER BY id"
        return list(session.scalars(text(query), {"id": message_id}))


@contextmanager
def working_aside(desk: Desk) -> Iterator[None]:
    """Another worker works meanwhile; it has ended at the end."""
    worker = Thread(target=desk.gateway.work)
    worker.start()
    yield
    worker.join(30)
    assert not worker.is_alive()


def held_calls(desk: Desk) -> list[Any]:
    held: list[Any] = desk.gateway.panel("GET", "/faults")["held"]
    return held


def test_free_text_is_for_24_hours_after_the_candidates_message(desk: Desk, phone: str) -> None:
    talk = desk.answered(phone)
    closes_at = desk.get(f"/conversations/{talk}")["reply_window"]["closes_at"]
    inside = desk.say(talk, "Can you come on Tuesday?")
    desk.gateway.until(lambda: statuses(desk, inside) == ["delivered"])
    later(desk, DAY - 60)
    desk.say(talk, "Still inside.")
    desk.gateway.until(lambda: len(desk.words(phone)) == 3)

    later(desk, 120)
    refused = send(desk, talk, free_text("Too late"))

    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (409, "reply_window_closed")
    assert problem["reply_window"] == {"open": False, "closes_at": closes_at}
    assert ("recruitment_introduction", "en") in {
        (row["name"], row["language"]) for row in problem["templates"]
    }
    assert desk.get(f"/conversations/{talk}")["reply_window"]["open"] is False

    passed = send(desk, talk, template())
    assert passed.status_code == 202
    assert passed.json()["category"] == "utility"
    desk.gateway.until(lambda: desk.gateway.phone(phone)[-1]["type"] == "template")
    assert len(desk.words(phone)) == 4
    assert "Too late" not in desk.words(phone)

    desk.writes(phone, "I am here again")
    desk.gateway.until(lambda: desk.get(f"/conversations/{talk}")["reply_window"]["open"])
    desk.say(talk, "Welcome back.")
    desk.gateway.until(lambda: desk.words(phone)[-1] == "Welcome back.")


@pytest.mark.parametrize(
    ("name", "language"), [("no_such_template", "en"), ("recruitment_introduction", "de")]
)
def test_a_template_that_is_not_approved_is_refused_with_those_that_are(
    desk: Desk, phone: str, name: str, language: str
) -> None:
    talk = desk.talk(phone)

    refused = send(desk, talk, template(name, language))

    assert (refused.status_code, refused.json()["code"]) == (409, "template_not_approved")
    assert len(refused.json()["templates"]) == 6
    assert len(desk.messages(talk)) == 1


def test_a_text_whose_window_closes_while_it_waits_never_leaves(desk: Desk, phone: str) -> None:
    talk = desk.answered(phone)
    waiting = desk.say(talk, "Can you come on Tuesday?")
    later(desk, DAY + 60)
    before = desk.gateway.panel("GET", "/stats")["calls"]["messages"]

    desk.gateway.work()

    assert desk.gateway.panel("GET", "/stats")["calls"]["messages"] == before

    message = desk.message(waiting)
    assert (message["status"], message["error"]["code"]) == ("failed", "reply_window_closed")
    assert len(desk.words(phone)) == 1
    assert events(desk, waiting) == ["message.created", "message.failed"]


def test_messages_of_a_conversation_leave_in_order(desk: Desk, phone: str) -> None:
    talk = desk.answered(phone)
    words = [f"Sentence {number}" for number in range(6)]
    graph(desk, error_rate=1, error_code=130429)
    ids = [desk.say(talk, body) for body in words]
    desk.gateway.work()

    waiting = [desk.message(id_) for id_ in ids]
    assert [message["status"] for message in waiting] == ["queued"] * 6
    assert waiting[0]["error"]["code"] == "throughput_limit"
    assert [message["error"] for message in waiting[1:]] == [None] * 5, "none overtakes the first"

    graph(desk)
    come_due(desk)
    desk.gateway.until(lambda: len(desk.words(phone)) == 7)
    assert desk.words(phone)[1:] == words
    assert desk.message(ids[0])["error"] is None


def test_a_limit_is_waited_out(desk: Desk, phone: str) -> None:
    """R: rejected before anything happened, so it is sent again after a pause."""
    talk = desk.answered(phone)
    graph(desk, error_rate=1, error_code=131056)
    message = desk.say(talk, "Hello")
    desk.gateway.work()
    graph(desk)
    desk.gateway.work()

    waiting = desk.message(message)
    assert (waiting["status"], waiting["error"]["code"]) == ("queued", "pair_rate_limit")
    assert waiting["error"]["provider_code"] == "131056"
    assert len(desk.words(phone)) == 1, "not before the stated time"
    come_due(desk)
    desk.gateway.until(lambda: desk.words(phone)[1:] == ["Hello"])
    desk.gateway.until(lambda: "message.delivered" in events(desk, message))


def test_a_limit_that_never_ends_fails_at_last(desk: Desk, phone: str) -> None:
    talk = desk.answered(phone)
    graph(desk, error_rate=1, error_code=131056)
    message = desk.say(talk, "Hello")
    for _ in range(8):
        assert statuses(desk, message) == ["queued"]
        come_due(desk)
        desk.gateway.work()

    failed = desk.message(message)
    assert (failed["status"], failed["error"]["code"]) == ("failed", "pair_rate_limit")


def test_what_cannot_be_sent_fails_with_the_platforms_reason(desk: Desk, phone: str) -> None:
    """F, T and X: this message alone, and it is not tried again."""
    talk = desk.answered(phone)
    for provider_code, code in (
        (131009, "bad_request"),
        (131047, "reply_window_closed"),
        (131026, "undeliverable"),
        (132001, "template_missing"),
        (987654, "graph_error"),
    ):
        graph(desk, error_rate=1, error_code=provider_code)
        message = desk.say(talk, "Hello")
        desk.gateway.work()

        failed = desk.message(message)
        assert (failed["status"], failed["error"]["code"]) == ("failed", code)
        assert failed["error"]["provider_code"] == str(provider_code)
        assert failed["error"]["detail"]
        assert events(desk, message) == ["message.created", "message.failed"]
    graph(desk)
    wake(desk)
    desk.say(talk, "Again")
    desk.gateway.until(lambda: desk.words(phone)[1:] == ["Again"])
    assert desk.get(f"/lines/{desk.line['id']}")["status"] == "active"


def test_an_account_that_is_stopped_suspends_the_line_and_holds_its_messages(
    desk: Desk, phone: str
) -> None:
    """A: nothing else is tried on this line before somebody acts."""
    other_phone = f"+2126670{phone[-5:]}"
    talk, other = desk.answered(phone), desk.answered(other_phone)
    graph(desk, error_rate=1, error_code=131056)
    waiting = desk.say(other, "Wait for me")
    desk.gateway.work()
    graph(desk, error_rate=1, error_code=131031)
    first, second = desk.say(talk, "One"), desk.say(talk, "Two")
    desk.gateway.work()
    graph(desk)
    try:
        line = desk.get(f"/lines/{desk.line['id']}")
        assert line["status"] == "suspended"
        message = desk.message(first)
        assert (message["status"], message["reason"]) == ("held", "account_locked")
        assert message["error"]["provider_code"] == "131031"
        refused = send(desk, talk, free_text("Three"))
        assert (refused.status_code, refused.json()["code"]) == (409, "line_not_active")

        come_due(desk)
        desk.gateway.work()
        assert statuses(desk, first, second, waiting) == ["held", "queued", "queued"]
        assert len(desk.words(phone)) == len(desk.words(other_phone)) == 1
    finally:
        sql(desk, "UPDATE lines SET status = 'active'")
    wake(desk)
    desk.gateway.until(lambda: desk.words(other_phone)[1:] == ["Wait for me"])


def test_an_answer_that_was_lost_sends_nothing_twice(desk: Desk, phone: str) -> None:
    talk = desk.answered(phone)
    with impatient(desk):
        desk.gateway.panel(
            "PUT",
            "/faults",
            {"graph": {"timeout_after_accept_rate": 1}, "webhooks": {"drop_rate": 1}},
        )
        message = desk.say(talk, "Hello")
        desk.gateway.until(lambda: statuses(desk, message) == ["unconfirmed"])
        unconfirmed = desk.message(message)
        assert unconfirmed["error"]["code"] == "no_answer"
        assert unconfirmed["wamid"] is None
        wake(desk)
        desk.gateway.work()
        assert statuses(desk, message) == ["unconfirmed"]
        desk.gateway.panel("PUT", "/faults", {})

    desk.gateway.until(lambda: statuses(desk, message) == ["delivered"])
    settled = desk.message(message)
    assert settled["wamid"] == desk.gateway.phone(phone)[-1]["wamid"]
    assert desk.words(phone)[1:] == ["Hello"]
    told = events(desk, message)  # the status `sent` may come after `delivered`: then it is no news
    assert (told[0], told[-1]) == ("message.created", "message.delivered")
    assert len(told) == len(set(told))
    desk.say(talk, "And another")
    desk.gateway.until(lambda: desk.words(phone)[1:] == ["Hello", "And another"])


@contextmanager
def impatient(desk: Desk) -> Iterator[None]:
    """The gateway's patience with an answer, and the simulator's idea of it, in test time."""
    http, faults = desk.gateway.app.extensions["http"], desk.gateway.world.fault_panel
    before = http._timeout, faults.patience_seconds
    http._timeout, faults.patience_seconds = (3.0, 0.4), 0.5
    try:
        yield
    finally:
        http._timeout, faults.patience_seconds = before


def test_a_worker_that_lost_its_lease_records_nothing(desk: Desk, phone: str) -> None:
    """It stood still in the middle of a send; another took over and found what may have left."""
    talk = desk.answered(phone)
    desk.gateway.panel("PUT", "/faults", {"graph": {"hold_before": "messages"}})
    message = desk.say(talk, "Hello")
    with working_aside(desk):
        desk.gateway.until(lambda: held_calls(desk), working=False)
        assert statuses(desk, message) == ["sending"]
        with desk.gateway.app.app_context(), platform() as session:
            session.execute(
                text("UPDATE outbox SET lease_until = now() - interval '1s' WHERE key = :line"),
                {"line": desk.line["id"]},
            )
        desk.gateway.until(lambda: statuses(desk, message) == ["unconfirmed"])
        desk.gateway.panel("PUT", "/faults", {"webhooks": {"drop_rate": 1}})
    assert desk.words(phone)[1:] == ["Hello"]
    assert statuses(desk, message) == ["unconfirmed"], "the answer came to who had no say any more"

    desk.gateway.panel("PUT", "/faults", {})
    desk.gateway.until(lambda: statuses(desk, message) == ["delivered"])
    assert desk.words(phone)[1:] == ["Hello"]


def test_a_message_that_has_not_left_can_be_taken_back(desk: Desk, phone: str) -> None:
    talk = desk.answered(phone)
    message = desk.say(talk, "Hello")
    introduction = desk.messages(talk)[0]["id"]

    assert desk.post(f"/messages/{message}/cancel")["status"] == "cancelled"

    desk.gateway.work()
    assert statuses(desk, message) == ["cancelled"]
    assert len(desk.words(phone)) == 1
    for other in (message, introduction):
        refused = desk.attempt(f"/messages/{other}/cancel")
        assert (refused.status_code, refused.json()["code"]) == (409, "message_state")


def test_nobody_takes_back_the_introduction(desk: Desk, phone: str) -> None:
    talk = desk.talk(phone)
    introduction = desk.messages(talk)[0]
    assert introduction["status"] == "queued"

    refused = desk.attempt(f"/messages/{introduction['id']}/cancel")

    assert (refused.status_code, refused.json()["code"]) == (409, "message_state")
    desk.gateway.until(lambda: desk.gateway.phone(phone))


@pytest.fixture
def quick_desk(database: DatabaseUrls, redis_url: str, tmp_path: Path) -> Iterator[Desk]:
    """A desk whose silence is short."""
    extra = {"GATEWAY_MESSAGING__UNCONFIRMED_SECONDS": "0.3"}
    with opened_desk(database, redis_url, tmp_path / "clock.json", extra) as desk:
        yield desk


def test_silence_is_an_outcome_only_while_the_line_is_heard(quick_desk: Desk) -> None:
    desk, phone = quick_desk, "+212661000001"
    talk = desk.answered(phone)
    graph(desk, error_rate=1, error_code=131000)  # the platform does not say whether it acted
    lost = desk.say(talk, "Hello")
    desk.gateway.until(lambda: statuses(desk, lost) == ["unconfirmed"])
    assert desk.message(lost)["error"]["code"] == "meta_unavailable"
    graph(desk)
    waited = desk.gateway.until(lambda: settlements(desk, lost), lambda rows: rows[0] >= 3)
    assert statuses(desk, lost) == ["unconfirmed"], f"nothing of the line was heard: {waited}"

    heard = desk.say(talk, "Are you there?")
    desk.gateway.until(lambda: statuses(desk, heard) == ["delivered"])
    desk.gateway.until(lambda: statuses(desk, lost) == ["failed"])
    assert desk.message(lost)["error"]["code"] == "outcome_unknown"
    assert events(desk, lost) == ["message.created", "message.failed"]
    assert desk.words(phone)[1:] == ["Are you there?"]


def settlements(desk: Desk, message_id: str) -> list[int]:
    """How often somebody looked at an unconfirmed message."""
    with desk.gateway.app.app_context(), platform() as session:
        query = "SELECT fence FROM outbox WHERE topic = 'messaging.settle' AND key = :key"
        return list(session.scalars(text(query), {"key": message_id}))


def test_what_is_in_the_middle_of_leaving_is_seen_so(desk: Desk, phone: str) -> None:
    """`sending` is committed before the call, our id travels along."""
    talk = desk.answered(phone)
    desk.gateway.panel("PUT", "/faults", {"graph": {"hold_before": "messages"}})
    message = desk.say(talk, "Hello")
    with working_aside(desk):
        desk.gateway.until(lambda: held_calls(desk), working=False)
        assert statuses(desk, message) == ["sending"]
        refused = desk.attempt(f"/messages/{message}/cancel")
        assert refused.json()["code"] == "message_state"
        desk.gateway.panel("PUT", "/faults", {})
    received = desk.gateway.phone(phone)[-1]
    assert received["biz_opaque_callback_data"] == message
