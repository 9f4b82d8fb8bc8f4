"""Where numbers go, until there is no more room; and how ten clients share one small budget."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gateway import doctor
from gateway.roles import DatabaseUrls
from tests.harness import Gateway, running

PORTFOLIO, WABAS = "1100000000000001", [f"22000000000000{n:02}" for n in range(1, 13)]
A_DAY_AND_A_BIT = 24 * 3600 + 660


def limited(gateway: Gateway, **limits: Any) -> None:
    gateway.panel("PUT", "/graph/decisions", {"portfolio": limits})


def ask(gateway: Gateway, client: str) -> str:
    made = gateway.post(f"/v1/clients/{client}/lines", {"case": "virtual-number"})
    return f"/v1/clients/{client}/lines/{made['id']}"


def place_of(line: Any) -> Any:
    return next(it for it in line["activation"]["steps"] if it["name"] == "place")


def blockers(gateway: Gateway, path: str = "/v1/cases") -> list[Any]:
    (case,) = [it for it in gateway.get(path)["data"] if it["case"] == "virtual-number"]
    return [(it["code"], it["who"]) for it in case["blockers"]]


def findings(gateway: Gateway, check: str) -> list[tuple[str, str]]:
    with gateway.app.app_context():
        return [(it.verdict, it.detail) for it in doctor.examine() if it.check.startswith(check)]


@pytest.mark.timeout(240)
def test_twenty_numbers_and_250_people_a_day_are_shared_by_ten_clients(gateway: Gateway) -> None:
    limited(gateway, messaging_limit="TIER_250", numbers=20)
    clients = [gateway.client(f"Rif Textile {number}") for number in range(10)]
    paths = [ask(gateway, client) for client in clients for _ in range(2)]
    lines = gateway.until(
        lambda: [gateway.get(path) for path in paths],
        lambda found: all(
            (it["status"], it["display_name_status"]) == ("active", "APPROVED") for it in found
        ),
    )
    assert {line["portfolio_id"] for line in lines} == {PORTFOLIO}
    assert len({line["waba_id"] for line in lines}) == 10
    for one, other in zip(lines[::2], lines[1::2], strict=True):
        assert one["waba_id"] == other["waba_id"], "one account a client"

    # The 21st waits, says why and who must act; so do the cases and the doctor.
    late = gateway.client("Atlas Logistics")
    assert blockers(gateway) == [("portfolio_full", "operator")]
    assert blockers(gateway, f"/v1/clients/{late}/cases") == [("portfolio_full", "operator")]
    assert findings(gateway, "portfolio") == [("warn", "There is room for 0 of 20 numbers.")]
    waiting = ask(gateway, late)
    line = gateway.until(
        lambda: gateway.get(waiting), lambda line: place_of(line)["state"] == "waiting"
    )
    assert place_of(line)["error"]["code"] == "portfolio_full"
    assert (place_of(line)["who"], line["activation"]["state"]) == ("operator", "running")

    # 40 introductions of each client: as many leave as the portfolio may write first to.
    talks = {}
    for number, client in enumerate(clients):
        wanted = [
            {
                "line_id": lines[2 * number]["id"],
                "recruiter_id": "",
                "candidate": {"name": "Imane Tazi", "phone": f"+21266{number}{person:06}"},
            }
            for person in range(40)
        ]
        recruiter = gateway.recruiter(client)
        for entry in wanted:
            entry["recruiter_id"] = recruiter
        answer = gateway.post(
            f"/v1/clients/{client}/conversations/batch", {"conversations": wanted}
        )
        talks[client] = [entry["conversation"]["id"] for entry in answer["data"]]

    def standing() -> dict[str, Counter[tuple[str, str | None]]]:
        return {
            client: Counter(
                (talk["introduction"]["status"], talk["introduction"]["reason"])
                for talk in gateway.get(f"/v1/clients/{client}/conversations?limit=100")["data"]
            )
            for client in clients
        }

    def reached() -> int:
        return int(gateway.panel("GET", "/stats")["calls"].get("people_reached", 0))

    def total(found: Mapping[str, Counter[Any]], *state: str | None) -> int:
        return sum(counts[state] for counts in found.values())

    gateway.until(reached, lambda people: people == 250)
    found = gateway.until(standing, lambda found: total(found, "delivered", None) == 250)
    assert total(found, "held", "portfolio_limit") == 150
    assert reached() == 250
    shares = [counts["delivered", None] for counts in found.values()]
    assert min(shares) >= 12, "half of the limit is kept for all in equal parts"

    # The next day the others leave; nothing has failed and nobody was written to twice.
    gateway.panel("PUT", "/clock", {"advance_seconds": A_DAY_AND_A_BIT})
    gateway.until(reached, lambda people: people == 150)
    gateway.until(standing, lambda found: total(found, "delivered", None) == 400)
    assert gateway.panel("GET", "/stats")["calls"]["messages"] == 400

    # Meta allows one more number: the one that waited goes on by itself.
    limited(gateway, messaging_limit="TIER_250", numbers=21)
    gateway.until(lambda: gateway.get(waiting)["status"], lambda status: status == "active")


def test_what_is_closed_or_full_takes_no_number(
    database: DatabaseUrls, redis_url: str, tmp_path: Path
) -> None:
    portfolio = {"id": PORTFOLIO, "wabas": WABAS[:2], "number_limit": 10}
    extra = {"GATEWAY_PROVISIONING__PORTFOLIOS": json.dumps([portfolio])}
    with running(database, redis_url, tmp_path / "clock.json", extra) as gateway:
        first = gateway.line(gateway.client("Rif Textile"), named=False)
        closed, other = (WABAS[0], WABAS[1])
        if first["waba_id"] != closed:
            closed, other = other, closed
        gateway.panel("PUT", "/graph/decisions", {"waba_ban": closed})
        gateway.until(lambda: findings(gateway, f"WABA {closed}"))

        second = gateway.line(gateway.client("Souss Agrumes"), named=False)
        assert second["waba_id"] == other
        _tell(gateway, other, "business_capability_update", max_phone_numbers_per_waba=1)
        assert gateway.until(lambda: blockers(gateway)) == [("portfolio_full", "operator")]
        waiting = ask(gateway, gateway.client("Oasis Hotel"))
        gateway.until(lambda: place_of(gateway.get(waiting))["state"] == "waiting")

        # The account is opened again, but may add no numbers for a while yet.
        _tell(
            gateway, closed, "account_update", event="ACCOUNT_RESTRICTION",
            restriction_info=[{
                "restriction_type": "RESTRICTED_ADD_PHONE_NUMBER_ACTION",
                "expiration": 1_900_000_000,
            }],
        )  # fmt: skip
        gateway.panel("PUT", "/graph/decisions", {"waba_ban": None})
        gateway.until(lambda: gateway.panel("GET", "/stats")["webhooks"]["pending"] == 0)
        gateway.work()
        assert blockers(gateway) == [("portfolio_full", "operator")]
        _tell(
            gateway, closed, "account_update", event="ACCOUNT_RESTRICTION", restriction_info=[]
        )  # fmt: skip
        line = gateway.until(lambda: gateway.get(waiting), lambda line: bool(line["waba_id"]))
        assert line["waba_id"] == closed
        assert blockers(gateway) == []


def _tell(gateway: Gateway, waba: str, field: str, **value: Any) -> None:
    change = {"field": field, "value": value}
    entry = {"id": waba, "time": 1_790_000_000, "changes": [change]}
    body = {"object": "whatsapp_business_account", "entry": [entry]}
    assert gateway.webhook(body).status_code == 200
    gateway.work()
