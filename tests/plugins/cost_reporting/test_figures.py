"""What a month's messages cost per conversation and reply, by line, recruiter and client."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.ids import new_id
from gateway.plugin_api import Event
from gateway.tenancy import api_keys
from gateway.tenancy import service as tenancy
from plugins import cost_reporting
from tests.console.browser import Browser
from tests.harness import Desk, Gateway
from tests.messaging.test_sending import sql
from tests.plugins.cost_reporting.test_ledger import activated, status, tell
from tests.plugins.cost_reporting.test_switched_off import without_it

JULY = "2026-07-10T09:00:00+00:00"


@pytest.fixture(autouse=True)
def context(desk: Desk) -> Iterator[None]:
    with desk.gateway.app.app_context():
        yield


def july(client: str, line: str, *categories: str, **facts: Any) -> list[Event]:
    return [status(client, line, at=JULY, category=category, **facts) for category in categories]


def test_what_is_delivered_and_answered_is_held_against_what_it_cost(own_desk: Desk) -> None:
    """Two conversations of one recruiter and one of another, of which one is answered twice; 0.0230
    for each introduction, and one free text."""
    desk, gateway = own_desk, own_desk.gateway
    other = gateway.recruiter(desk.client, "Ali Bennani")
    talk = desk.answered("+212663000001")
    desk.writes("+212663000001", "And on Saturdays")
    desk.talk("+212663000002")
    gateway.talk(desk.client, desk.line["id"], other, "+212663000003")
    desk.say(talk, "Yes")
    found = gateway.until(
        lambda: desk.get("/costs/spending"),
        lambda it: (it["messages"], it["conversations"], it["replies"]) == (4, 3, 2),
    )

    shown = ("messages", "free", "free_percent", "conversations", "replies", "unpriced")
    assert [found[name] for name in shown] == [4, 1, "25.0", 3, 2, 0]
    assert found["spent_on_messages"] == {"USD": "0.0690", "MAD": "0.72"}
    assert found["per_conversation"] == {"USD": "0.0230", "MAD": "0.24"}
    assert found["per_reply"] == {"USD": "0.0345", "MAD": "0.36"}
    [line] = found["by_line_id"]
    assert line == {"line_id": desk.line["id"], **{name: found[name] for name in line
                                                   if name != "line_id"}}  # fmt: skip
    by_recruiter = {row["recruiter_id"]: row for row in found["by_recruiter_id"]}
    hers, his = by_recruiter[desk.recruiter], by_recruiter[other]
    assert [hers[name] for name in shown] == [3, 1, "33.3", 2, 2, 0]
    assert hers["per_reply"] == {"USD": "0.0230", "MAD": "0.24"}
    assert [his[name] for name in shown] == [1, 0, "0.0", 1, 0, 0]
    assert his["per_conversation"] == {"USD": "0.0230", "MAD": "0.24"}
    assert his["per_reply"] is None

    file = gateway.request("GET", f"{desk.path}/costs/spending/csv")
    rows = {(row["of"], row["id"]): row for row in csv.DictReader(io.StringIO(file.text))}
    assert len(rows) == 4
    of_client = rows["client", desk.client]
    assert (of_client["per_reply_usd"], of_client["per_conversation_mad"]) == ("0.0345", "0.24")
    assert (rows["recruiter", other]["replies"], rows["recruiter", other]["per_reply_usd"]) == (
        "0",
        "",
    )
    page = Browser(gateway.app).sign_in(desk.client).read("/console/costs")
    assert "Ali Bennani" in page
    assert desk.line["phone_number"] in page
    assert "25.0 %" in page

    sql(desk, "UPDATE messages SET source = 'app_history' WHERE content->>'body' LIKE '%days'")
    assert desk.get("/costs/spending")["replies"] == 1, "what an app's history holds answers nobody"


def test_what_has_no_price_is_counted_beside_the_figures(desk: Desk) -> None:
    gateway, client = desk.gateway, desk.gateway.client()
    line = new_id("line")
    tell(client, *july(client, line, "marketing"), *july(client, line, "utility", country="JP"))

    found = gateway.get(f"/v1/clients/{client}/costs/spending?month=2026-07")
    assert (found["messages"], found["unpriced"]) == (2, 1)
    assert found["spent_on_messages"]["USD"] == "0.0225"
    assert (found["conversations"], found["per_conversation"]) == (0, None)
    days = {day["category"]: (day["amounts"]["USD"], day["unpriced"]) for day in found["days"]}
    assert days == {"marketing": ("0.0225", 0), "utility": (None, 1)}, "unknown is not nothing"
    nothing = gateway.get(f"/v1/clients/{client}/costs/spending?month=2026-06")
    assert (nothing["messages"], nothing["free_percent"], nothing["by_line_id"]) == (0, None, [])


def pages(gateway: Gateway, key: str, limit: int) -> Iterator[list[Any]]:
    """Every page of July's list, as it goes on by its cursors."""
    after = ""
    for _ in range(10):
        path = f"/v1/costs?month=2026-07&limit={limit}{after}"
        answer = gateway.request("GET", path, key=key)
        assert answer.status_code == 200, answer.text
        found = answer.json()
        yield found["data"]
        assert found["has_more"] == (found["next_cursor"] is not None)
        if not found["has_more"]:
            return
        after = f"&after={found['next_cursor']}"
    raise AssertionError("the list does not end")


