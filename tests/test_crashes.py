"""Whatever is killed, wherever: what was accepted happens, once."""

import os
import random
import signal
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
from redis import Redis

from tests.processes import Up, eventually, kill, up

LINES = 5
TALKS = 2
KILLS = 20
PATIENCE = 180.0  # of a busy machine; a quiet one needs less than 60


@pytest.mark.timeout(400)
def test_killed_processes_and_an_emptied_redis_change_nothing(folder: Path) -> None:
    """web, worker and scheduler processes die at seeded moments of activations and first sends."""
    moments = random.Random(2026)
    with up(folder, env={"GATEWAY_ONBOARDING__POLL_SECONDS": "0.3"}) as gateway:
        done = threading.Event()
        killer = threading.Thread(target=_kill_at_random, args=(gateway, moments, done))
        killer.start()
        clients = [_client(gateway, number) for number in range(LINES)]
        for client in clients:
            client["line"] = _request_line(gateway, client["id"])
        talks = 0
        for client in clients:
            eventually(
                lambda client=client: _line(gateway, client),
                lambda line: line["status"] == "active",
                patience=PATIENCE,
            )
            for _ in range(TALKS):
                talks += 1
                _open(gateway, client, f"+2126620{talks:05}")
        killer.join()
        assert done.is_set()

        phones = [f"+2126620{number:05}" for number in range(1, LINES * TALKS + 1)]
        eventually(
            lambda: Counter(len(_introductions(gateway, phone)) for phone in phones),
            lambda seen: seen == {1: len(phones)},
            patience=PATIENCE,
        )
        bought = [
            entry["reference"]
            for entry in gateway.panel("GET", "/suppliers/twilio/ledger")["data"]
            if entry["event"] == "bought"
        ]
        assert sorted(bought) == sorted(client["line"] for client in clients)
        assert all(_line(gateway, client)["status"] == "active" for client in clients)
        assert all(len(_introductions(gateway, phone)) == 1 for phone in phones), (
            "nothing more came while we looked"
        )


def test_a_killed_up_leaves_no_orphan_and_the_next_one_carries_on(folder: Path) -> None:
    with up(folder) as gateway:
        client = _client(gateway, 1)
        client["line"] = _request_line(gateway, client["id"])
        eventually(
            lambda: _line(gateway, client)["activation"]["steps"][1]["state"],
            lambda state: state == "done",
        )
        family = gateway.family()
        assert len(family) > 6
        os.kill(gateway.process.pid, signal.SIGKILL)
        gateway.process.join()
        eventually(
            lambda: [process for process in family if _lives(process)],
            lambda left: not left,
            patience=15,
        )
    with up(folder) as gateway:
        line = eventually(
            lambda: _line(gateway, client), lambda line: bool(line["status"] == "active")
        )
        ledger = gateway.panel("GET", "/suppliers/twilio/ledger")["data"]
        assert [entry["phone_number"] for entry in ledger if entry["event"] == "bought"] == [
            line["phone_number"]
        ]


def _kill_at_random(gateway: Up, moments: random.Random, done: threading.Event) -> None:
    """Kills do not wait for a process to have recovered: they come while it works, or starts."""
    for number in range(KILLS):
        threading.Event().wait(moments.uniform(0.05, 0.6))
        name = moments.choice(("worker", "worker", "worker", "web", "scheduler"))
        kill(moments.choice(eventually(lambda name=name: gateway.pids()[name])))
        if number == KILLS // 2:
            with Redis.from_url(gateway.ready["redis_url"]) as redis:
                redis.flushall()
    done.set()


def _client(gateway: Up, number: int) -> dict[str, Any]:
    """A client and its recruiter, though the web process may die before it answers."""
    name = f"Company {number}"
    path = "/v1/clients"

    def made() -> Any:
        listed = gateway.insist("GET", path)["data"]
        return next((row["id"] for row in listed if row["name"] == name), None)

    body = {"name": name, "country": "MA", "default_language": "en"}
    client = _once(made, lambda: gateway.call("POST", path, body))
    people = f"/v1/clients/{client}/recruiters"

    def recruiter() -> Any:
        listed = gateway.insist("GET", people)["data"]
        return next((row["id"] for row in listed), None)

    who = {"name": "Sara El Amrani", "email": "sara@example.com"}
    return {"id": client, "recruiter": _once(recruiter, lambda: gateway.call("POST", people, who))}


def _request_line(gateway: Up, client: str) -> str:
    path = f"/v1/clients/{client}/lines"

    def made() -> Any:
        return next((row["id"] for row in gateway.insist("GET", path)["data"]), None)

    return str(_once(made, lambda: gateway.call("POST", path, {"case": "virtual-number"})))


def _once(made: Any, make: Any) -> Any:
    """Look, and make it if it is not there, until it is."""

    def look() -> Any:
        found = made()
        if found is None:
            try:
                make()
            except requests.RequestException:
                return None
            found = made()
        return found

    return eventually(look, lambda found: found is not None)


def _line(gateway: Up, client: dict[str, Any]) -> Any:
    return gateway.insist("GET", f"/v1/clients/{client['id']}/lines/{client['line']}")


def _open(gateway: Up, client: dict[str, Any], phone: str) -> None:
    gateway.insist(
        "POST",
        f"/v1/clients/{client['id']}/conversations",
        {
            "line_id": client["line"],
            "recruiter_id": client["recruiter"],
            "candidate": {"name": "Imane Tazi", "phone": phone},
        },
    )


def _introductions(gateway: Up, phone: str) -> list[Any]:
    return [
        message
        for message in gateway.panel("GET", f"/phones/{phone}/messages")["data"]
        if message["type"] == "template"
    ]


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
