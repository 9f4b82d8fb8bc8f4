"""Budgets: warned of once, projected, and stopping marketing alone."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from gateway.plugin_api import built, now
from plugins.cost_reporting import budgets, rents
from plugins.cost_reporting.pricing import CostReporting
from tests.harness import Desk
from tests.messaging.test_introductions import introduction
from tests.messaging.test_sending import sql
from tests.plugins.cost_reporting.test_switched_off import without_it


@pytest.fixture(scope="module")
def desk(module_desk: Desk) -> Desk:
    """What the month costs is known to the cent here."""
    module_desk.gateway.until(lambda: module_desk.get("/costs")["totals"]["USD"] == "1.0000")
    return module_desk


@pytest.fixture(autouse=True)
def no_budgets(desk: Desk) -> Iterator[None]:
    yield
    for one in desk.get("/costs/budgets")["budgets"]:
        desk.gateway.request("DELETE", f"{desk.path}/costs/budgets/{one['id']}")


def put(desk: Desk, amount: str, currency: str = "USD", **others: Any) -> Any:
    wanted = {"amount": amount, "currency": currency, **others}
    return desk.post("/costs/budgets", wanted)


def told(desk: Desk, budget: Any) -> list[tuple[int, str]]:
    desk.gateway.work()
    events = desk.gateway.get("/v1/events?limit=500")["data"]
    return [
        (event["data"]["percent"], event["data"]["amount"])
        for event in events
        if event["type"] == "budget.reached" and event["data"]["budget_id"] == budget["id"]
    ]


def look(desk: Desk) -> None:
    with desk.gateway.app.app_context():
        budgets.look_at_all(built(CostReporting))


def test_each_threshold_is_told_once_a_month(desk: Desk) -> None:
    budget = put(desk, "2.05")
    assert (budget["percent"], told(desk, budget)) == (48, [])
    talk = desk.talk("+212665000001")  # 0.0230: 1.023 of 2.05 are 49.9 %
    desk.gateway.until(lambda: desk.messages(talk)[0]["delivered_at"])
    assert told(desk, budget) == []
    talk = desk.talk("+212665000002")
    desk.gateway.until(lambda: desk.messages(talk)[0]["delivered_at"])
    desk.gateway.until(lambda: told(desk, budget) == [(50, "2.05")])
    look(desk)
    assert told(desk, budget) == [(50, "2.05")]

    again = put(desk, "1.20", line_id=None)
    assert again["id"] == budget["id"], "one for the client"
    assert told(desk, budget) == [(50, "2.05"), (80, "1.20")]
    of_line = put(desk, "1.046", line_id=desk.line["id"])
    assert told(desk, of_line) == [(50, "1.046"), (80, "1.046"), (100, "1.046")]
    put(desk, "1.5", line_id=desk.line["id"])
    put(desk, "1.046", line_id=desk.line["id"])
    assert told(desk, of_line)[3:] == [(80, "1.046"), (100, "1.046")], "of a budget set anew"


def test_the_month_is_projected_to_its_end(desk: Desk) -> None:
    put(desk, "100", "MAD")
    found = desk.get("/costs/budgets")
    [budget] = found["budgets"]
    assert found["spent"]["USD"] == desk.get("/costs")["totals"]["USD"]
    assert budget["spent"]["amount"] == found["spent"]["MAD"]
    with desk.gateway.app.app_context():
        at = now()
    first = at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    ends = (first + timedelta(days=31)).replace(day=1)
    messages = float(found["spent"]["USD"]) - 1
    grown = 1 + messages * ((ends - first) / max(at - first, timedelta(days=1)))
    assert float(found["projected"]["USD"]) == pytest.approx(grown, abs=0.0002)
    shown = desk.gateway.run("costs", "budgets", "list", desk.client)
    assert f"all lines: {budget['spent']['amount']} of 100 MAD" in shown.stdout


def test_what_cannot_be_a_budget_is_refused(desk: Desk) -> None:
    for wrong, code in (
        ({"amount": "1", "currency": "GBP"}, "no_exchange_rate"),
        ({"amount": "1", "currency": "USD", "line_id": "line_01m8b60nt2ee2tjsjqfxempa56"},
         "unknown_line"),
        ({"amount": "0", "currency": "USD"}, "invalid_request"),
        ({"amount": "-1", "currency": "USD"}, "invalid_request"),
        ({"amount": "NaN", "currency": "USD"}, "invalid_request"),
    ):  # fmt: skip
        answer = desk.attempt("/costs/budgets", wrong)
        assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    assert desk.get("/costs/budgets")["budgets"] == []
    for words in (("much", "USD"), ("-1", "USD"), ("1", "GBP")):
        done = desk.gateway.run("costs", "budgets", "set", desk.client, "--", *words)
        assert done.exit_code == 1
        assert done.stderr.startswith("Error: ")
    gone = desk.gateway.request(
        "DELETE", f"{desk.path}/costs/budgets/bud_01m8b60nt2ee2tjsjqfxempa56"
    )
    assert gone.status_code == 404


@pytest.fixture
def marketing(desk: Desk) -> Iterator[None]:
    """Meta charges every introduction as marketing."""
    as_category = "UPDATE templates SET category = :to"
    sql(desk, as_category, to="MARKETING")
    yield
    sql(desk, as_category, to="UTILITY")


@pytest.mark.usefixtures("marketing")
def test_a_budget_that_is_used_up_stops_marketing_and_nothing_else(desk: Desk) -> None:
    opt_in = {"source": "job form", "obtained_at": "2026-11-01T10:00:00+00:00"}
    known, answered = (desk.talk(f"+21266500001{n}", opt_in=opt_in) for n in (1, 2))
    for talk in (known, answered):
        desk.gateway.until(lambda talk=talk: desk.messages(talk)[0]["delivered_at"])
    desk.writes("+212665000012")
    desk.gateway.until(lambda: desk.get(f"/conversations/{answered}")["reply_window"]["open"])
    promised = desk.talk("+212665000013", opt_in=opt_in)  # accepted, and not sent yet
    budget = put(desk, "0.50", stops_marketing=True)

    template = introduction("Sara El Amrani")
    refused = desk.attempt(f"/conversations/{known}/messages", template)
    assert (refused.status_code, refused.json()["code"]) == (409, "budget_reached")
    rehearsed = desk.attempt(f"/conversations/{known}/messages?dry_run=true", template).json()
    assert (rehearsed["verdict"], rehearsed["rule"]) == ("refused", "budget_reached")
    fresh = desk.attempt("/conversations", {
        "line_id": desk.line["id"], "recruiter_id": desk.recruiter,
        "candidate": {"name": "Imane Tazi", "phone": "+212665000014", "opt_in": opt_in},
    })  # fmt: skip
    assert fresh.status_code == 409, fresh.text
    assert fresh.json()["code"] == "budget_reached"

    desk.say(answered, "Bonjour")
    assert desk.attempt(f"/conversations/{answered}/messages", template).status_code == 202
    desk.gateway.until(lambda: desk.messages(promised)[0]["delivered_at"])

    put(desk, "0.50")
    assert desk.attempt(f"/conversations/{known}/messages", template).status_code == 202
    put(desk, "0.50", stops_marketing=True)
    with without_it(desk.gateway):
        talk = desk.talk("+212665000015", opt_in=opt_in)
        assert desk.gateway.request("GET", f"{desk.path}/costs/budgets").status_code == 501
    desk.gateway.until(lambda: desk.messages(talk)[0]["delivered_at"])
    gone = desk.gateway.request("DELETE", f"{desk.path}/costs/budgets/{budget['id']}")
    assert gone.status_code == 204
    desk.talk("+212665000016", opt_in=opt_in)


@pytest.mark.usefixtures("marketing")
def test_what_a_month_used_up_stops_nothing_in_the_next(desk: Desk) -> None:
    put(desk, "0.50", stops_marketing=True)
    with desk.gateway.app.app_context():
        pricing = built(CostReporting)
        assert pricing.used_up(desk.client) == {None}
        at = now()
        next_month = (at.replace(day=1) + timedelta(days=31)).replace(day=1)
    desk.gateway.panel("PUT", "/clock", {"advance_seconds": (next_month - at).total_seconds()})
    with desk.gateway.app.app_context():
        assert pricing.used_up(desk.client) == frozenset(), "before anything is entered"
        rents.enter_this_month()
        look(desk)
        assert pricing.used_up(desk.client) == {None}, "the rent of the new month"
