"""Lines on Telnyx numbers: orders take their time, calls have to be answered, papers are judged."""

import json
from pathlib import Path

from sqlalchemy import text

from gateway.database import platform
from gateway.roles import DatabaseUrls
from gateway.settings import load_settings
from plugins.supplier_telnyx.simulated_calls import signing_key
from tests.harness import TEST_SETTINGS, Gateway, running
from tests.onboarding.test_papers import ADDRESS, asleep, confirmed_bill, step, upload
from tests.plugins.supplier_telnyx.test_telnyx import KEY, public

SECTION = "GATEWAY_PROVIDERS__TELNYX__"


def test_lines_become_active(database: DatabaseUrls, redis_url: str, tmp_path: Path) -> None:
    plugins = [*load_settings(TEST_SETTINGS).plugins, "supplier-telnyx"]
    settings = {
        "GATEWAY_PLUGINS": json.dumps(plugins),
        "GATEWAY_PROVISIONING__SUPPLIERS": '["telnyx"]',
        f"{SECTION}API_URL": "SANDBOX_URL/telnyx",
        f"{SECTION}API_KEY": KEY,
        f"{SECTION}PUBLIC_KEY": public(signing_key(KEY)),
        f"{SECTION}CONNECTION_ID": "1",
        f"{SECTION}MESSAGING_PROFILE_ID": "2",
        f"{SECTION}CLIENT_PAPERS": '["ES"]',
        "GATEWAY_SANDBOX__STOCK": '{"MA": 3, "ES": 3}',
        "GATEWAY_SANDBOX__PAPERS": '["ES"]',
    }
    with running(database, redis_url, tmp_path / "clock.json", settings) as gateway:
        client = gateway.client()
        gateway.panel("PUT", "/faults", {"supplier": {"error_rate": 1, "calls": ["call"]}})
        path = f"/v1/clients/{client}/lines"
        made = gateway.post(path, {"case": "virtual-number"})
        assert gateway.until(lambda: why_not_heard(gateway)) == "rate_limited"
        gateway.panel("PUT", "/faults", {})
        line = gateway.until(
            lambda: gateway.get(f"{path}/{made['id']}"), lambda line: line["status"] == "active"
        )

        assert (line["supplier"], line["phone_number"][:5]) == ("telnyx", "+2125")
        ledger = gateway.panel("GET", "/suppliers/telnyx/ledger")["data"]
        assert [(it["event"], it["reference"]) for it in ledger] == [("bought", line["id"])]
        costs = gateway.until(
            lambda: gateway.get(f"/v1/clients/{client}/costs")["lines"],
            lambda found: len(found) == 2,
        )
        # As it was quoted; Telnyx tells it of no owned number.
        assert {cost["kind"]: cost["amount"]["amount"] for cost in costs} == {
            "number_month": "1.5000",
            "set_up": "2.0000",
        }
        check_papers_are_handed_in_and_their_judgement_heard(gateway)


def check_papers_are_handed_in_and_their_judgement_heard(gateway: Gateway) -> None:
    """Nothing looks by itself: what Telnyx reports of its review sets the activation going."""
    client = gateway.client(legal_name="Atlas Logistics SARL", registered_address=ADDRESS)
    gateway.panel("PUT", "/suppliers/telnyx/decisions", {"papers": "hold"})
    upload(gateway, client, "rc", number="123456", court="Casablanca")
    confirmed_bill(gateway, client)
    made = gateway.post(f"/v1/clients/{client}/lines", {"case": "virtual-number", "country": "ES"})
    path = f"/v1/clients/{client}/lines/{made['id']}"
    waits = gateway.until(lambda: step(gateway, path), lambda it: it["state"] == "waiting")
    assert (waits["error"]["code"], waits["who"]) == ("papers_in_review", "supplier")

    asleep(gateway)
    gateway.panel("PUT", "/suppliers/telnyx/decisions", {"papers": "approve"})
    gateway.until(
        lambda: gateway.panel("GET", "/suppliers/telnyx/papers")["data"],
        lambda groups: [group["status"] for group in groups] == ["approved"],
    )
    line = gateway.until(lambda: gateway.get(path), lambda line: line["status"] == "active")
    assert (line["supplier"], line["phone_number"][:3]) == ("telnyx", "+34")
    [order] = [
        order
        for _, order in gateway.world.store.all("telnyx-order")
        if order["customer_reference"] == line["id"]
    ]
    assert order["phone_numbers"][0]["requirement_group_id"] in dict(
        gateway.world.store.all("telnyx-requirement_groups")
    )


def why_not_heard(gateway: Gateway) -> str | None:
    """What became of the report of the call."""
    found = one(
        gateway,
        "SELECT error FROM outbox WHERE topic = 'onboarding.hear' AND error IS NOT NULL",
    )
    return str(found) if found else None


def one(gateway: Gateway, query: str) -> object:
    with gateway.app.app_context(), platform() as session:
        return session.scalar(text(query))
