"""A line gets another number: said and priced beforehand, and the old one answers for a while."""

import json
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import text

from gateway.database import tenant
from gateway.roles import DatabaseUrls
from gateway.tenancy import house
from tests.harness import Desk, Gateway, opened_desk

KNOWS_THE_OLD, WRITES_TO_THE_NEW = "+212661770001", "+212661770002"
SILENT, WRITTEN_TO_LAST = "+212661770003", "+212661770004"


def heard_from(desk: Desk, phone: str) -> list[tuple[str, bool]]:
    """From which numbers a person was written to, in order, and whether it was an introduction."""
    return [
        (message["from"], "I'm Sara El Amrani" in json.dumps(message) or "template" in message)
        for message in desk.gateway.phone(phone)
    ]


def test_a_number_is_replaced_and_the_old_one_answers_until_it_retires(
    database: DatabaseUrls, redis_url: str, tmp_path: Path
) -> None:
    with opened_desk(database, redis_url, tmp_path / "clock.json") as desk:
        gateway, line_id, old = desk.gateway, desk.line["id"], desk.line["phone_number"]
        replace = partial(gateway.run, "lines", "replace", line_id)
        known = desk.answered(KNOWS_THE_OLD)
        desk.talk(SILENT)
        gateway.until(lambda: gateway.phone(SILENT))

        foreseen = json.loads(replace("--dry-run", "--json").stdout)
        assert (foreseen["talks"]["conversations"], foreseen["talks"]["open_windows"]) == (2, 1)
        assert foreseen["talks"]["price"]["currency"] == "USD"
        assert (bool(foreseen["monthly_rent"]["amount"]), foreseen["from_pool"]) == (True, False)
        assert replace().exit_code == 1, "nobody confirmed it"
        assert len(desk.get("/lines")["data"]) == 1

        began = replace("--yes", "--overlap-days", "2")
        assert began.exit_code == 0, began.output
        assert "1 reply windows are open; they stay with the old number" in began.stdout
        assert "being prepared for it already" in replace("--yes").stderr
        line = gateway.until(
            lambda: desk.get(f"/lines/{line_id}"), lambda line: line["phone_number"] != old
        )
        new = line["phone_number"]
        assert line["status"] == "active"
        [prepared] = [it for it in desk.get("/lines")["data"] if it["replaces"] == line_id]
        assert (prepared["status"], prepared["phone_number"]) == ("released", None)

        desk.say(known, "From the number you know")
        gateway.until(lambda: heard_from(desk, KNOWS_THE_OLD)[-1] == (old, False))
        gateway.writes(WRITES_TO_THE_NEW, new, body="Hello?")
        gateway.writes(KNOWS_THE_OLD, old, body="Still there?")
        talks = gateway.until(
            lambda: desk.get("/conversations")["data"], lambda found: len(found) == 3
        )
        [fresh] = [it["id"] for it in talks if it["candidate"]["phone"] == WRITES_TO_THE_NEW]
        assert {it["line_id"] for it in talks} == {line_id}
        desk.post(f"/conversations/{fresh}/assign", {"recruiter_id": desk.recruiter})
        desk.say(fresh, "Welcome")
        gateway.until(lambda: heard_from(desk, WRITES_TO_THE_NEW) == [(new, True), (new, False)])

        gateway.writes(KNOWS_THE_OLD, new, body="Is this you as well?")
        gateway.until(lambda: len(desk.messages(known)) == 5)
        desk.say(known, "It is")
        gateway.until(lambda: heard_from(desk, KNOWS_THE_OLD)[-2:] == [(new, True), (new, False)])
        gateway.panel("PUT", "/clock", {"advance_seconds": 47 * 3600})
        gateway.writes(KNOWS_THE_OLD, old, body="And here?")
        gateway.until(lambda: len(desk.messages(known)) == 8)
        assert desk.get(f"/conversations/{known}")["reply_window"]["open"]
        assert graph(desk, old)["status"] == "CONNECTED"

        gateway.panel("PUT", "/clock", {"advance_seconds": 2 * 3600})
        gateway.until(lambda: graph(desk, old)["status"] != "CONNECTED")
        refused = desk.attempt(
            f"/conversations/{known}/messages", {"type": "text", "text": {"body": "Hello"}}
        )
        assert refused.json()["code"] == "reply_window_closed", "it was the old number's"
        ledger = gateway.panel("GET", "/suppliers/twilio/ledger")["data"]
        assert [entry["event"] for entry in ledger] == ["bought", "bought"], "Meta still holds it"
        rents = gateway.until(
            lambda: [
                entry["quantity"]
                for entry in desk.get(f"/costs?month={datetime.now(UTC):%Y-%m}")["lines"]
                if entry["kind"] == "number_month"
            ]
        )
        assert rents == [2]

        gateway.panel("PUT", "/graph/decisions", {"deleted": old})
        confirm = ("lines", "quarantine", "confirm")
        gateway.until(lambda: gateway.run(*confirm, old).exit_code == 0)
        told = gateway.until(lambda: unused_since(gateway))
        events = gateway.get("/v1/events?limit=500")["data"]
        [replaced] = [it for it in events if it["type"] == "line.number_replaced"]
        assert told <= datetime.fromisoformat(replaced["timestamp"]), "the client bore it so far"
        _another_is_taken_from_the_pool(desk, new)


def _another_is_taken_from_the_pool(desk: Desk, before: str) -> None:
    gateway, line_id = desk.gateway, desk.line["id"]
    replace = partial(gateway.run, "lines", "replace", line_id)
    pool = ("lines", "pool", "set", "MA")
    assert gateway.run(*pool, "1", "--budget", "5", "USD").exit_code == 0
    kept = gateway.until(lambda: ready(gateway))
    assert gateway.run(*pool, "0", "--budget", "5", "USD").exit_code == 0
    calls = gateway.panel("GET", "/stats")["calls"]
    assert "is replaced by one that is kept ready." in replace("--dry-run").stdout
    assert ready(gateway) == kept
    assert replace("--yes", "--overlap-days", "0").exit_code == 0
    line = gateway.until(
        lambda: desk.get(f"/lines/{line_id}"), lambda line: line["phone_number"] != before
    )
    assert ([line["phone_number"]], ready(gateway)) == (kept, [])
    assert gateway.panel("GET", "/stats")["calls"]["verify_code"] == calls["verify_code"]
    desk.talk(WRITTEN_TO_LAST)
    gateway.until(lambda: heard_from(desk, WRITTEN_TO_LAST) == [(kept[0], True)])


def ready(gateway: Gateway) -> list[str]:
    """The numbers that are kept ready."""
    [shown] = json.loads(gateway.run("lines", "pool", "--json").stdout)
    return [one["phone_number"] for one in shown["ready"]]


def unused_since(gateway: Gateway) -> datetime | None:
    """As the platform is told it of a number that went back; its own events are on no API."""
    with gateway.app.app_context(), tenant(house.CLIENT) as session:
        query = text("SELECT data->>'unused_since' FROM events WHERE type = 'number.given_back'")
        told = session.scalar(query)
    return told and datetime.fromisoformat(told)


def graph(desk: Desk, phone: str) -> Any:
    """How Meta has the number."""
    [found] = [
        number
        for _, number in desk.gateway.world.store.all("graph_number")
        if number["phone"] == phone
    ]
    return found
