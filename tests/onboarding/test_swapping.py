"""A supplier is swapped on a Friday evening: by commands, without a change of code or a restart."""

import json
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.errors import OutcomeUnknown
from gateway.provisioning.contract import OwnedNumber
from gateway.provisioning.suppliers import MOST_FAILURES
from gateway.roles import DatabaseUrls
from gateway.settings import load_settings
from plugins.supplier_telnyx.simulated_calls import signing_key
from plugins.supplier_twilio.supplier import TwilioSupplier
from tests.harness import TEST_SETTINGS, Gateway, running
from tests.pages import blocks, execute
from tests.plugins.supplier_telnyx.test_telnyx import KEY, public

TELNYX = "GATEWAY_PROVIDERS__TELNYX__"
WABAS = [f"22000000000000{number:02}" for number in range(1, 11)]
SETTINGS = {
    "GATEWAY_PLUGINS": json.dumps([*load_settings(TEST_SETTINGS).plugins, "supplier-telnyx"]),
    "GATEWAY_PROVISIONING__SUPPLIERS": '["twilio", "telnyx"]',
    "GATEWAY_PROVISIONING__PORTFOLIOS": json.dumps(
        [{"id": "1100000000000001", "wabas": WABAS, "number_limit": 100}]
    ),
    "GATEWAY_ONBOARDING__CODE_WAIT_SECONDS": "60",
    f"{TELNYX}API_KEY": KEY,
    f"{TELNYX}PUBLIC_KEY": public(signing_key(KEY)),
    f"{TELNYX}CONNECTION_ID": "1",
    f"{TELNYX}MESSAGING_PROFILE_ID": "2",
}


@pytest.fixture
def gateway(
    database: DatabaseUrls,
    redis_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    migrated: dict[str, str],
) -> Iterator[Gateway]:
    """A gateway that its commands reach, between two suppliers."""
    given = {**SETTINGS, f"{TELNYX}API_URL": "SANDBOX_URL/telnyx"}
    with running(database, redis_url, tmp_path / "clock.json", given) as made:
        own = {f"GATEWAY_PROVIDERS__TWILIO__{it}": f"{made.sandbox_url}/twilio"
               for it in ("API_URL", "PRICING_URL", "NUMBERS_URL")}  # fmt: skip
        own[f"{TELNYX}API_URL"] = f"{made.sandbox_url}/telnyx"
        for name, value in {**TEST_SETTINGS, **SETTINGS, **own, **migrated}.items():
            monkeypatch.setenv(name, value)
        yield made


def suppliers(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["suppliers", *arguments])


ORDER = TwilioSupplier.order


def lost(self: TwilioSupplier, *args: Any, **kwargs: Any) -> OwnedNumber:
    """What worked over there, without an answer."""
    if kwargs:
        ORDER(self, *args, **kwargs)
    raise OutcomeUnknown("no_answer", "It did not answer in time.")


def request(gateway: Gateway, client: str, how_many: int) -> list[str]:
    path = f"/v1/clients/{client}/lines"
    return [gateway.post(path, {"case": "virtual-number"})["id"] for _ in range(how_many)]


def lines(gateway: Gateway, client: str) -> list[Any]:
    found: list[Any] = gateway.get(f"/v1/clients/{client}/lines")["data"]
    return found


def bought(gateway: Gateway, supplier: str) -> list[str]:
    """For which lines a supplier sold a number, by its own ledger."""
    ledger = gateway.panel("GET", f"/suppliers/{supplier}/ledger")["data"]
    return [entry["reference"] for entry in ledger if entry["event"] == "bought"]


