"""Every event reaches each endpoint that wants it, at least once, whatever others do."""

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import text
from standardwebhooks import Webhook, WebhookVerificationError

from gateway.database import platform, working_for
from gateway.events import deliveries, endpoints
from gateway.http_client import HttpClient
from gateway.ids import new_id
from tests.events.conftest import Receiver, Vendor


def test_a_push_is_what_is_pulled_and_verifies(vendor: Vendor, receiver: Receiver) -> None:
    endpoint = vendor.endpoint(f"{receiver.url}/hooks?tenant=1")
    vendor.happen(conversation_id=new_id("conv"), preview="توقف\n… 🙂" * 100)
    vendor.work()

    [push] = receiver.pushed
    [event] = vendor.get("/v1/events")["data"]
    pushed = Webhook(endpoint["secret"]).verify(push.body, dict(push.headers))
    assert pushed == event
    assert list(pushed) == list(event) == ["id", "type", *list(event)[2:]]
    assert push.headers["webhook-id"] == event["id"]
    assert push.headers["content-type"] == "application/json"
    [delivery] = vendor.deliveries(endpoint)
    assert (delivery["event_id"], delivery["type"]) == (event["id"], "message.received")
    assert (delivery["status"], delivery["next_attempt_at"]) == ("delivered", None)
    [attempt] = delivery["attempts"]
    assert (attempt["status_code"], attempt["error"]) == (204, None)


def test_the_longest_preview_stays_under_the_size_of_a_push(
    vendor: Vendor, receiver: Receiver
) -> None:
    vendor.endpoint(receiver.url)
    ids = {
        f"{name}_id": new_id(prefix)
        for name, prefix in (("message", "msg"), ("line", "line"), ("candidate", "cand"))
    }
    vendor.happen(conversation_id=new_id("conv"), preview="🙂" * 4096, **ids)
    vendor.work()

    assert 4 * 4096 < len(receiver.pushed[0].body) < 20_000


def test_an_endpoint_is_told_what_it_asked_for(vendor: Vendor, receiver: Receiver) -> None:
    vendor.endpoint(f"{receiver.url}/some", "message.cancelled", "line.activation_failed")
    vendor.endpoint(f"{receiver.url}/all")
    for type_ in ("message.received", "message.cancelled"):
        vendor.happen(type_)
    vendor.work()

    assert (len(receiver.ids("/some")), len(receiver.ids("/all"))) == (1, 2)
    assert set(receiver.ids("/some")) < set(receiver.ids("/all"))


def test_another_vendor_is_told_nothing(
    vendor: Vendor, other_vendor: Vendor, receiver: Receiver
) -> None:
    other_vendor.endpoint(receiver.url)
    vendor.happen()
    vendor.work()

    assert receiver.pushed == []


@pytest.mark.parametrize("status", [302, 400, 500])
def test_one_that_fails_delays_neither_the_next_nor_another(
    vendor: Vendor, receiver: Receiver, status: int
) -> None:
    receiver.answers["/bad"] = status
    bad, good = (vendor.endpoint(f"{receiver.url}/{name}") for name in ("bad", "good"))
    vendor.happen()
    vendor.happen()
    vendor.work()

    assert sorted(receiver.ids("/good")) == sorted(receiver.ids("/bad"))
    assert "/elsewhere" not in {push.path for push in receiver.pushed}
    assert [one["status"] for one in vendor.deliveries(good)] == ["delivered"] * 2
    for delivery in vendor.deliveries(bad):
        assert delivery["status"] == "pending"
        assert [one["status_code"] for one in delivery["attempts"]] == [status]

    receiver.answers.clear()
    vendor.later()
    assert [one["status"] for one in vendor.deliveries(bad)] == ["delivered"] * 2
    assert len(receiver.ids("/good")) == 2


def test_it_is_tried_by_the_schedule_and_then_given_up(vendor: Vendor, receiver: Receiver) -> None:
    receiver.answers["/"] = 500
    endpoint = vendor.endpoint(receiver.url)
    vendor.happen()
    vendor.work()
    waits = []
    for _ in deliveries.SCHEDULE:
        waits.append(_seconds_to_wait(vendor))
        vendor.later()

    assert all(
        0.88 * planned < waited < 1.11 * planned
        for planned, waited in zip(deliveries.SCHEDULE, waits, strict=True)
    )
    [delivery] = vendor.deliveries(endpoint, "?status=failed")
    assert len(delivery["attempts"]) == len(receiver.pushed) == 10
    assert len(set(receiver.ids("/"))) == 1
    vendor.later()
    assert len(receiver.pushed) == 10


def _seconds_to_wait(vendor: Vendor) -> float:
    query = "SELECT extract(epoch FROM due_at - now()) FROM outbox WHERE topic = 'events.deliver'"
    with vendor.app.app_context(), platform() as session:
        return float(session.execute(text(query)).scalar_one())