def test_a_vendor_reads_its_clients_in_pages_and_nothing_of_anothers(desk: Desk) -> None:
    gateway = desk.gateway
    keys, owned = {}, {}
    for name, count in (("Our ATS", 5), ("Their ATS", 3)):
        vendor = tenancy.create_vendor(name)
        keys[name] = api_keys.make(vendor, "tests")
        values = {"name": f"A client of {name}", "country": "MA", "external_ref": "7"}
        owned[name] = [tenancy.create_client(vendor, values).client_id for _ in range(count)]
    for clients in owned.values():
        for number, client in enumerate(clients):
            line = new_id("line")
            own = number % 2 == 1
            cost_reporting.on_lines_activated(
                client, [activated(client, line, JULY, paid_by="client" if own else "platform")]
            )
            tell(client, *july(client, line, *["marketing"] * number, "service"))

    for name, clients in owned.items():
        for limit in (1, 2, 100):
            found = list(pages(gateway, keys[name], limit))
            assert [len(page) for page in found[:-1]] == [limit] * (len(found) - 1)
            rows = [row for page in found for row in page]
            assert [row["client_id"] for row in rows] == clients, "each once, and nobody else's"
        assert {row["name"] for row in rows} == {f"A client of {name}"}
        assert [row["free"] for row in rows] == [1] * len(clients)
        for number, row in enumerate(rows):
            alone = gateway.request(
                "GET",
                f"/v1/clients/{row['client_id']}/costs/spending?month=2026-07",
                key=keys[name],
            ).json()
            assert {it: row[it] for it in row.keys() & alone.keys()} == {
                it: alone[it] for it in row.keys() & alone.keys()
            }
            paid = f"{number * 225 / 10000:.4f}"
            dues = ("0.0000", paid) if number % 2 else (f"{1 + number * 225 / 10000:.4f}", "0.0000")
            assert (row["totals"]["USD"], row["paid_to_meta"]["USD"]) == dues


def test_only_a_vendors_key_reads_them(desk: Desk) -> None:
    """Clients have no keys: who is signed in to a client's pages reads nothing by the API."""
    gateway = desk.gateway
    browser = Browser(gateway.app).sign_in(desk.client)
    assert browser.get("/v1/costs").status_code == 401
    stranger = api_keys.make(tenancy.create_vendor("A vendor without clients"), "tests")
    answer = gateway.request("GET", "/v1/costs", key=stranger)
    assert answer.json() == {"data": [], "has_more": False, "next_cursor": None}
    theirs = gateway.request("GET", f"{desk.path}/costs/spending/csv", key=stranger)
    assert theirs.status_code == 404

    for wrong, code in (
        ("after=x", "invalid_cursor"),
        (f"after=p{1 << 128:x}", "invalid_cursor"),
        ("month=2026-13", "invalid_request"),
        ("limit=0", "invalid_request"),
        ("limit=101", "invalid_request"),
    ):
        refused = gateway.request("GET", f"/v1/costs?{wrong}")
        assert refused.json()["code"] == code
    with without_it(gateway):
        for path in ("/v1/costs", f"{desk.path}/costs/spending/csv"):
            refused = gateway.request("GET", path)
            assert (refused.status_code, refused.json()["code"]) == (501, "no_pricing")