def test_fifty_activations_end_though_their_supplier_is_paused(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some wait for a code that is late, of some the order's answer was lost, some ordered nothing
    yet: those finish where they are, these go elsewhere, and nothing is bought twice."""
    client = gateway.client()
    gateway.panel("PUT", "/faults", {"webhooks": {"drop_rate": 1}})
    waiting = request(gateway, client, 20)
    gateway.work()
    with monkeypatch.context() as patched:
        patched.setattr(TwilioSupplier, "order", lost)
        patched.setattr(TwilioSupplier, "find", lost)
        request(gateway, client, 10)
        gateway.work()
    unordered = request(gateway, client, 20)
    orders = Counter(line["activation"]["steps"][1]["state"] for line in lines(gateway, client))
    assert orders["running"] >= MOST_FAILURES, "then twilio rests, and the others went to telnyx"
    assert orders["pending"] == 20
    paused = suppliers("pause", "twilio", "--because", "invoice in dispute")
    assert (paused.exit_code, paused.stdout) == (0, "")
    gateway.panel("PUT", "/faults", {})
    done = gateway.until(
        lambda: lines(gateway, client),
        lambda found: all(line["status"] == "active" for line in found),
    )
    sold = {name: bought(gateway, name) for name in ("twilio", "telnyx")}
    assert sorted(sold["twilio"] + sold["telnyx"]) == sorted(line["id"] for line in done)
    assert len(sold["twilio"]) == 20 + orders["running"]
    assert set(waiting) < set(sold["twilio"])
    assert set(unordered) <= set(sold["telnyx"])


def test_the_page_on_swapping_works_as_it_is_written(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = gateway.client()
    line = gateway.line(client)["id"]
    gateway.talk(client, line, gateway.recruiter(client))
    monkeypatch.setenv("LINE", line)
    execute("how-to/swap-supplier.md")
    listed = json.loads(suppliers("list", "--json").stdout)
    assert [(one["name"], one["position"]) for one in listed] == [
        ("twilio", 1), ("telnyx", 2), ("operator-sim", None),
    ]  # fmt: skip
    [policy] = [text for kind, text in blocks("how-to/swap-supplier.md") if kind == "toml"]
    given = tomllib.loads(policy)["provisioning"]
    loaded = load_settings(
        {**TEST_SETTINGS, **{f"GATEWAY_PROVISIONING__{name.upper()}": json.dumps(value)
                             for name, value in given.items()}}
    ).provisioning  # fmt: skip
    assert loaded.policies[0].types == ("mobile", "local")


def test_what_cannot_be_done_with_a_supplier_is_said(gateway: Gateway) -> None:
    for arguments, said in (
        (("pause", "acme"), "No number supplier is called 'acme'; known: operator-sim, telnyx"),
        (("remove", "twilio"), "Pause it first: gateway suppliers pause twilio"),
        (("check", "twilio", "--country", "NO"), ""),
    ):
        refused = suppliers(*arguments)
        assert (refused.exit_code, said in refused.stderr) == (1, True)


def test_the_rent_of_a_number_moves_and_nothing_else(gateway: Gateway) -> None:
    """The number was ported: who adopts it has it, and its line stays as it is."""
    suppliers("prefer", "telnyx")
    client = gateway.client()
    line = gateway.line(client)
    suppliers("prefer", "twilio")
    arguments = ["lines", "move-rent", line["id"], "--supplier"]
    for supplier, said in (
        ("telnyx", "telnyx cannot take numbers from elsewhere."),
        ("twilio", f"{line['phone_number']} is not in our account at twilio"),
    ):
        refused = CliRunner().invoke(main, [*arguments, supplier])
        assert (refused.exit_code, said in refused.stderr) == (1, True)

    gateway.line(client)  # of Twilio, whose number is made out to be the ported one
    [(sid, number)] = gateway.world.store.all("twilio-number")
    ported = {**number, "phone_number": line["phone_number"], "friendly_name": "ported"}
    gateway.world.store.put("twilio-number", sid, ported)
    moved = CliRunner().invoke(main, [*arguments, "twilio", "--json"])
    assert moved.exit_code == 0, moved.output
    after = gateway.get(f"/v1/clients/{client}/lines/{line['id']}")
    assert after == {**line, "supplier": "twilio"}
