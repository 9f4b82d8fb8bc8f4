"""`gateway up`: what it starts, what it says, and how it ends."""

import json
import socket
import subprocess
from pathlib import Path

import psutil
import requests
from click.testing import CliRunner
from redis import Redis
from rq import Worker

from gateway.cli import main
from tests.copies import Command
from tests.harness import environment
from tests.processes import eventually, kill, up


def test_given_servers_are_used_and_nothing_embedded_starts(
    given: dict[str, str], folder: Path
) -> None:
    """… and an administrator's URL is enough: the three roles are made."""
    name = given["GATEWAY_DATABASE__URL"].rpartition("/")[2]
    with up(folder, workers=1, env=given) as gateway:
        programs = {Path(process.exe()).name for process in gateway.family()}
        assert not programs & {"postgres", "redis-server", "valkey-server"}
        ready = gateway.ready
        assert ready["redis_url"] == given["GATEWAY_REDIS__URL"]
        assert f"{name}_application:" in ready["database_url"]
        assert gateway.insist("GET", "/v1/clients")["data"]

        kill(gateway.pids()["sandbox"][0])
        gateway.process.join(40)
        assert gateway.process.exitcode, "without its sandbox it ends with an error"


def test_it_says_what_runs_keeps_it_running_and_ends_cleanly(
    migrated: dict[str, str], folder: Path
) -> None:
    hosts = {"GATEWAY_HTTP__PRIVATE_HOSTS": '["127.0.0.1:9"]'}
    with up(folder, workers=2, env={**migrated, **hosts}) as gateway:
        ready = gateway.ready
        assert set(ready) == {
            *("gateway_url", "console_url", "sandbox_url", "api_key", "app_secret"),
            *("verify_token", "graph_token", "database_url", "database_owner_url"),
            *("redis_url", "processes"),
        }
        assert gateway.ready_file.stat().st_mode & 0o777 == 0o600
        assert {name: len(pids) >= 1 for name, pids in gateway.pids().items()} == {
            "web": True,
            "worker": True,
            "scheduler": True,
            "sandbox": True,
        }
        assert requests.get(f"{ready['gateway_url']}/readyz", timeout=5).json()["ready"]
        sandbox = ready["sandbox_url"].removeprefix("http://")
        assert json.loads(_setting("http.private_hosts", folder)) == [sandbox, "127.0.0.1:9"]
        before = gateway.pids()["worker"]
        kill(before[0])
        eventually(
            lambda: gateway.pids()["worker"],
            lambda pids: len(pids) == 2 and before[0] not in pids,
        )
        with Redis.from_url(ready["redis_url"]) as redis:
            taken = [worker.queue_names() for worker in Worker.all(redis)]
        assert ["gateway.work"] in taken
        assert ["gateway.work", "gateway.pushes"] in taken
        family = gateway.family()
        gateway.process.terminate()
        gateway.process.join(40)
        assert gateway.process.exitcode == 0
        assert not [process for process in family if process.is_running()]


def test_a_taken_port_is_one_sentence(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        told = _up(folder, "--port", str(port))
    assert told.returncode != 0
    assert f"Port {port} is taken" in told.stderr
    assert "Traceback" not in told.stderr


def test_a_misspelt_setting_is_one_sentence_and_starts_nothing(folder: Path) -> None:
    told = _up(folder, env={"GATEWAY_WEB__PROT": "1"})
    assert told.returncode == 2
    assert "GATEWAY_WEB__PROT is not a setting" in told.stderr
    assert "Traceback" not in told.stderr
    mine = psutil.Process().children(recursive=True)
    assert not [process for process in mine if str(folder) in " ".join(process.cmdline())]


def test_two_on_one_folder_do_not_fight(folder: Path) -> None:
    with up(folder, workers=1):
        told = _up(folder)
        assert told.returncode != 0
        assert "another gateway runs on" in told.stderr
        assert "Traceback" not in told.stderr


def _setting(key: str, folder: Path) -> str:
    """As it is for the gateway that runs there."""
    words = ["config", "get", key, "--data-dir", str(folder / "var")]
    return CliRunner().invoke(main, words).stdout


def _up(
    folder: Path, *options: str, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    command = Command(
        words=("up", "--data-dir", str(folder / "var"), *options),
        env={**environment(), "TMPDIR": str(folder), **(env or {})},
        folder=folder,
        out=folder / "told",
        err=folder / "warned",
    )
    return command.run(60)
