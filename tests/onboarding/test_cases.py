"""What a client decides by: every cell as it stands now, and which of them a change reaches."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.app import create_app
from gateway.provisioning import stock
from gateway.roles import DatabaseUrls
from tests.harness import Gateway, dispose, running
from tests.onboarding.test_papers import AT_THE_CLIENT, ICE, upload

NO_LONGER_FRESH, A_WEEK = 61 * 60, 7 * 24 * 3600
ONE_PLACE = [{"id": "1100000000000001", "wabas": ["2200000000000001"], "number_limit": 1}]
VIRTUAL, OWN, GROUPS = "virtual-number", "embedded-signup", "groups"
FRICTION, SCALE = (VIRTUAL, "reasons", 0), (VIRTUAL, "reasons", 4)
Cells = dict[tuple[Any, ...], Any]


@pytest.fixture
def deciding(database: DatabaseUrls, redis_url: str, tmp_path: Path) -> Iterator[Gateway]:
    """One place in the portfolio, and a supplier that wants the papers of whoever uses a number."""
    extra = {**AT_THE_CLIENT, "GATEWAY_PROVISIONING__PORTFOLIOS": json.dumps(ONE_PLACE)}
    with running(database, redis_url, tmp_path / "clock.json", extra) as gateway:
        yield gateway


def ready_client(gateway: Gateway, name: str) -> str:
    """A client with a logo, whose papers all count; its register extract does for a day more."""
    client = gateway.client(
        name,
        legal_name=f"{name} SARL",
        registered_address={"street": "12, boulevard Zerktouni", "city": "Casablanca"},
        logo_url=f"{gateway.sandbox_url}/assets/logo.png",
    )
    today = date.fromisoformat(gateway.panel("GET", "/clock")["now"][:10])
    extract = {"number": "123456", "court": "Casablanca"}
    upload(gateway, client, "rc", **extract, expires_on=str(today + timedelta(days=1)))
    upload(gateway, client, "tax_id", number=ICE)
    bill = {"issued_on": str(today), "address": "12 Bd Zerktouni, Casablanca"}
    made = upload(gateway, client, "utility_bill", **bill)
    gateway.post(f"/v1/clients/{client}/documents/{made['id']}/confirm")
    return client


def cells(gateway: Gateway, client: str, query: str = "") -> Cells:
    """The whole answer, cell by cell, once all was looked at anew; but for when that was."""
    path = f"/v1/clients/{client}/cases{query}"
    gateway.panel("PUT", "/clock", {"advance_seconds": NO_LONGER_FRESH})
    gateway.get(path)
    gateway.work()
    found: Cells = {}
    for case in gateway.get(path)["data"]:
        for row in (*case["reasons"], *case["blockers"]):
            del row["seen_at"]
        for place, reason in enumerate(case.pop("reasons")):
            found[case["case"], "reasons", place] = reason
        found |= {(case["case"], name): value for name, value in case.items()}
    return found


@contextmanager
def out_of_stock(gateway: Gateway) -> Iterator[None]:
    gateway.world.settings["stock"]["MA"] = 0
    yield


@contextmanager
def paper_expired(gateway: Gateway) -> Iterator[None]:
    gateway.panel("PUT", "/clock", {"advance_seconds": A_WEEK})
    yield


@contextmanager
def portfolio_full(gateway: Gateway) -> Iterator[None]:
    lines = f"/v1/clients/{ready_client(gateway, 'Rif Textile')}/lines"
    gateway.post(lines, {"case": VIRTUAL})
    gateway.until(lambda: gateway.get(lines)["data"][0]["portfolio_id"])
    yield


@contextmanager
def tech_provider_lost(gateway: Gateway) -> Iterator[None]:
    gateway.panel("PUT", "/graph/decisions", {"tech_provider": False})
    yield


@contextmanager
def verification_lost(gateway: Gateway) -> Iterator[None]:
    gateway.panel("PUT", "/graph/decisions", {"portfolio": {"verification": "revoked"}})
    yield


def disabled(plugin: str) -> Callable[[Gateway], AbstractContextManager[None]]:
    """The gateway as it would have started with the plugin taken out of the configuration."""

    @contextmanager
    def without(gateway: Gateway) -> Iterator[None]:
        settings = gateway.app.extensions["settings"]
        others = tuple(name for name in settings.plugins if name != plugin)
        app = create_app(replace(settings, plugins=others))
        kept = gateway.app.extensions["plugin_host"]
        gateway.app.extensions["plugin_host"] = app.extensions["plugin_host"]
        yield
        gateway.app.extensions["plugin_host"] = kept
        dispose(app)

    return without


BLOCKED: dict[Any, dict[tuple[Any, ...], Any]] = {
    out_of_stock: {(VIRTUAL, "blockers"): ("out_of_stock", "supplier"), FRICTION: "does_not_hold"},
    paper_expired: {(VIRTUAL, "blockers"): ("papers_missing", "client")},
    portfolio_full: {(VIRTUAL, "blockers"): ("portfolio_full", "operator"), SCALE: "does_not_hold"},
    verification_lost: {(VIRTUAL, "blockers"): ("portfolio_unverified", "operator")},
    tech_provider_lost: {
        (OWN, "blockers"): ("not_tech_provider", "operator"),
        (OWN, "startable"): False,
    },
}


@pytest.mark.parametrize("change", BLOCKED, ids=lambda change: change.__name__)
def test_a_change_reaches_the_cells_it_is_about_and_no_other(
    deciding: Gateway, change: Callable[[Gateway], AbstractContextManager[None]]
) -> None:
    client = ready_client(deciding, "Atlas Logistics")
    before = cells(deciding, client)
    assert before[VIRTUAL, "blockers"] == []

    with change(deciding):
        after = cells(deciding, client)

    assert before.keys() == after.keys()
    changed = {cell: now for cell, now in after.items() if before[cell] != now}
    assert changed.keys() == BLOCKED[change].keys()
    for cell, expected in BLOCKED[change].items():
        now = changed[cell]
        if cell[1] == "blockers":
            [new] = [it for it in now if it not in before[cell]]
            assert (new["code"], new["who"]) == expected
        elif cell[1] == "startable":
            assert now is expected
        else:
            assert (now["state"], now["statement"]) == (expected, before[cell]["statement"])


def test_a_case_whose_plugin_is_off_has_no_column(deciding: Gateway) -> None:
    client = ready_client(deciding, "Atlas Logistics")
    before = cells(deciding, client)
    for plugin, case in (
        ("group-investigation", GROUPS), ("embedded-signup", OWN), ("virtual-number", VIRTUAL),
    ):  # fmt: skip
        with disabled(plugin)(deciding):
            assert cells(deciding, client) == {
                cell: value for cell, value in before.items() if cell[0] != case
            }
    assert cells(deciding, client) == before


def test_the_expected_month_is_priced_and_all_say_the_same(deciding: Gateway) -> None:
    client = ready_client(deciding, "Atlas Logistics")
    path = f"/v1/clients/{client}/cases?introductions=100&service=1200"
    deciding.get(path)
    deciding.work()
    found = {case["case"]: case for case in deciding.get(path)["data"]}

    facts = {"introductions": 100, "service": 1200}
    estimate = deciding.post("/v1/costs/estimate", facts)
    assert [row for case in found.values() for row in case["monthly_cost"]] == [
        row for name in found for row in estimate["cases"] if row["case"] == name
    ]
    month = {row["introduction"]: row["invoiced"] for row in found[VIRTUAL]["monthly_cost"]}
    # 1.00 for the number, 200 replies beyond the 1,000 that are free, 100 introductions.
    assert month["utility"]["USD"] == "7.9000"
    assert month["marketing"]["USD"] == "9.7400"
    assert "102.27 MAD" in found[VIRTUAL]["reasons"][5]["why"]
    assert found[VIRTUAL]["reasons"][5]["state"] == "holds_in_part"
    links = [link["url"] for link in found[OWN]["links"]]
    assert [url.rpartition("/")[2] for url in links] == ["cloud-api", "embedded-signup"]

    asked = ("--client", client, "--introductions", "100", "--service", "1200")
    printed = deciding.run("cases", *asked, "--json")
    assert printed.exit_code == 0, printed.output
    assert json.loads(printed.stdout) == list(found.values())
    told = deciding.run("cases", *asked).stdout
    assert "invoiced 9.7400 USD = 102.27 MAD" in told
    assert "[holds in part] Whoever sells the numbers wants the client's own papers" in told
    assert "(case_not_offered; who must act: meta)" in told
    assert deciding.run("cases").exit_code == 0
    nobody = deciding.run("cases", "--client", "Atlas")
    assert (nobody.exit_code, "gateway clients list" in nobody.stderr) == (1, True)
    refused = deciding.request("GET", "/v1/cases?introductions=-1")
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")


def test_what_nobody_has_looked_at_yet_is_said_so(deciding: Gateway) -> None:
    first = deciding.get("/v1/cases")["data"][0]
    assert (first["case"], first["blockers"]) == (VIRTUAL, [])
    assert first["reasons"][0]["state"] == "holds_in_part"
    assert first["reasons"][0]["seen_at"] is None
    deciding.work()
    seen = deciding.get("/v1/cases")["data"][0]["reasons"][0]["seen_at"]
    assert seen is not None
    deciding.work()
    assert deciding.get("/v1/cases")["data"][0]["reasons"][0]["seen_at"] == seen
    with deciding.app.app_context():
        stock.ask_all()
    deciding.work()
    assert deciding.get("/v1/cases")["data"][0]["reasons"][0]["seen_at"] > seen