@pytest.fixture
def hung(vendor: Vendor, receiver: Receiver) -> Iterator[Receiver]:
    """A receiver that lets each call time out."""
    receiver.then = lambda: let_go.wait(30) and None
    let_go = threading.Event()
    vendor.app.extensions["http"] = HttpClient(
        private_hosts=frozenset({receiver.url.removeprefix("http://")}), push_seconds=0.2
    )
    yield receiver
    let_go.set()


def test_no_answer_in_time_counts_as_a_failure(vendor: Vendor, hung: Receiver) -> None:
    endpoint = vendor.endpoint(hung.url)
    vendor.happen()
    vendor.work()

    [attempt] = vendor.deliveries(endpoint, "?status=pending")[0]["attempts"]
    assert (attempt["status_code"], attempt["error"]) == (None, "no_answer")
    assert attempt["duration_ms"] >= 200


def test_an_endpoint_that_lets_calls_time_out_rests(vendor: Vendor, hung: Receiver) -> None:
    """It must not hold the threads that others need; nothing that was for it is lost."""
    endpoint = vendor.endpoint(hung.url)
    for _ in range(endpoints.PATIENCE):
        vendor.happen()
    vendor.work()
    vendor.happen()
    vendor.work()

    assert len(hung.pushed) == endpoints.PATIENCE
    last = vendor.deliveries(endpoint)[0]
    assert last["status"] == "pending"
    assert [one["error"] for one in last["attempts"]] == ["endpoint_resting"]

    hung.then = lambda: None
    with vendor.app.app_context(), working_for(vendor.vendor_id) as session:
        session.execute(text("UPDATE webhook_endpoints SET resting_until = now()"))
    vendor.later()
    assert {one["status"] for one in vendor.deliveries(endpoint)} == {"delivered"}
    vendor.happen()
    vendor.work()
    assert vendor.deliveries(endpoint)[0]["status"] == "delivered"


def test_an_endpoint_that_is_gone_is_told_no_more(vendor: Vendor, receiver: Receiver) -> None:
    receiver.answers["/"] = 410
    endpoint = vendor.endpoint(receiver.url)
    vendor.happen()
    vendor.work()
    vendor.happen()
    vendor.work()

    path = f"/v1/webhook-endpoints/{endpoint['id']}"
    shown = vendor.get(path)
    assert (shown["enabled"], shown["disabled_reason"]) == (False, "gone")
    assert [one["status"] for one in vendor.deliveries(endpoint)] == ["failed"]
    refused = vendor.call("POST", f"{path}/resend", {"event_id": receiver.ids("/")[0]})
    assert (refused.status_code, refused.json["code"]) == (409, "endpoint_disabled")

    receiver.answers.clear()
    assert vendor.call("PATCH", path, {"enabled": True}).json["disabled_reason"] is None
    vendor.happen()
    vendor.work()
    assert len(receiver.pushed) == 2


def test_what_waits_for_an_endpoint_that_is_switched_off_is_not_sent(
    vendor: Vendor, receiver: Receiver
) -> None:
    receiver.answers["/"] = 500
    endpoint = vendor.endpoint(receiver.url)
    vendor.happen()
    vendor.work()
    vendor.call("PATCH", f"/v1/webhook-endpoints/{endpoint['id']}", {"enabled": False})
    vendor.later()

    [delivery] = vendor.deliveries(endpoint)
    assert delivery["status"] == "failed"
    assert [one["error"] for one in delivery["attempts"]] == [None, "endpoint_disabled"]
    assert len(receiver.pushed) == 1


def test_what_is_sent_again_has_the_same_id(vendor: Vendor, receiver: Receiver) -> None:
    vendor.happen("line.activation_failed")
    vendor.work()
    [before] = vendor.get("/v1/events")["data"]
    endpoint = vendor.endpoint(receiver.url, "message.received")
    vendor.happen()
    vendor.happen()
    vendor.work()
    sent = receiver.ids("/")
    path = f"/v1/webhook-endpoints/{endpoint['id']}/resend"

    assert vendor.post(path, {"event_id": sent[0]}) == {"events": 1}
    vendor.work()
    assert receiver.ids("/") == [*sent, sent[0]]

    year = {"after": "2020-01-01T00:00:00Z", "before": "2021-01-01T00:00:00Z"}
    assert vendor.post(path, year) == {"events": 0}
    assert vendor.post(path, {"after": year["after"]}) == {"events": 2}
    vendor.work()
    assert sorted(receiver.ids("/")[3:]) == sorted(sent)

    # What it never was to be told, because it came before or is not subscribed to.
    vendor.post(path, {"event_id": before["id"]})
    vendor.work()
    assert receiver.ids("/")[5:] == [before["id"]]
    assert [one["status"] for one in vendor.deliveries(endpoint)] == ["delivered"] * 3


