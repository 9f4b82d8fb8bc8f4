"""The embedded Redis, on real servers."""

import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil  # type: ignore[import-untyped]
import pytest
import redis

from gateway.embedded import processes
from gateway.embedded.processes import ServerError
from gateway.embedded.redis import EmbeddedRedis

StartParent = Callable[..., tuple[subprocess.Popen[str], str]]
Kill = Callable[[subprocess.Popen[str]], None]

PARENT = """
import sys
from pathlib import Path
from gateway.embedded.redis import EmbeddedRedis
server = EmbeddedRedis(Path(sys.argv[1]))
server.start()
print(server.url, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def server(data_dir: Path) -> Iterator[EmbeddedRedis]:
    server = EmbeddedRedis(data_dir)
    yield server
    server.stop()


def connect(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, decode_responses=True)


def test_it_answers_on_loopback_and_keeps_nothing(server: EmbeddedRedis, data_dir: Path) -> None:
    server.start()
    with connect(server.url) as client:
        client.set("seen", 1)
        assert client.config_get("bind", "save", "appendonly") == {
            "bind": "127.0.0.1",
            "save": "",
            "appendonly": "no",
        }
    server.stop()
    with pytest.raises(ServerError):
        _ = server.url
    server.start()
    with connect(server.url) as client:
        assert client.dbsize() == 0
    assert [path.name for path in data_dir.iterdir()] == ["redis.log"]


def test_the_password_is_asked_for_and_shown_nowhere(server: EmbeddedRedis, data_dir: Path) -> None:
    server.start()
    url = urlsplit(server.url)
    assert url.password
    with pytest.raises(redis.AuthenticationError), connect(f"redis://127.0.0.1:{url.port}") as bare:
        bare.ping()
    with connect(server.url) as client:
        process = psutil.Process(client.info("server")["process_id"])
    assert url.password not in str(process.cmdline())
    assert url.password not in str(process.environ())
    assert url.password not in (data_dir / "redis.log").read_text()


def test_a_killed_parent_leaves_no_orphan(
    server: EmbeddedRedis, data_dir: Path, start_parent: StartParent, kill_and_await_end: Kill
) -> None:
    parent, url = start_parent(PARENT, data_dir)
    with connect(url) as client:
        client.ping()
    kill_and_await_end(parent)
    server.start()
    with connect(server.url) as client:
        assert client.ping()


def test_a_port_taken_meanwhile_is_replaced(
    server: EmbeddedRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = processes.free_port()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        taken.settimeout(0)
        ports = [free, taken.getsockname()[1]]
        monkeypatch.setattr(processes, "free_port", ports.pop)
        server.start()
    assert urlsplit(server.url).port == free


def test_the_redis_server_of_the_machine_comes_first(
    server: EmbeddedRedis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gateway.embedded.redis import _program

    monkeypatch.setenv("PATH", str(tmp_path))
    package = _program()
    assert package.name == "valkey-server"
    shutil.copy(package, tmp_path / "redis-server")
    server.start()
    with connect(server.url) as client:
        process = psutil.Process(client.info("server")["process_id"])
    assert process.exe() == str(tmp_path / "redis-server")
