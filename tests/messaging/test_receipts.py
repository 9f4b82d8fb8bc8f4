"""What became of our messages: each status once, in whatever order, never backwards."""

import random
import time
from collections.abc import Sequence
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import text

from gateway.database import tenant
from gateway.ids import new_id
from tests.harness import Desk

RANKED = ("sent", "delivered", "read", "played")
MOMENT = int(time.time())


def status(
    status: str,
    *,
    wamid: str,
    message_id: str | None = None,
    at: int = 0,
    **more: Any,
) -> dict[str, Any]:
    """One status as Meta reports it, `at` seconds after a moment that is the same for all."""
    return {
        "id": wamid,
        "status": status,
        "timestamp": str(MOMENT + at),
        "recipient_id": "212661000001",
        **({"biz_opaque_callback_data": message_id} if message_id else {}),
        **more,
    }


def report(desk: Desk, *statuses: dict[str, Any]) -> None:
    """One webhook with these statuses has been read."""
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"phone_number_id": desk.line["phone_number_id"]},
        "statuses": list(statuses),
    }
    changes = [{"field": "messages", "value": value}]
    entry = [{"id": desk.line["waba_id"], "changes": changes}]
    body = {"object": "whatsapp_business_account", "entry": entry}
    assert desk.gateway.webhook(body).status_code == 200
    desk.gateway.work()


def accepted(desk: Desk, phone: str) -> dict[str, Any]:
    """An introduction that the platform took and has not yet said anything about."""
    desk.gateway.panel("PUT", "/faults", {"webhooks": {"drop_rate": 1}})
    talk = desk.talk(phone)
    return dict(
        desk.gateway.until(
            lambda: desk.messages(talk)[0], lambda message: message["status"] == "accepted"
        )
    )


def events(desk: Desk, message_id: str) -> list[str]:
    return told(desk, message_id, "type")


def told(desk: Desk, message_id: str, column: str) -> list[Any]:
    with desk.gateway.app.app_context(), tenant(desk.client) as session:
        query = f"SELECT {column} FROM events WHERE data ->> 'message_id' = :id ORDER BY id"
        return list(session.scalars(text(query), {"id": message_id}))


def test_statuses_move_a_message_on_once_each(desk: Desk, phone: str) -> None:
    message = accepted(desk, phone)
    wamid = message["wamid"]
    for place, name in enumerate(RANKED):
        one = status(name, wamid=wamid, message_id=message["id"], at=place)
        report(desk, one, one)
        report(desk, one)
        assert desk.message(message["id"])["status"] == name

    assert events(desk, message["id"]) == [
        "message.created", "message.sent", "message.delivered", "message.read", "message.played",
    ]  # fmt: skip
    shown = desk.message(message["id"])
    assert shown["sent_at"] < shown["delivered_at"] < shown["read_at"]


@pytest.mark.parametrize(
    "order",
    [("delivered", "sent", "read"), ("read", "delivered", "sent"), ("sent", "read", "delivered")],
)
def test_a_message_never_goes_backwards(desk: Desk, phone: str, order: Sequence[str]) -> None:
    message = accepted(desk, phone)
    seen = []
    for name in order:
        report(desk, status(name, wamid=message["wamid"], at=RANKED.index(name)))
        seen.append(desk.message(message["id"])["status"])

    assert [RANKED.index(name) for name in seen] == sorted(RANKED.index(name) for name in seen)
    assert seen[-1] == "read"
    shown = desk.message(message["id"])
    assert shown["sent_at"] < shown["delivered_at"] < shown["read_at"], "each by its own time"
    expected = [f"message.{name}" for name in dict.fromkeys(seen)]
    learned = order.index("read") < order.index("delivered")
    heard = [it for it in events(desk, message["id"]) if it != "message.delivery_learned"]
    assert heard == ["message.created", *expected]
    assert len(events(desk, message["id"])) - len(heard) == learned, "when it really was delivered"


