"""Numbers that are kept ready: rented within a budget, given to one client each, if good."""

import html
import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from gateway.tenancy import house
from plugins.cost_reporting import rents as months_of_numbers
from tests.harness import Gateway
from tests.onboarding.popup import sign_up
from tests.onboarding.test_embedded_signup import active, begun, refused


class Pool:
    """The pool of Morocco, as an operator sees it."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway, self.run = gateway, gateway.run

    def aim(self, numbers: int, budget: str = "20") -> None:
        words = ("lines", "pool", "set", "ma", str(numbers), "--budget", budget, "usd")
        told = self.run(*words)
        assert told.exit_code == 0, told.output

    def aim_pre_verified(self, numbers: int) -> None:
        words = ("lines", "pool", "set", "MA", str(numbers), "--budget", "2", "USD")
        assert self.run(*words, "--pre-verified").exit_code == 0

    def events_of(self, phone: str) -> list[str]:
        """What its supplier did with a number."""
        ledger = self.gateway.panel("GET", "/suppliers/twilio/ledger")["data"]
        return [entry["event"] for entry in ledger if entry["phone_number"] == phone]

    def shown(self) -> Any:
        return json.loads(self.run("lines", "pool", "--json").stdout)[0]

    def until(self, **counts: int) -> Any:
        return self.gateway.until(
            self.shown,
            lambda shown: all(len(shown[name]) == count for name, count in counts.items()),
        )

    def bought(self) -> list[str]:
        ledger = self.gateway.panel("GET", "/suppliers/twilio/ledger")["data"]
        return [entry["phone_number"] for entry in ledger if entry["event"] == "bought"]

    def doctor(self) -> str:
        return self.run("doctor").stdout


@pytest.fixture
def pool(gateway: Gateway) -> Pool:
    return Pool(gateway)


def calls(gateway: Gateway) -> dict[str, int]:
    counted: dict[str, int] = gateway.panel("GET", "/stats")["calls"]
    return counted


def test_numbers_are_kept_ready_and_each_becomes_one_clients(gateway: Gateway, pool: Pool) -> None:
    pool.aim(2)
    shown = pool.until(ready=2)
    kept = {number["phone_number"] for number in shown["ready"]}
    assert sorted(kept) == sorted(pool.bought())
    assert (shown["monthly_cost"], shown["missing"]) == ("2.00", 0)
    card = gateway.panel("GET", f"/phones/+212661000001/contacts/{min(kept)}")
    assert (card["title"], card["about"]) == ("LinkoJob Recruitment", None)

    pool.aim(0)  # what is ready is given away, and not replaced yet
    before = calls(gateway)
    clients = [gateway.client(f"Client {number}") for number in range(2)]
    with ThreadPoolExecutor() as threads:
        lines = list(threads.map(gateway.line, clients))

    assert {line["phone_number"] for line in lines} == kept
    for name in ("phone_numbers", "request_code", "verify_code", "message_templates"):
        assert calls(gateway).get(name) == before.get(name)
    for number, line in enumerate(lines):
        assert {step["state"] for step in line["activation"]["steps"]} == {"done"}
        card = gateway.panel("GET", f"/phones/+212661000001/contacts/{line['phone_number']}")
        assert (card["title"], card["about"]) == (
            f"Client {number} Recruitment",
            "Powered by LinkoJob",
        )
    assert (pool.shown()["ready"], pool.shown()["monthly_cost"]) == ([], "0")
    pool.aim(1)
    assert pool.until(ready=1)["monthly_cost"] == "1.00"
    assert len(set(pool.bought())) == 3

    recruiter = gateway.recruiter(clients[0])
    talk = gateway.talk(clients[0], lines[0]["id"], recruiter)
    assert gateway.until(gateway.phone)[0]["from"] == lines[0]["phone_number"]
    gateway.writes("+212661000001", lines[0]["phone_number"])
    path = f"/v1/clients/{clients[0]}/conversations/{talk['id']}"
    gateway.until(lambda: gateway.get(path)["reply_window"]["open"])


def test_nothing_is_rented_beyond_the_budget_nor_given_away_that_is_bad(
    gateway: Gateway, pool: Pool
) -> None:
    for words in (("m1", "5", "--budget", "20", "USD"), ("MA", "5", "--budget", "much", "USD")):
        assert pool.run("lines", "pool", "set", *words).exit_code == 2
    pool.aim(2, budget="1.99")
    gateway.until(pool.shown, lambda shown: shown["ready"] and shown["preparing"])
    shown = pool.shown()
    assert [one["code"] for one in shown["preparing"]] == ["pool_budget"]
    assert "would exceed its budget of 1.99" in shown["preparing"][0]["detail"]
    assert "1 of 2 numbers are ready. pool_budget: The pool costs" in pool.doctor()
    assert pool.run("lines", "pool").stdout.startswith(
        "MA  wanted 2  ready 1  preparing 1  failed 0  cost 1.00 of 1.99 USD a month"
    )
    held = ready(pool.shown())[0]
    numbers = [number for _, number in gateway.world.store.all("graph_number")]
    waba = next(number["waba_id"] for number in numbers if number["phone"] == held)
    gateway.panel("PUT", "/graph/decisions", {"waba_ban": waba})
    failed = pool.until(ready=0, failed=1)["failed"][0]
    assert (failed["phone_number"], failed["code"]) == (held, "sending_blocked")
    gateway.panel("PUT", "/graph/decisions", {"waba_ban": []})
    gateway.panel("PUT", "/clock", {"advance_seconds": 3600})  # until it is looked at again
    pool.until(ready=1, failed=0)

    gateway.panel("PUT", "/graph/decisions", {"display_name": "reject"})
    pool.aim(2, budget="2")
    pool.until(failed=1)
    good, bad = pool.bought()
    shown = pool.shown()
    assert ready(shown) == [good]
    assert [(one["phone_number"], one["code"]) for one in shown["failed"]] == [
        (bad, "name_refused")
    ]
    pool.aim(1, budget="2")
    gateway.panel("PUT", "/graph/decisions", {"display_name": "approve"})
    assert gateway.line(gateway.client())["phone_number"] == good
    assert gateway.line(gateway.client())["phone_number"] not in (good, bad)

    failed = pool.shown()["failed"][0]["line_id"]
    assert pool.run("lines", "pool", "drop", failed).exit_code == 0
    shown = pool.until(failed=0, ready=1)  # it waits at Meta, and is paid for until it is gone
    assert (shown["monthly_cost"], bad in ready(shown)) == ("2.00", False)
    refused = pool.run("lines", "pool", "drop", failed)
    assert (refused.exit_code, refused.stderr) == (1, "Error: It is not in the pool any more.\n")


def ready(shown: Any) -> list[str]:
    return [one["phone_number"] for one in shown["ready"]]


def test_pre_verified_numbers_are_kept_for_embedded_signup_alone(
    gateway: Gateway, pool: Pool
) -> None:
    pool.aim_pre_verified(1)
    shown = pool.until(ready=1)
    (number,) = [number for _, number in gateway.world.store.all("graph_number")]
    assert number["verified"]
    assert not number["waba_id"]
    offer = {"pre_verified_id": number["id"], "phone_number": number["phone"]}
    assert (shown["pre_verified"], shown["offered"]) == (True, [offer])
    assert pool.run("lines", "pool").stdout.startswith("MA  pre-verified  wanted 1  ready 1")
    path = f"/v1/clients/{gateway.client()}/lines"
    made = gateway.post(path, {"case": "virtual-number"})
    assert made["phone_number"] is None
    active(gateway, f"{path}/{made['id']}")

    # A client picks it in the sign-up: no code is asked for, and nobody else gets it.
    client, other = gateway.client("Rif Textile"), gateway.client("Zellige Conseil")
    path, others = begun(gateway, client), begun(gateway, other)
    assert offered_to(gateway, path) == offered_to(gateway, others) == [number["id"]]
    before = calls(gateway)
    done = sign_up(gateway, business="Rif Textile", pre_verified_id=number["id"])
    with pytest.raises(AssertionError, match="not available any more"):
        sign_up(gateway, business="Zellige Conseil", pre_verified_id=number["id"])
    gateway.post(f"{path}/embedded-signup", done.report)
    line = active(gateway, path)
    assert (line["phone_number"], line["supplier"]) == (number["phone"], "twilio")
    assert (line["phone_number_id"], line["waba_id"]) == (done.phone_number_id, done.waba_id)
    assert line["display_name"] == "Rif Textile"
    second = pool.until(ready=1)["ready"][0]["phone_number"]
    gateway.work()
    assert pool.bought()[0] == number["phone"]
    assert second in pool.bought()
    assert calls(gateway)["verify_code"] == before["verify_code"] + 1, "of the one after it"
    assert offered_to(gateway, others) == [
        one["pre_verified_id"] for one in pool.shown()["offered"]
    ]
    stolen = sign_up(gateway, number["phone"], "Zellige Conseil").report
    assert refused(gateway, others, stolen) == "number_of_another_line"
    assert pool.run("lines", "replace", line["id"], "--yes").exit_code == 1

    # The platform rents it: the client's months have it, and it is kept when the client leaves.
    gateway.panel("PUT", "/clock", {"advance_seconds": 62 * 86_400})
    with gateway.app.app_context():
        months_of_numbers.enter_this_month()
    assert rents(gateway, client) == ["platform"]
    gateway.post(f"{path}/disconnect")
    gateway.until(lambda: gateway.get(path), lambda line: line["status"] == "released")
    [held] = json.loads(pool.run("lines", "quarantine", "list", "--json").stdout)
    assert (held["phone_number"], held["line_id"]) == (number["phone"], line["id"])
    assert pool.run("lines", "quarantine", "confirm", number["phone"]).exit_code == 0
    gateway.until(lambda: pool.events_of(number["phone"]) == ["bought", "released"])

    # One that is dropped while a client has picked it is held at Meta: nobody else may rent it.
    shown = pool.shown()
    sign_up(gateway, business="Atlas", pre_verified_id=shown["offered"][0]["pre_verified_id"])
    assert pool.run("lines", "pool", "drop", shown["ready"][0]["line_id"]).exit_code == 0
    third = pool.until(ready=1, failed=0)["ready"][0]
    assert pool.events_of(second) == ["bought"]
    [held] = json.loads(pool.run("lines", "quarantine", "list", "--json").stdout)
    assert held["phone_number"] == second

    pool.aim_pre_verified(0)
    assert pool.run("lines", "pool", "drop", third["line_id"]).exit_code == 0
    pool.until(ready=0, failed=0)
    # Unlike a number of a WABA, Meta has forgotten it.
    gateway.until(lambda: pool.events_of(third["phone_number"]) == ["bought", "released"])
    left = [number["phone"] for _, number in gateway.world.store.all("graph_number")]
    assert third["phone_number"] not in left


def offered_to(gateway: Gateway, path: str) -> list[str]:
    """The numbers that the page of a line's sign-up hands to the pop-up."""
    url = gateway.get(path)["activation"]["signup_url"]
    page = gateway.session.get(url, timeout=30).text
    found = re.search(r'data-options="([^"]*)"', page)
    assert found
    setup = json.loads(html.unescape(found[1]))["extras"]["setup"]
    ids: list[str] = setup["preVerifiedPhone"]["ids"]
    return ids


def rents(gateway: Gateway, client: str) -> list[str]:
    """To whom a client's months of a number are paid."""
    month = gateway.panel("GET", "/clock")["now"][:7]
    lines = gateway.get(f"/v1/clients/{client}/costs?month={month}")["lines"]
    return [one["paid_to"] for one in lines if one["kind"] == "number_month"]


def test_nobody_acts_for_the_house(gateway: Gateway, pool: Pool) -> None:
    pool.aim(0)
    listed = json.loads(pool.run("vendors", "list", "--json").stdout)
    assert [vendor["id"] for vendor in listed] == [gateway.vendor_id]
    refused = pool.run("keys", "create", house.VENDOR, "--name", "key")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert gateway.request("GET", f"/v1/clients/{house.CLIENT}/lines").status_code == 404
