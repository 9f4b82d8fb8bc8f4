"""`gateway up` as a process of its own, for tests that kill."""

import contextlib
import json
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any, TypeVar

import psutil
import requests

from tests.copies import Command
from tests.harness import environment, pauses

T = TypeVar("T")


@dataclass(kw_only=True)
class Up:
    """A running `gateway up`."""

    process: ForkServerProcess
    ready_file: Path
    log: Path
    session: requests.Session = field(default_factory=requests.Session)

    @property
    def ready(self) -> dict[str, Any]:
        ready: dict[str, Any] = json.loads(self.ready_file.read_text())
        return ready

    def pids(self) -> dict[str, list[int]]:
        pids: dict[str, list[int]] = self.ready["processes"]
        return pids

    def call(self, method: str, path: str, body: Any = None) -> requests.Response:
        """One call to the API; ConnectionError while the web process is down."""
        ready = self.ready
        headers = {"Authorization": f"Bearer {ready['api_key']}"}
        return self.session.request(
            method, ready["gateway_url"] + path, json=body, headers=headers, timeout=15
        )

    def insist(self, method: str, path: str, body: Any = None) -> Any:
        """Repeat a call that may be repeated until it is answered."""
        answer = eventually(lambda: self._try(method, path, body), bool)
        assert answer is not None
        assert answer.status_code < 400, answer.text
        return answer.json()

    def panel(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.session.request(
            method, f"{self.ready['sandbox_url']}/sandbox{path}", json=body, timeout=15
        )
        assert answer.status_code < 400, answer.text
        return answer.json() if answer.content else None

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def _try(self, method: str, path: str, body: Any) -> requests.Response | None:
        with contextlib.suppress(requests.RequestException):
            answer = self.call(method, path, body)
            return answer if answer.status_code < 500 else None
        return None


@contextlib.contextmanager
def up(folder: Path, *, workers: int = 2, env: Mapping[str, str] | None = None) -> Iterator[Up]:
    """`gateway up` with its data in `folder`, until the end of the block."""
    ready_file, log = folder / "ready.json", folder / "up.log"
    ready_file.unlink(missing_ok=True)
    where = ["--data-dir", str(folder / "var"), "--ready-file", str(ready_file)]
    process = Command(
        words=("up", *where, "--workers", str(workers)),
        env={
            **environment(),
            "TMPDIR": str(folder),
            "GATEWAY_SANDBOX__STOCK": json.dumps({"MA": 200}),
            **(env or {}),
        },
        folder=folder,
        out=log,
        err=log,
    ).start()
    running = Up(process=process, ready_file=ready_file, log=log)
    try:
        eventually(lambda: ready_file.exists() or not process.is_alive(), bool)
        assert process.is_alive(), log.read_text()
        yield running
    finally:
        process.terminate()
        process.join(40)
        running.session.close()


def eventually(read: Callable[[], T], good: Callable[[T], bool] = bool, patience: float = 60) -> T:
    """Read until it is good; fails with the last reading."""
    for pause in pauses(patience):
        found = read()
        if good(found):
            return found
        time.sleep(pause)
    raise AssertionError(f"still not so after {patience} s: {found}")


def kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
