"""What groups would be for a line, and an experiment that is recounted from the other side."""

import json
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from sqlalchemy import text

from gateway.database import tenant
from tests.harness import Desk
from tests.onboarding.test_coexistence import OWN, coexisting


@pytest.fixture
def official(desk: Desk) -> Iterator[None]:
    """The desk's line is an Official Business Account for a while."""
    decide(desk, official=[desk.line["phone_number"]])
    yield
    decide(desk, official=None, group_joins=None)


def decide(desk: Desk, **decisions: Any) -> None:
    desk.gateway.panel("PUT", "/graph/decisions", decisions)


def ledger(desk: Desk) -> list[Mapping[str, Any]]:
    """The groups as the other side has them."""
    found: list[Mapping[str, Any]] = desk.gateway.panel("GET", "/groups")["data"]
    return found


def test_three_kinds_of_lines_have_three_reports(desk: Desk) -> None:
    gateway, phone = desk.gateway, desk.line["phone_number"]
    ordinary = f"{desk.path}/lines/{desk.line['id']}"
    in_app = coexisting(gateway, gateway.client("Zellige Conseil"))
    assert gateway.request("GET", f"{ordinary}/groups").json()["code"] == "not_investigated"
    reports = []
    for path, number, official in (
        (ordinary, phone, None),
        (in_app, OWN, None),
        (ordinary, phone, [phone]),
    ):
        decide(desk, official=official)
        asked = gateway.post(f"{path}/groups")["asked_at"]
        seen = gateway.until(
            lambda path=path: gateway.get(f"{path}/groups"),
            lambda it, asked=asked: (it["seen_at"] or "") >= asked,
        )
        reports.append(seen["report"])
        printed = gateway.run("groups", "investigate", number, "--json")
        assert json.loads(printed.stdout) == seen["report"]
        words = gateway.run("groups", "investigate", number).stdout
        assert ("may use groups" in words) is seen["report"]["eligible"]

    assert [report["eligible"] for report in reports] == [False, False, True]
    reasons = [{reason["code"] for reason in report["reasons"]} for report in reports]
    assert reasons == [{"not_official"}, {"coexistence", "not_official"}, set()]
    verdicts = {it["statement"]: it["verdict"] for it in reports[0]["findings"]}
    assert verdicts["Nobody can be added directly."] == "confirmed"
    assert verdicts["Templates do not work in groups."] == "overtaken"
    assert all(it["source"] and it["as_of"] for it in reports[0]["findings"])

    # A number in the app has no groups, whatever else it is.
    decide(desk, official=[OWN])
    before = ledger(desk)
    assert "131215" in gateway.run("groups", "experiment", OWN).stderr
    assert ledger(desk) == before
    decide(desk, official=None)
    gateway.post(f"{in_app}/disconnect")


def test_an_experiment_equals_a_recount(
    desk: Desk, official: None, phone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide(desk, group_joins=0.6)
    talk = desk.talk(phone)
    template = desk.message(desk.get(f"/conversations/{talk}")["introduction"]["message_id"])
    note = {"type": "template", "template": template["template"]}
    quote = desk.post(f"/conversations/{talk}/messages?dry_run=true", note)["price"]
    desk.gateway.work()
    before, known = ledger(desk), counts(desk)
    called = callees(monkeypatch)
    words = ("groups", "experiment", desk.line["phone_number"], "--pairs", "5", "--messages", "3")
    printed = desk.gateway.run(*words, "--json")
    assert printed.exit_code == 0, printed.output
    trial = json.loads(printed.stdout)

    opened = [group for group in ledger(desk) if group not in before]
    deliveries = [delivery for group in opened for delivery in group["deliveries"]]
    assert trial["groups"] == len(opened) == 5
    assert trial["invited"] == sum(len(group["invited"]) for group in opened) == 10
    assert trial["joined"] == sum(len(group["people"]) for group in opened) == 6
    assert trial["refused"] == sum(not group["people"] for group in opened)
    assert trial["deliveries"] == len(deliveries) == 3 * trial["joined"]
    assert trial["messages"] == len({wamid for wamid, _, _ in deliveries})
    assert {category for _, _, category in deliveries} == {"utility"}
    people = {person for group in opened for person in group["invited"]}
    shown = [message for person in people for message in desk.gateway.phone(person)]
    in_groups = [message for message in shown if "group_id" in message]
    assert sorted(it["wamid"] for it in in_groups) == sorted(wamid for wamid, _, _ in deliveries)
    assert len(shown) - len(in_groups) == trial["invited"]

    # What it cost is what each of these messages costs a client today.
    price = Decimal(quote["amount"])
    assert price > 0
    assert trial["group_cost"]["currency"] == quote["currency"]
    assert Decimal(trial["group_cost"]["amount"]) == price * len(shown)
    assert trial["one_to_one_messages"] == 5 * (1 + 3)
    assert Decimal(trial["one_to_one_cost"]["amount"]) == price * 5 * (1 + 3)

    # Nobody real was written to, nobody but the sandbox was called, and nothing of it is kept.
    assert all(person.startswith("+212699") for person in people)
    assert called() == {desk.gateway.sandbox_url, desk.gateway.url}  # the latter by its webhooks
    assert counts(desk) == known


def callees(monkeypatch: pytest.MonkeyPatch) -> Callable[[], set[str]]:
    """Every server that anybody in this process calls from now on."""
    called, send = [], HTTPAdapter.send

    def noted(self: HTTPAdapter, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        called.append(str(request.url))
        return send(self, request, *args, **kwargs)

    monkeypatch.setattr(HTTPAdapter, "send", noted)
    return lambda: {"{0.scheme}://{0.netloc}".format(urlsplit(url)) for url in called}


def counts(desk: Desk) -> Mapping[str, int]:
    """What the client has of conversations, people, messages and entries of costs."""
    tables = ("conversations", "candidates", "messages", "cost_reporting_entries")
    with desk.gateway.app.app_context(), tenant(desk.client) as session:
        return {
            table: session.scalar(text(f"SELECT count(*) FROM {table}")) or 0 for table in tables
        }


def test_a_line_that_may_not_use_groups_opens_none(desk: Desk) -> None:
    before = ledger(desk)
    refused = desk.gateway.run("groups", "experiment", desk.line["phone_number"])
    assert refused.exit_code == 1
    assert "131215" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert ledger(desk) == before


def test_nothing_is_tried_outside_the_sandbox_or_without_bounds(
    desk: Desk, official: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone, before = desk.line["phone_number"], ledger(desk)
    many = desk.gateway.run("groups", "experiment", phone, "--pairs", "51")
    assert "1 to 50 pairs" in many.stderr
    outside = {**desk.gateway.environment, "GATEWAY_SANDBOX__ENABLED": "false"}
    monkeypatch.setattr(desk.gateway, "environment", outside)
    refused = desk.gateway.run("groups", "experiment", phone)
    assert (refused.exit_code, "the sandbox alone" in refused.stderr) == (1, True)
    assert ledger(desk) == before


def test_starting_a_line_as_groups_says_why_not(desk: Desk) -> None:
    refused = desk.attempt("/lines", {"case": "groups"}).json()
    assert (refused["status"], refused["code"]) == (409, "case_not_offered")
    assert refused["blockers"]
