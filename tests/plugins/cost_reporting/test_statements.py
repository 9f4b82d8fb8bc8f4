"""Statements: open, closed with a number, and corrected by a later one; never changed."""

import csv
import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from gateway.ids import new_id
from gateway.plugin_api import built, platform
from plugins import cost_reporting
from plugins.cost_reporting import card_files, card_store, closing, statements
from plugins.cost_reporting.periods import first_day
from plugins.cost_reporting.pricing import CostReporting
from tests.harness import Desk, Gateway
from tests.plugins.cost_reporting.test_ledger import activated, status, tell
from tests.plugins.cost_reporting.test_rate_cards import HEADER

JULY = "2026-07-10T09:00:00+00:00"
AUGUST = "2026-08-10T09:00:00+00:00"


@pytest.fixture
def gateway(desk: Desk) -> Gateway:
    return desk.gateway


@pytest.fixture
def app(gateway: Gateway) -> Flask:
    """Every test has a client of its own: they share a gateway."""
    return gateway.app


@pytest.fixture(autouse=True)
def context(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.fixture
def client_id(gateway: Gateway) -> str:
    return gateway.client()


@pytest.fixture
def path(client_id: str) -> str:
    return f"/v1/clients/{client_id}/costs/statements"


def refused(gateway: Gateway, method: str, path: str) -> tuple[int, str]:
    answer = gateway.request(method, path)
    return answer.status_code, answer.json()["code"]


def test_a_month_is_closed_and_what_comes_late_corrects_it_in_the_next(
    gateway: Gateway, client_id: str, path: str
) -> None:
    line, recruiter = new_id("line"), new_id("rec")
    cost_reporting.on_lines_activated(client_id, [activated(client_id, line, JULY)])
    told = [status(client_id, line, at=JULY, recruiter_id=recruiter, application_ref=ref)
            for ref in ("DRIVER-118", "DRIVER-118", "COOK-7")]  # fmt: skip
    tell(client_id, *told, status(client_id, line, at=JULY, category="marketing"))

    opened = gateway.get(f"{path}/2026-07")
    assert (opened["status"], opened["number"]) == ("open", None)
    closed = gateway.post(f"{path}/2026-07/close")
    assert closed["status"] == "closed"
    assert closed["lines"] == opened["lines"]
    shown = {
        (it["kind"], it["category"], it["application"]): (it["quantity"], it["exact"]["amount"])
        for it in closed["lines"]
    }
    assert shown == {
        ("number_month", None, None): (1, "1.00"),
        ("message", "utility", "DRIVER-118"): (2, "0.0080"),
        ("message", "utility", "COOK-7"): (1, "0.0040"),
        ("message", "marketing", "DRIVER-118"): (1, "0.0225"),
    }
    assert closed["totals"] == {"USD": "1.0345", "MAD": "10.86"}
    [of_recruiter, of_nobody] = closed["sums"]["by_recruiter_id"]
    assert (of_recruiter["recruiter_id"], of_recruiter["totals"]["USD"]) == (recruiter, "0.0120")
    assert (of_nobody["recruiter_id"], of_nobody["totals"]["USD"]) == (None, "1.0225")

    # One is known now to have been delivered in June, and another was not known at all.
    known = {"message_id": told[0].data["message_id"], "recruiter_id": recruiter}
    before = status(client_id, line, at="2026-06-30T23:00:00+00:00", **known)
    tell(client_id, before, status(client_id, line, at=JULY))

    again = gateway.get(f"{path}/2026-07")
    assert again["status"] == "corrected"
    assert again["corrected_in"] == ["2026-08"]
    assert {**again, "status": "", "corrected_in": []} == {**closed, "status": ""}
    assert gateway.post(f"{path}/2026-07/close") == again, "it is closed once"
    august = gateway.get(f"{path}/2026-08")
    late = [(it["month"], it["quantity"], it["exact"]["amount"]) for it in august["lines"]
            if it["correction"]]  # fmt: skip
    assert late == [("2026-06", 1, "0.0040"), ("2026-07", -1, "-0.0040"), ("2026-07", 1, "0.0040")]
    gateway.post(f"{path}/2026-08/close")
    listed = gateway.get(path)["data"]
    assert [it["status"] for it in listed][-2:] == ["closed", "corrected"]
    assert {name: again[name] for name in listed[-1]} == listed[-1]


def test_only_a_month_that_is_over_is_closed_and_the_earlier_ones_first(
    gateway: Gateway, client_id: str, path: str
) -> None:
    cost_reporting.on_lines_activated(client_id, [activated(client_id, new_id("line"), JULY)])
    today = gateway.panel("GET", "/clock")["now"][:7]

    assert refused(gateway, "POST", f"{path}/{today}/close") == (409, "month_not_over")
    assert refused(gateway, "POST", f"{path}/9999-12/close") == (409, "month_not_over")
    assert refused(gateway, "POST", f"{path}/2026-08/close") == (409, "earlier_month_open")
    for nothing in ("2026-06", "2026-13", "0000-01", "july"):
        assert refused(gateway, "GET", f"{path}/{nothing}") == (404, "not_found")
        assert refused(gateway, "POST", f"{path}/{nothing}/close") == (404, "not_found")
    assert [it["number"] for it in gateway.get(path)["data"]][-1] is None


def test_the_exchange_rate_is_frozen_and_without_one_it_is_dollars_only(
    gateway: Gateway, client_id: str, path: str
) -> None:
    line = new_id("line")
    tell(client_id, *[status(client_id, line, at=at) for at in (JULY, AUGUST)])
    gateway.post(f"{path}/2026-07/close")
    rows = (
        "market,Rest of Africa,MA,,,,,,,2025-07-01,2026-09-30,x\n"
        "message,Rest of Africa,,utility,,,0.038,USD,,2025-07-01,2026-09-30,x\n"
        "exchange_rate,,,,,,10.50,MAD,USD,2026-07-01,2026-08-15,a bank\n"
        "exchange_rate,,,,,,10.00,MAD,USD,2026-08-16,2026-08-31,a bank\n"
    )
    version = card_store.put_in("meta", card_files.read((HEADER + rows).encode()))

    july, august = (gateway.get(f"{path}/{month}") for month in ("2026-07", "2026-08"))
    assert july["exchange_rates"][0]["source"] != "a bank"
    assert july["totals"] == {"USD": "0.0040", "MAD": "0.04"}
    assert august["totals"] == {"USD": "0.0040", "MAD": "0.04"}
    assert [it["rate"] for it in august["exchange_rates"]] == ["10.00"]
    tell(client_id, status(client_id, line, at="2026-09-10T09:00:00+00:00"))
    assert gateway.get(f"{path}/2026-09")["totals"] == {"USD": "0.0380", "MAD": None}
    assert gateway.get(f"{path}/2026-09")["lines"][0]["amounts"] == {"USD": "0.0380", "MAD": None}
    with platform() as session:
        for table in ("cost_reporting_card_rows", "cost_reporting_cards"):
            session.execute(text(f"DELETE FROM {table} WHERE version = {version}"))


def test_whoever_closes_at_once_and_dies_each_month_is_closed_once_and_nothing_is_lost(
    app: Flask, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All clients by several hosts, single ones beside them, while statuses go on coming."""
    pricing, july = built(CostReporting), date(2026, 7, 1)
    clients = [gateway.client() for _ in range(6)]
    lines = {one: new_id("line") for one in clients}
    for one in clients:
        tell(one, status(one, lines[one], at=JULY))
    deaths = iter([True, False] * 3)

    class Killed(BaseException):
        pass

    @contextmanager
    def killed_before_the_commit() -> Iterator[Any]:
        with platform() as session:
            yield session
            if next(deaths, False):
                raise Killed

    def act(number: int) -> None:
        client = clients[number % 6]
        with app.app_context():
            if number % 3 == 0:
                tell(client, status(client, lines[client], at=JULY))
            with suppress(Killed):
                if number % 3 == 1:
                    statements.close(pricing, client, july)
                else:
                    statements.close_all(pricing, july)

    with monkeypatch.context() as changed:
        changed.setattr(closing, "platform", killed_before_the_commit)
        changed.setattr(statements, "AT_ONCE", 4)
        with ThreadPoolExecutor(6) as pool:
            list(pool.map(act, range(18)))
    statements.close_all(pricing, july)

    with platform() as session:
        numbers = session.scalars(
            text("SELECT number FROM cost_reporting_statements WHERE number > 0 ORDER BY 1")
        ).all()
    assert list(numbers) == list(range(1, len(numbers) + 1))
    for one in clients:
        months = [first_day(it["month"]) for it in pricing.statements(one)]
        assert july in months
        found = [pricing.statement(one, month) for month in months]
        assert {it["number"] for it in found} & {*numbers}
        told = 1 if clients.index(one) % 3 else 4
        assert sum(line["quantity"] for it in found for line in it["lines"]) == told


def test_fees_are_ours_alone_and_what_is_paid_to_meta_is_in_no_total(
    gateway: Gateway, client_id: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The client's own line pays Meta; the margin is on the other line's 1.00 + 0.0040."""
    pricing = built(CostReporting)
    asked = {"line_fee": "50.00 MAD", "margin_percent": Decimal("12.5")}
    own, ours = new_id("line"), new_id("line")
    cost_reporting.on_lines_activated(
        client_id,
        [activated(client_id, own, JULY, paid_by="client"), activated(client_id, ours, JULY)],
    )
    tell(client_id, *[status(client_id, line, at=JULY) for line in (own, own, ours)])

    with monkeypatch.context() as changed:
        changed.setattr(pricing, "settings", {**pricing.settings, **asked})
        shown = gateway.post(f"{path}/2026-07/close")
    assert gateway.get(f"{path}/2026-07") == shown, "by the terms of its closing"
    fees = {(it["kind"], it["line_id"]): it["exact"] for it in shown["lines"]
            if it["kind"] in ("fee", "margin")}  # fmt: skip
    assert fees == {
        ("fee", own): {"amount": "50.00", "currency": "MAD"},
        ("fee", ours): {"amount": "50.00", "currency": "MAD"},
        ("margin", None): {"amount": "0.1255000", "currency": "USD"},
    }
    assert shown["paid_to_meta"] == {"USD": "0.0080", "MAD": "0.08"}
    # 1.1295 USD at 10.50 and 100 MAD.
    assert shown["totals"] == {"USD": "10.6533", "MAD": "111.86"}


def test_files_and_commands_say_the_same(gateway: Gateway, client_id: str, path: str) -> None:
    line = new_id("line")
    tell(client_id, status(client_id, line, at=JULY, application_ref="=HYPERLINK(1)"))
    command = ("costs", "statements")

    assert gateway.run(*command, "close", "2026-07", "--client", client_id).exit_code == 0
    shown = gateway.get(f"{path}/2026-07")
    for word in ("show", "export"):
        said = gateway.run(*command, word, client_id, "2026-07", "--json")
        assert json.loads(said.stdout) == shown
    assert (
        json.loads(gateway.run(*command, "list", client_id, "--json").stdout)
        == (gateway.get(path)["data"])
    )
    assert "0.0040 USD" in gateway.run(*command, "show", client_id, "2026-07").stdout
    file = gateway.request("GET", f"{path}/2026-07/csv")
    assert file.headers["Content-Type"] == "text/csv; charset=utf-8"
    [row] = csv.DictReader(io.StringIO(file.text))
    assert (row["line_id"], row["exact_amount"], row["mad"]) == (line, "0.0040", "0.04")
    assert row["application"] == "'=HYPERLINK(1)", "no formula for a spreadsheet"
    assert gateway.run(*command, "export", client_id, "2026-07").stdout_bytes == file.content
    today = gateway.panel("GET", "/clock")["now"][:7]
    for whose in (), ("--client", client_id):
        refusal = gateway.run(*command, "close", today, *whose)
        assert (refusal.exit_code, refusal.stderr) == (1, f"Error: {today} is not over yet.\n")


def test_all_clients_are_closed_at_once(gateway: Gateway, client_id: str) -> None:
    tell(client_id, status(client_id, new_id("line"), at=JULY))
    late = gateway.client()
    tell(late, status(late, new_id("line"), at="2026-06-10T09:00:00+00:00"),
         status(late, new_id("line"), at=JULY))  # fmt: skip

    said = gateway.run("costs", "statements", "close", "2026-07", "--json")
    found = json.loads(said.stdout)
    assert client_id in found["closed"]
    assert found["refused"][late] == "Close 2026-06 first: it is open."
    assert said.exit_code == 1


def test_spending_names_the_dearest_client_first(gateway: Gateway, client_id: str) -> None:
    dear = gateway.client()
    tell(client_id, status(client_id, new_id("line"), at="2026-05-10T09:00:00+00:00"))
    tell(dear, *[status(dear, new_id("line"), at="2026-05-10T09:00:00+00:00", category=category)
                 for category in ("marketing", "service")])  # fmt: skip

    found = json.loads(gateway.run("costs", "spending", "2026-05", "--json").stdout)
    mine = [it for it in found if it["client_id"] in (dear, client_id)]
    assert [(it["client_id"], it["totals"]["USD"], it["messages"], it["free"]) for it in mine] == [
        (dear, "0.0225", 2, 1),
        (client_id, "0.0040", 1, 0),
    ]
    shown = gateway.run("costs", "spending", "2026-05", "--client", dear, "--json")
    assert json.loads(shown.stdout) == gateway.get(
        f"/v1/clients/{dear}/costs/spending?month=2026-05"
    )


def test_a_month_with_a_line_and_no_cost_is_numbered_too(
    gateway: Gateway, client_id: str, path: str
) -> None:
    own = activated(client_id, new_id("line"), JULY, paid_by="client")
    cost_reporting.on_lines_activated(client_id, [own])
    closed = gateway.post(f"{path}/2026-07/close")
    assert closed["number"] > 0
    assert (closed["lines"], closed["totals"]["MAD"]) == ([], "0.00")
