"""From a click to a line that can send, by a number of the pool; and many clicks at once.

`python -m benchmarks.pool` runs a whole gateway as processes, web and workers, so that handing work
over counts. Every Graph call takes 100 ms; the simulated platform approves names at once.
"""

import argparse
import json
import statistics
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from click.testing import CliRunner

from gateway.cli import main as gateway_command
from gateway.sandbox.logo import company_logo
from tests.harness import open_folder
from tests.processes import Up, eventually, up

LATENCY: Final = 0.1
# Upload session, picture, profile, name, how the name stands, registration under the new name.
NEEDED: Final = 6
WABAS: Final = [f"22000000000000{one:02}" for one in range(1, 21)]  # each holds 25 numbers
SETTINGS: Final = {
    "GATEWAY_SANDBOX__STOCK": json.dumps({"MA": 1000}),
    "GATEWAY_SANDBOX__APPROVE_AFTER_SECONDS": "0",
    "GATEWAY_PROVISIONING__PORTFOLIOS": json.dumps(
        [{"id": "1100000000000001", "wabas": WABAS, "number_limit": 1000}]
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clicks", type=int, default=10, help="measured one after the other")
    parser.add_argument("--at-once", type=int, default=200, help="clicked at the same time")
    parser.add_argument("--kept", type=int, default=30, help="of those, this many from the pool")
    asked = parser.parse_args()
    with open_folder() as folder, up(folder, workers=2, env=SETTINGS) as gateway:
        gateway.panel("PUT", "/graph/decisions", {"portfolio": {"numbers": 1000}})
        _fill(gateway, folder, asked.clicks)
        _one_by_one(gateway, asked.clicks)
        _fill(gateway, folder, asked.kept)
        _at_once(gateway, asked.at_once)


def _one_by_one(gateway: Up, clicks: int) -> None:
    clients = [_client(gateway, number) for number in range(clicks)]
    gateway.panel("PUT", "/faults", {"graph": {"latency_ms": LATENCY * 1000}})
    before = _calls(gateway)
    took = [_click(gateway, client) for client in clients]
    calls = _calls(gateway) - before
    bare = statistics.median(_bare_calls(gateway) for _ in range(clicks))
    gateway.panel("PUT", "/faults", {})
    median = statistics.median(took)
    print(f"click to able-to-send, {clicks} times, {LATENCY * 1000:.0f} ms a Graph call")
    print(f"  median {median:.2f} s, fastest {min(took):.2f} s, slowest {max(took):.2f} s")
    print(f"  {median / (NEEDED * LATENCY):.2f} times {NEEDED} calls of exactly that latency")
    print(f"  {median / bare:.2f} times {NEEDED} bare calls, {bare:.2f} s in this run (limit 1.5)")
    print("  calls a click: " + ", ".join(f"{n} {c / clicks:g}" for n, c in sorted(calls.items())))


def _bare_calls(gateway: Up) -> float:
    """The calls that are needed, one after the other, by a client that does nothing else."""
    ready = gateway.ready
    url = f"{ready['sandbox_url']}/graph/v25.0/{WABAS[0]}/phone_numbers?limit=1"
    began = time.monotonic()
    for _ in range(NEEDED):
        headers = {"Authorization": f"Bearer {ready['graph_token']}"}
        gateway.session.get(url, headers=headers, timeout=30).raise_for_status()
    return time.monotonic() - began


def _at_once(gateway: Up, number: int) -> None:
    clients = [_client(gateway, 1000 + one) for one in range(number)]
    began = time.monotonic()
    with ThreadPoolExecutor(32) as threads:
        list(threads.map(lambda client: _request(gateway, client), clients))
    clicked = time.monotonic() - began
    lines = [eventually(lambda c=c: _line(gateway, c), _can_send, patience=600) for c in clients]
    took = time.monotonic() - began
    numbers = {line["phone_number"] for line in lines}
    ledger = gateway.panel("GET", "/suppliers/twilio/ledger")["data"]
    bought = Counter(entry["phone_number"] for entry in ledger if entry["event"] == "bought")
    print(f"{number} activations at once: accepted in {clicked:.1f} s, all send in {took:.1f} s")
    print(f"  {len(numbers)} numbers, {max(bought.values())} time each at the supplier's")
    assert len(numbers) == number
    assert set(bought.values()) == {1}


def _click(gateway: Up, client: str) -> float:
    began = time.monotonic()
    _request(gateway, client)
    while not _can_send(_line(gateway, client)):
        time.sleep(0.01)
    return time.monotonic() - began


def _fill(gateway: Up, folder: Path, numbers: int) -> None:
    """As many numbers ready, and none bought in their stead."""
    _pool(folder, "set", "MA", str(numbers), "--budget", "1000", "USD")
    eventually(lambda: _ready(folder), lambda ready: ready == numbers, patience=600)
    _pool(folder, "set", "MA", "0", "--budget", "1000", "USD")


def _ready(folder: Path) -> int:
    return len(json.loads(_pool(folder, "--json"))[0]["ready"])


def _pool(folder: Path, *words: str) -> str:
    where = ["--data-dir", str(folder / "var")]
    done = CliRunner().invoke(gateway_command, ["lines", "pool", *words, *where])
    assert done.exit_code == 0, done.output
    return done.stdout


def _client(gateway: Up, number: int) -> str:
    """A client with a logo; its path in the API."""
    body = {"name": f"Company {number}", "country": "MA", "default_language": "en"}
    path = f"/v1/clients/{gateway.call('POST', '/v1/clients', body).json()['id']}"
    ready = gateway.ready
    uploaded = gateway.session.post(
        f"{ready['gateway_url']}{path}/documents",
        headers={"Authorization": f"Bearer {ready['api_key']}"},
        files={"file": ("logo.png", company_logo())},
        data={"kind": "logo"},
        timeout=30,
    )
    assert uploaded.status_code == 201, uploaded.text
    return path


def _request(gateway: Up, client: str) -> None:
    answer = gateway.call("POST", f"{client}/lines", {"case": "virtual-number"})
    assert answer.status_code == 202, answer.text


def _line(gateway: Up, client: str) -> Any:
    return gateway.call("GET", f"{client}/lines").json()["data"][0]


def _can_send(line: Any) -> bool:
    """Nothing holds an introduction back any more."""
    return bool(line["status"] == "active" and line["display_name_status"] == "APPROVED")


def _calls(gateway: Up) -> Counter[str]:
    counted = gateway.panel("GET", "/stats")["calls"]
    return Counter({name: count for name, count in counted.items() if name != "people_reached"})


if __name__ == "__main__":
    main()
