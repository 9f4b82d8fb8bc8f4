"""A line on a DIDWW number: ordered, routed to the trunk once it is ours, verified by text."""

import json
from pathlib import Path

from gateway.roles import DatabaseUrls
from gateway.settings import load_settings
from tests.harness import TEST_SETTINGS, running
from tests.plugins.supplier_didww.test_didww import SECRET, TOKEN

SECTION = "GATEWAY_PROVIDERS__DIDWW__"


def test_a_line_becomes_active(database: DatabaseUrls, redis_url: str, tmp_path: Path) -> None:
    plugins = [*load_settings(TEST_SETTINGS).plugins, "supplier-didww"]
    settings = {
        "GATEWAY_PLUGINS": json.dumps(plugins),
        "GATEWAY_PROVISIONING__SUPPLIERS": '["didww"]',
        "GATEWAY_SANDBOX__STOCK": '{"FR": 3}',
        f"{SECTION}API_URL": "SANDBOX_URL/didww",
        f"{SECTION}AUTH_URL": "SANDBOX_URL/didww",
        f"{SECTION}API_KEY": "key",
        f"{SECTION}CALLBACK_SECRET": SECRET,
        f"{SECTION}SMS_TRUNK_ID": "1",
        f"{SECTION}SMS_TOKEN": TOKEN,
    }
    with running(database, redis_url, tmp_path / "clock.json", settings) as gateway:
        path = f"/v1/clients/{gateway.client()}/lines"
        made = gateway.post(path, {"case": "virtual-number", "country": "FR"})
        line = gateway.until(
            lambda: gateway.get(f"{path}/{made['id']}"), lambda line: line["status"] == "active"
        )
        assert (line["supplier"], line["phone_number"][:3]) == ("didww", "+33")
        ledger = gateway.panel("GET", "/suppliers/didww/ledger")["data"]
        assert [(it["event"], it["reference"]) for it in ledger] == [("bought", line["id"])]
