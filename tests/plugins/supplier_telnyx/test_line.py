"""A line on a Telnyx number, whose order takes its time and whose call has to be answered."""

import json
from pathlib import Path

from sqlalchemy import text

from gateway.database import platform
from gateway.roles import DatabaseUrls
from gateway.settings import load_settings
from plugins.supplier_telnyx.simulated_calls import signing_key
from tests.harness import TEST_SETTINGS, Gateway, running
from tests.plugins.supplier_telnyx.test_telnyx import KEY, public

SECTION = "GATEWAY_PROVIDERS__TELNYX__"


def test_a_line_becomes_active(database: DatabaseUrls, redis_url: str, tmp_path: Path) -> None:
    plugins = [*load_settings(TEST_SETTINGS).plugins, "supplier-telnyx"]
    settings = {
        "GATEWAY_PLUGINS": json.dumps(plugins),
        "GATEWAY_PROVISIONING__SUPPLIERS": '["telnyx"]',
        f"{SECTION}API_URL": "SANDBOX_URL/telnyx",
        f"{SECTION}API_KEY": KEY,
        f"{SECTION}PUBLIC_KEY": public(signing_key(KEY)),
        f"{SECTION}CONNECTION_ID": "1",
        f"{SECTION}MESSAGING_PROFILE_ID": "2",
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
