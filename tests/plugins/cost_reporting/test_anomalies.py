"""What stands out: shown as the ledger is by now, and told once."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from gateway.ids import new_id
from gateway.plugin_api import built, now
from plugins import cost_reporting
from plugins.cost_reporting import anomalies
from plugins.cost_reporting.pricing import CostReporting
from plugins.cost_reporting.spikes import Day, spikes
from tests.console.browser import Browser
from tests.harness import Desk, Gateway
from tests.messaging.test_template_news import introduction
from tests.messaging.test_template_news import tell as meta_says
from tests.plugins.cost_reporting.test_ledger import activated, status, tell, told
from tests.plugins.cost_reporting.test_switched_off import without_it

FIRST = date(2026, 7, 1)


@pytest.fixture(autouse=True)
def context(desk: Desk) -> Iterator[None]:
    with desk.gateway.app.app_context():
        yield


@pytest.fixture
def gateway(desk: Desk) -> Gateway:
    return desk.gateway


@pytest.fixture
def client_id(gateway: Gateway) -> str:
    """Every test has a client of its own: they share a gateway."""
    return gateway.client()


def events(gateway: Gateway, client: str) -> list[Any]:
    gateway.work()
    found, after = [], ""
    while True:
        page = gateway.get(f"/v1/events?limit=500{after}")
        found += page["data"]
        if not page["has_more"]:
            break
        after = f"&after={page['next_cursor']}"
    return [
        it["data"] for it in found if (it["type"], it["client_id"]) == ("anomaly.found", client)
    ]


def shown(gateway: Gateway, client: str, month: str = "2026-07") -> list[Any]:
    answer = gateway.get(f"/v1/clients/{client}/costs/anomalies?month={month}")
    assert (answer["has_more"], answer["next_cursor"]) == (False, None)
    return list(answer["data"])


def spent(*dollars: float) -> list[tuple[int, Decimal]]:
    """The days of a line, from the first on, that are spikes, with what is usual there."""
    days = {
        FIRST + timedelta(number): Day(messages=1, spent=Decimal(str(one)))
        for number, one in enumerate(dollars)
        if one
    }
    return [((day - FIRST).days, usual) for day, usual in spikes(days)]


def test_a_spike_is_far_above_what_the_line_s_dearer_days_cost() -> None:
    week = (1, 1.2, 0, 1.1, 1, 0.9, 1)
    assert spent(*week, 4) == [(7, Decimal(1))]
    assert spent(*week, 3) == [], "three times as much is not more than that"
    assert spent(*week[1:], 40) == [], "it has not sent for a week yet"
    assert spent(*[it / 100 for it in week], 0.9) == [], "less than a dollar more"
    assert spent(*week, *week, 40, *week, 40) == [(14, Decimal("1.1")), (22, Decimal("1.2"))]
    campaign = (9, 0.1, 0.1, 0.1, 0.1, 0, 0)
    assert spent(*campaign * 6) == [(7, Decimal("0.1")), (14, Decimal("0.1"))], (
        "a campaign each week is usual from its fourth on"
    )
    assert spent(*week, *[0] * 40, 40) == [], "of what was long ago nothing is usual"


def test_a_template_that_meta_made_marketing_is_told_once_with_what_it_costs_more(
    own_desk: Desk,
) -> None:
    desk, gateway = own_desk, own_desk.gateway
    there = introduction(desk)
    with gateway.app.app_context():
        month, today = now().strftime("%Y-%m"), now().date().isoformat()
    before = desk.talk("+212664000001")
    gateway.until(lambda: desk.messages(before)[0]["delivered_at"])
    assert shown(gateway, desk.client, month) == []
    meta_says(desk, "template_category_update", there | {"category": "MARKETING"})
    [event] = gateway.until(lambda: events(gateway, desk.client))
    assert (event["kind"], event["day"]) == ("reclassified", today)
    assert (event["template_name"], event["template_language"]) == (there["name"], "en")
    assert (event["messages"], event["costs_more"]["USD"]) == (0, "0.0000")
    assert event["each_costs_more"] == {"USD": "0.0184", "MAD": "0.19"}

    opt_in = {"source": "job form", "obtained_at": "2026-11-01T10:00:00+00:00"}
    for phone in ("+212664000002", "+212664000003"):
        desk.talk(phone, opt_in=opt_in)
    [one] = gateway.until(
        lambda: shown(gateway, desk.client, month), lambda found: found[0]["messages"] == 2
    )
    assert one["amounts"] == {"USD": "0.0828", "MAD": "0.87"}
    assert one["usual"] == {"USD": "0.0460", "MAD": "0.48"}
    assert one["costs_more"] == {"USD": "0.0368", "MAD": "0.39"}
    assert one["template_id"] == event["template_id"]
    said = gateway.run("costs", "anomalies", desk.client, "--json")
    assert json.loads(said.stdout) == [one]
    page = Browser(gateway.app).sign_in(desk.client).read("/console/costs")
    assert "recruitment_introduction" in page
    assert "0.39 MAD" in page

    meta_says(desk, "template_category_update", there)
    gateway.until(lambda: shown(gateway, desk.client, month)[0]["until"])
    assert len(events(gateway, desk.client)) == 1


def became(client: str, template: str, at: str, was: str, now: str) -> Any:
    return told(
        client, "template.changed", at, template_id=template, name="offer", language="fr",
        status="APPROVED", previous_status="APPROVED", previous_category=was, category=now,
    )  # fmt: skip


def test_what_is_told_again_late_or_otherwise_changes_the_figures_and_tells_nothing_twice(
    gateway: Gateway, client_id: str
) -> None:
    line, template = new_id("line"), new_id("tpl")
    dear = {"category": "marketing", "template_id": template}
    cost_reporting.on_lines_activated(
        client_id, [activated(client_id, line, "2026-07-01T00:00:00+00:00")]
    )
    changed = became(client_id, template, "2026-07-10T09:00:00+00:00", "UTILITY", "MARKETING")
    # Meta charges before it says so; the other two are none of it.
    early = status(client_id, line, at="2026-07-09T09:00:00+00:00", **dear)
    tell(client_id, early, early, status(client_id, line, at="2026-07-09T09:00:00+00:00"),
         status(client_id, line, at="2026-07-09T09:00:00+00:00", category="marketing",
                template_id=new_id("tpl")))  # fmt: skip
    for _ in range(2):
        cost_reporting.on_templates_changed(client_id, [changed])
    [one] = shown(gateway, client_id)
    assert (one["day"], one["messages"]) == ("2026-07-10", 1)
    assert (one["amounts"]["USD"], one["costs_more"]["USD"]) == ("0.0225", "0.0185")

    # A message that was read in July turns out to have been delivered in June.
    read = status(client_id, line, "read", at="2026-07-12T09:00:00+00:00", **dear)
    tell(client_id, read, status(client_id, line, at="2026-07-12T09:00:00+00:00",
                                 pricing_type="free_entry_point", **dear))  # fmt: skip
    assert [it["messages"] for it in shown(gateway, client_id)] == [3]
    assert shown(gateway, client_id)[0]["costs_more"]["USD"] == "0.0370", "one was free either way"
    delivered = {**read.data, "at": "2026-06-30T09:00:00+00:00"}
    tell(client_id, told(client_id, "message.delivery_learned", delivered.pop("at"), **delivered))
    assert [it["messages"] for it in shown(gateway, client_id)] == [2]
    assert shown(gateway, client_id)[0]["costs_more"]["USD"] == "0.0185"
    assert [it["messages"] for it in shown(gateway, client_id, "2026-06")] == [1]
    assert [it["messages"] for it in shown(gateway, client_id, "2026-08")] == [0]

    back = became(client_id, template, "2026-08-02T09:00:00+00:00", "MARKETING", "UTILITY")
    again = became(client_id, template, "2026-09-02T09:00:00+00:00", "UTILITY", "MARKETING")
    cost_reporting.on_templates_changed(client_id, [changed, back, changed])
    assert shown(gateway, client_id, "2026-09") == []
    assert len(events(gateway, client_id)) == 1
    for _ in range(2):
        cost_reporting.on_templates_changed(client_id, [changed, back, again])
    assert [it["day"] for it in shown(gateway, client_id, "2026-09")] == ["2026-09-02"]
    assert len(events(gateway, client_id)) == 2, "that it became marketing again is another fact"


def test_a_spike_is_told_once_whatever_comes_late(gateway: Gateway, client_id: str) -> None:
    line, other = new_id("line"), new_id("line")
    today = now().replace(hour=0, minute=0, second=30, microsecond=0)
    for one in (line, other):
        cost_reporting.on_lines_activated(client_id, [activated(client_id, one, today.isoformat())])

    def sends(of: str, days_ago: int, count: int) -> None:
        at = (today - timedelta(days_ago)).isoformat()
        tell(client_id, *[status(client_id, of, at=at, category="marketing") for _ in range(count)])

    for days_ago in range(2, 12):
        sends(line, days_ago, 2)
        sends(other, days_ago, 40)
    sends(line, 1, 26)  # 1.0764; twice 0.0828 less than a dollar more
    sends(other, 1, 66)
    pricing = built(CostReporting)
    anomalies.look(pricing, client_id)
    assert events(gateway, client_id) == []

    sends(line, 1, 1)
    for _ in range(2):
        anomalies.look_at_all(pricing)
    day = (today - timedelta(1)).date()
    [event] = events(gateway, client_id)
    assert (event["kind"], event["line_id"], event["day"]) == ("spike", line, day.isoformat())
    assert (event["usual"]["USD"], event["messages"]) == ("0.0828", 27)
    assert event["costs_more"]["USD"] == "1.0350"

    sends(line, 1, 10)  # late
    anomalies.look(pricing, client_id)
    assert len(events(gateway, client_id)) == 1
    [one] = shown(gateway, client_id, f"{day:%Y-%m}")
    assert (one["messages"], one["costs_more"]["USD"]) == (37, "1.4490")
    for days_ago in range(2, 5):
        sends(line, days_ago, 20)  # late too: the day was not so unusual
    assert shown(gateway, client_id, f"{day:%Y-%m}") == []
    anomalies.look(pricing, client_id)
    assert len(events(gateway, client_id)) == 1


def test_without_the_plugin_nothing_stands_out(desk: Desk) -> None:
    with without_it(desk.gateway):
        refused = desk.gateway.request("GET", f"{desk.path}/costs/anomalies")
        assert (refused.status_code, refused.json()["code"]) == (501, "no_pricing")