def test_sending_again_begins_the_schedule_anew(vendor: Vendor, receiver: Receiver) -> None:
    receiver.answers["/"] = 500
    endpoint = vendor.endpoint(receiver.url)
    vendor.happen()
    vendor.work()
    for _ in deliveries.SCHEDULE:
        vendor.later()
    [event_id] = set(receiver.ids("/"))

    vendor.post(f"/v1/webhook-endpoints/{endpoint['id']}/resend", {"event_id": event_id})
    vendor.work()
    [delivery] = vendor.deliveries(endpoint)
    assert (delivery["status"], len(delivery["attempts"])) == ("pending", 11)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"event_id": "evt_1", "after": "2020-01-01T00:00:00Z"},
        {"before": "2020-01-01T00:00:00Z"},
        {"after": "yesterday"},
    ],
)
def test_what_to_send_again_must_be_said(
    vendor: Vendor, receiver: Receiver, body: dict[str, str]
) -> None:
    endpoint = vendor.endpoint(receiver.url)

    response = vendor.call("POST", f"/v1/webhook-endpoints/{endpoint['id']}/resend", body)
    assert response.status_code == 422


def test_after_a_rotation_both_secrets_sign_for_a_day(vendor: Vendor, receiver: Receiver) -> None:
    old = vendor.endpoint(receiver.url)
    path = f"/v1/webhook-endpoints/{old['id']}"
    new = vendor.post(f"{path}/rotate-secret")
    vendor.happen()
    vendor.work()
    with vendor.app.app_context(), working_for(vendor.vendor_id) as session:
        session.execute(text("UPDATE webhook_endpoints SET previous_secret_until = now()"))
    vendor.happen()
    vendor.work()

    assert old["secret"] != new["secret"]
    assert "secret" not in vendor.get(path)
    during, after = receiver.pushed
    for secret in (old["secret"], new["secret"]):
        assert Webhook(secret).verify(during.body, dict(during.headers))
    assert Webhook(new["secret"]).verify(after.body, dict(after.headers))
    with pytest.raises(WebhookVerificationError):
        Webhook(old["secret"]).verify(after.body, dict(after.headers))


def test_a_crash_after_the_call_tells_it_again_under_the_same_id(
    vendor: Vendor, receiver: Receiver
) -> None:
    """At least once: the receiver was told, and nobody could record it."""

    def die() -> None:
        receiver.then = lambda: None
        with vendor.app.app_context(), platform() as session:
            session.execute(
                text(
                    "UPDATE outbox SET fence = fence + 1, lease_until = now()"
                    " WHERE topic = 'events.deliver'"
                )
            )

    endpoint = vendor.endpoint(receiver.url)
    receiver.then = die
    vendor.happen()
    vendor.work()

    assert len(receiver.pushed) == 2
    assert len(set(receiver.ids("/"))) == 1
    [delivery] = vendor.deliveries(endpoint)
    assert (delivery["status"], len(delivery["attempts"])) == ("delivered", 1)


def test_an_address_that_moved_into_the_network_is_not_called(
    vendor: Vendor, receiver: Receiver
) -> None:
    endpoint = vendor.endpoint(receiver.url)
    vendor.app.extensions["http"] = HttpClient()  # what was public when it was given
    vendor.happen()
    vendor.work()

    assert receiver.pushed == []
    [delivery] = vendor.deliveries(endpoint)
    assert [one["error"] for one in delivery["attempts"]] == ["bad_url"]


def test_deliveries_are_paged_and_filtered(vendor: Vendor, receiver: Receiver) -> None:
    receiver.answers["/"] = 500
    endpoint = vendor.endpoint(receiver.url)
    for _ in range(3):
        vendor.happen()
    vendor.work()
    receiver.answers.clear()
    vendor.happen()
    vendor.work()
    newest_first = [event["id"] for event in vendor.get("/v1/events")["data"]][::-1]
    path = f"/v1/webhook-endpoints/{endpoint['id']}/deliveries"

    first = vendor.get(f"{path}?limit=3")
    rest = vendor.get(f"{path}?limit=3&after={first['next_cursor']}")
    shown = [one["event_id"] for one in first["data"] + rest["data"]]
    assert shown == newest_first
    assert (first["has_more"], rest["has_more"], rest["next_cursor"]) == (True, False, None)
    pending = vendor.deliveries(endpoint, "?status=pending")
    assert [one["event_id"] for one in pending] == newest_first[1:]
    assert vendor.deliveries(endpoint, "?status=failed") == []
    assert vendor.call("GET", f"{path}?status=lost").status_code == 422