def test_whatever_the_order_and_the_repetitions_the_end_is_the_same(desk: Desk, phone: str) -> None:
    chance = random.Random(2026)
    message = accepted(desk, phone)
    statuses = [status(name, wamid=message["wamid"], at=1) for name in RANKED] * 4
    chance.shuffle(statuses)
    while statuses:
        size = chance.randint(1, 4)
        report(desk, *statuses[:size])
        del statuses[:size]

    assert desk.message(message["id"])["status"] == "played"
    types = events(desk, message["id"])
    assert len(types) == len(set(types))


def test_a_failure_is_told_with_the_platforms_reason(desk: Desk, phone: str) -> None:
    message = accepted(desk, phone)
    error = {"code": 131026, "title": "Undeliverable", "error_data": {"details": "Not here."}}
    report(desk, status("failed", wamid=message["wamid"], errors=[error]))

    shown = desk.message(message["id"])
    assert (shown["status"], shown["error"]["code"]) == ("failed", "delivery_failed")
    assert shown["error"]["provider_code"] == "131026"
    assert "Not here." in shown["error"]["detail"]
    assert events(desk, message["id"]) == ["message.created", "message.failed"]
    for name in RANKED:
        report(desk, status(name, wamid=message["wamid"]))
    assert desk.message(message["id"])["status"] == "failed"


@pytest.mark.parametrize(("before", "after"), [("sent", "failed"), ("delivered", "delivered")])
def test_what_was_delivered_did_not_fail(desk: Desk, phone: str, before: str, after: str) -> None:
    message = accepted(desk, phone)
    report(desk, status(before, wamid=message["wamid"]))
    report(desk, status("failed", wamid=message["wamid"]))

    assert desk.message(message["id"])["status"] == after


def test_a_status_may_be_faster_than_the_answer(desk: Desk, phone: str) -> None:
    talk = desk.talk(phone)
    (introduction,) = desk.messages(talk)
    desk.gateway.panel("PUT", "/faults", {"graph": {"hold_after": "messages"}})
    worker = Thread(target=desk.gateway.work)
    worker.start()
    desk.gateway.until(lambda: desk.gateway.phone(phone), working=False)
    desk.gateway.until(
        lambda: desk.message(introduction["id"]), lambda shown: shown["status"] == "delivered"
    )
    desk.gateway.panel("PUT", "/faults", {})
    worker.join(30)
    assert not worker.is_alive()

    shown = desk.message(introduction["id"])
    assert shown["status"] == "delivered"
    assert shown["wamid"] == desk.gateway.phone(phone)[0]["wamid"]


def test_a_status_of_a_message_that_is_not_ours_is_kept_and_hurts_nobody(
    desk: Desk, phone: str
) -> None:
    message = accepted(desk, phone)
    stray = [
        status("delivered", wamid=f"wamid.stray{phone}"),
        status("delivered", wamid=f"wamid.other{phone}", message_id=new_id("msg")),
        status("delivered", wamid=f"wamid.text{phone}", message_id="order 4711"),
        status("warning", wamid=message["wamid"]),
        status("sent", wamid=message["wamid"]),
    ]

    report(desk, *stray)

    assert desk.message(message["id"])["status"] == "sent"
    with desk.gateway.app.app_context(), tenant(desk.client) as session:
        query = "SELECT count(*) FROM message_statuses WHERE wamid LIKE :mine"
        assert session.scalar(text(query), {"mine": f"wamid.%{phone}"}) == 3


def test_what_meta_charges_for_is_told(desk: Desk, phone: str) -> None:
    message = accepted(desk, phone)
    pricing = {"billable": True, "pricing_model": "PMP", "type": "regular",
               "category": "marketing"}  # fmt: skip
    report(desk, status("delivered", wamid=message["wamid"], pricing=pricing))

    assert message["category"] == "utility"
    assert desk.message(message["id"])["category"] == "marketing"
    data = told(desk, message["id"], "data")[-1]
    assert (data["category"], data["pricing_type"], data["country"]) == (
        "marketing", "regular", "MA",
    )  # fmt: skip
    assert data["line_id"] == desk.line["id"]
