"""A line on a SIM card in a drawer: its code comes from a modem, or from a person."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gateway.cli import main
from gateway.roles import DatabaseUrls
from plugins.supplier_operator_sim import drawer
from plugins.supplier_operator_sim.captures import sign
from plugins.supplier_operator_sim.stock import read
from tests.harness import TEST_SETTINGS, Gateway, running

SECRET = "a-secret-of-the-modem"
SETTINGS = {
    "GATEWAY_PROVISIONING__SUPPLIERS": '["operator-sim"]',
    "GATEWAY_PROVIDERS__OPERATOR_SIM__MODEM_SECRET": SECRET,
    "GATEWAY_PROVIDERS__OPERATOR_SIM__MONTHLY_PRICE": "49.00",
    "GATEWAY_ONBOARDING__CODE_WAIT_SECONDS": "600",
}


@pytest.fixture
def gateway(database: DatabaseUrls, redis_url: str, tmp_path: Path) -> Iterator[Gateway]:
    with running(database, redis_url, tmp_path / "clock.json", SETTINGS) as made:
        with made.app.app_context():
            drawer.put_in(read(b"phone_number\n+212612000001\n+212612000002\n"))
        yield made


def asked(gateway: Gateway, client: str) -> Any:
    """A new line that waits for its code."""
    made = gateway.post(f"/v1/clients/{client}/lines", {"case": "virtual-number"})
    return gateway.until(
        lambda: gateway.get(f"/v1/clients/{client}/lines/{made['id']}"),
        lambda line: line["activation"]["steps"][4]["state"] == "waiting",
    )


def code_of(gateway: Gateway, line: Any) -> str:
    """The code that Meta sent to the line's number."""
    [code] = [
        number["code"]
        for _, number in gateway.world.store.all("graph_number")
        if number["phone"] == line["phone_number"]
    ]
    return str(code)


def becomes_active(gateway: Gateway, client: str, line: Any) -> None:
    gateway.until(
        lambda: gateway.get(f"/v1/clients/{client}/lines/{line['id']}")["status"],
        lambda status: status == "active",
    )


def test_a_modem_or_a_person_hands_the_code_in(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, migrated: dict[str, str]
) -> None:
    client = gateway.client()
    line = asked(gateway, client)
    assert line["supplier"] == "operator-sim"
    assert "by text" in line["activation"]["steps"][4]["error"]["detail"]
    said = {"to": line["phone_number"], "text": f"Your WhatsApp code: {code_of(gateway, line)}"}
    body, timestamp = json.dumps(said).encode(), str(int(time.time()))
    for signature, status in (("00", 401), (sign(SECRET, timestamp, body), 200)):
        answer = gateway.session.post(
            f"{gateway.url}/webhooks/suppliers/operator-sim/sms",
            data=body,
            headers={"X-Modem-Timestamp": timestamp, "X-Modem-Signature": signature},
            timeout=30,
        )
        assert answer.status_code == status
    becomes_active(gateway, client, line)

    other = asked(gateway, client)
    assert other["phone_number"] != line["phone_number"]
    for name, value in {**TEST_SETTINGS, **SETTINGS, **migrated}.items():
        monkeypatch.setenv(name, value)
    for number, code, said_of_it in (
        ("+212699999999", "123456", "No line has the number"),
        (other["phone_number"], "12345", "six digits"),
    ):
        refused = CliRunner().invoke(main, ["lines", "code", number, code])
        assert refused.exit_code == 1
        assert said_of_it in refused.stderr
    arguments = ["lines", "code", other["phone_number"], code_of(gateway, other)]
    handed_in = CliRunner().invoke(main, arguments)
    assert (handed_in.exit_code, handed_in.output) == (0, "")
    becomes_active(gateway, client, other)
    listed = CliRunner().invoke(main, ["sims", "list"])
    assert listed.stdout.splitlines() == sorted(
        f"{it['phone_number']}  {it['id']}" for it in (line, other)
    )
