"""The vendor's events, pulled: all of them, once, in an order that nothing comes into later."""

import threading
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest

from gateway.database import tenant
from gateway.events import service as events
from gateway.ids import new_id
from tests.events.conftest import Vendor
from tests.harness import Desk


def read(vendor: Vendor, after: str | None = None, limit: int = 100) -> Any:
    cursor = f"&after={after}" if after else ""
    return vendor.get(f"/v1/events?limit={limit}{cursor}")


def test_events_are_shown_in_order_and_go_on_after_the_cursor(vendor: Vendor) -> None:
    talk = new_id("conv")
    for number in range(3):
        vendor.happen(conversation_id=talk, preview=str(number))
    vendor.happen("line.activation_failed")
    vendor.work()

    first = read(vendor, limit=2)
    rest = read(vendor, first["next_cursor"])
    nothing = read(vendor, rest["next_cursor"])
    vendor.happen(conversation_id=talk, preview="new")
    vendor.work()
    new = read(vendor, nothing["next_cursor"])

    shown = first["data"] + rest["data"]
    assert [event["sequence"] for event in shown] == [1, 2, 3, None]
    assert [event["data"].get("preview") for event in shown] == ["0", "1", "2", None]
    assert (first["has_more"], rest["has_more"], nothing["data"]) == (True, False, [])
    assert [event["sequence"] for event in new["data"]] == [4]
    assert set(shown[0]) == {"id", "type", "timestamp", "client_id", "sequence", "data"}
    assert shown[0]["client_id"] == vendor.client_id


def test_a_late_commit_is_not_skipped_and_delays_nobody(vendor: Vendor) -> None:
    talk = new_id("conv")
    with vendor.app.app_context(), ExitStack() as late:
        session = late.enter_context(tenant(vendor.client_id))
        events.record(session, vendor.client_id, "message.received", conversation_id=talk, n=1)
        with ThreadPoolExecutor(1) as another:
            another.submit(vendor.happen, conversation_id=talk, n=2).result(timeout=30)
            another.submit(vendor.work).result(timeout=30)
            early = another.submit(read, vendor).result(timeout=30)
    vendor.work()
    rest = read(vendor, early["next_cursor"])["data"]

    assert [(event["data"]["n"], event["sequence"]) for event in early["data"]] == [(2, 1)]
    assert [(event["data"]["n"], event["sequence"]) for event in rest] == [(1, 2)]


def test_many_who_write_and_number_at_once_leave_no_gap(vendor: Vendor) -> None:
    talks = [new_id("conv") for _ in range(3)]
    writers, rounds = 4, 15
    written = threading.Event()

    def write(_: int) -> None:
        for n in range(rounds):
            with vendor.app.app_context(), tenant(vendor.client_id) as session:
                for talk in talks if n % 2 else reversed(talks):
                    events.record(
                        session, vendor.client_id, "message.received", conversation_id=talk, n=n
                    )

    def number() -> None:
        while not written.is_set():
            vendor.work()

    seen: list[Any] = []
    cursor = None
    with ThreadPoolExecutor(writers + 2) as pool:
        numbering = [pool.submit(number) for _ in range(2)]
        writing = [pool.submit(write, writer) for writer in range(writers)]
        while not all(one.done() for one in writing):
            page = read(vendor, cursor, limit=500)
            seen, cursor = seen + page["data"], page["next_cursor"]
        written.set()
        for one in (*writing, *numbering):
            one.result()
    vendor.work()
    seen += read(vendor, cursor, limit=500)["data"]

    assert len({event["id"] for event in seen}) == len(seen) == 3 * writers * rounds
    sequences = defaultdict(list)
    for event in seen:
        sequences[event["data"]["conversation_id"]].append(event["sequence"])
    assert all(found == list(range(1, writers * rounds + 1)) for found in sequences.values())


def test_another_vendor_reads_none_of_it(vendor: Vendor, other_vendor: Vendor) -> None:
    vendor.happen()
    other_vendor.happen("message.created")
    vendor.work()

    assert [event["type"] for event in read(vendor)["data"]] == ["message.received"]
    assert [event["type"] for event in read(other_vendor)["data"]] == ["message.created"]


@pytest.mark.parametrize("cursor", ["evt_1", "p-1", "p", "p01", "pffffffffffffffffff"])
def test_a_cursor_that_is_none_is_refused(vendor: Vendor, cursor: str) -> None:
    response = vendor.call("GET", f"/v1/events?after={cursor}")

    assert (response.status_code, response.json["code"]) == (400, "invalid_cursor")


def test_what_is_no_event_type_is_not_recorded(vendor: Vendor) -> None:
    with pytest.raises(LookupError, match=r"message\.sneezed"):
        vendor.happen("message.sneezed")


def test_a_conversation_is_told_from_its_opening_on(desk: Desk, phone: str) -> None:
    """Each event is what its type says; all ids that it takes to act are there."""
    talk = desk.answered(phone)
    sent = desk.say(talk, "When can you start?")
    desk.gateway.until(lambda: desk.message(sent), lambda shown: shown["status"] == "delivered")
    found = [one for one in everything(desk) if one["data"].get("conversation_id") == talk]

    assert [event["sequence"] for event in found] == list(range(1, len(found) + 1))
    types = [event["type"] for event in found]
    assert types[:2] == ["conversation.opened", "message.created"]
    assert {"message.received", "message.delivered", "message.read"} <= set(types)
    [received] = [event["data"] for event in found if event["type"] == "message.received"]
    shown = desk.get(f"/conversations/{talk}")
    assert (received["preview"], received["type"]) == ("Yes", "text")
    assert received["candidate_id"] == shown["candidate"]["id"]
    assert received["recruiter_id"] == desk.recruiter


def test_a_conversation_that_the_candidate_begins_is_nobodys_yet(desk: Desk, phone: str) -> None:
    desk.writes(phone, "Is the job still open?")
    [received] = desk.gateway.until(
        lambda: [
            one
            for one in everything(desk)
            if one["data"].get("preview") == "Is the job still open?"
        ]
    )
    talk = received["data"]["conversation_id"]

    found = [one for one in everything(desk) if one["data"].get("conversation_id") == talk]
    assert [event["type"] for event in found[:2]] == ["conversation.opened", "message.received"]
    assert [event["data"]["recruiter_id"] for event in found[:2]] == [None, None]


def everything(desk: Desk) -> list[Any]:
    desk.gateway.work()
    found: list[Any] = []
    page: Any = {"has_more": True, "next_cursor": None}
    while page["has_more"]:
        after = f"&after={page['next_cursor']}" if page["next_cursor"] else ""
        page = desk.gateway.get(f"/v1/events?limit=500{after}")
        found += page["data"]
    return found
