"""What groups would be for a line, and an experiment that is recounted from the other side."""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest

from tests.harness import Desk


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
    path, phone = f"/lines/{desk.line['id']}/groups", desk.line["phone_number"]
    assert desk.gateway.request("GET", desk.path + path).json()["code"] == "not_investigated"
    reports = []
    for decisions in (
        {},
        {"coexisting": [phone]},
        {"coexisting": None, "official": [phone]},
    ):
        decide(desk, **decisions)
        asked = desk.post(path)["asked_at"]
        seen = desk.gateway.until(
            lambda: desk.get(path), lambda it, asked=asked: (it["seen_at"] or "") >= asked
        )
        reports.append(seen["report"])
        printed = desk.gateway.run("groups", "investigate", phone, "--json")
        assert json.loads(printed.stdout) == seen["report"]
        words = desk.gateway.run("groups", "investigate", phone).stdout
        assert ("may use groups" in words) is seen["report"]["eligible"]
    decide(desk, official=None)

    assert [report["eligible"] for report in reports] == [False, False, True]
    reasons = [{reason["code"] for reason in report["reasons"]} for report in reports]
    assert reasons == [{"not_official"}, {"coexistence", "not_official"}, set()]
    verdicts = {it["statement"]: it["verdict"] for it in reports[0]["findings"]}
    assert verdicts["Nobody can be added directly."] == "confirmed"
    assert verdicts["Templates do not work in groups."] == "overtaken"
    assert all(it["source"] and it["as_of"] for it in reports[0]["findings"])


def test_an_experiment_equals_a_recount(desk: Desk, official: None) -> None:
    decide(desk, group_joins=0.6)
    before = ledger(desk)
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
    for wamid, phone, _ in deliveries:
        assert phone.startswith("+212699")  # made up for the experiment
        assert wamid in {message["wamid"] for message in desk.gateway.phone(phone)}
    price = Decimal(trial["one_to_one_cost"]["amount"]) / trial["one_to_one_messages"]
    assert price > 0
    assert trial["one_to_one_messages"] == 5 * (1 + 3)
    assert Decimal(trial["group_cost"]["amount"]) == price * (10 + len(deliveries))


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
