"""Keep the processes of one gateway running, and leave none of them behind."""

import json
import logging
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from types import FrameType
from typing import Protocol

import psutil

log = logging.getLogger(__name__)

Pids = dict[str, list[int]]

_TICK_SECONDS = 0.2
_LOOK_SECONDS = 1.0  # at the web server's workers, which it starts itself
_READY_SECONDS = 60.0
_STOP_SECONDS = 10.0
_SHORT_LIFE_SECONDS = 5.0
_FIRST_PAUSE_SECONDS = 0.25
_LONGEST_PAUSE_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True)
class ChildSpec:
    """One process to keep running: `start` makes it, with its output in the given log.

    `ready` says whether it answers. When an `essential` child dies, everything ends.
    """

    name: str
    start: Callable[[Path], "Process"]
    essential: bool
    ready: Callable[[], bool] | None


class Process(Protocol):
    """What is needed of subprocess.Popen, or a copy of ourselves."""

    @property
    def pid(self) -> int: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float) -> int: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...


class Until(Protocol):
    """What `threading.Event` offers of itself to Supervisor.run()."""

    def is_set(self) -> bool: ...
    def wait(self, timeout: float | None = None) -> bool: ...


class Supervisor:
    """Runs `children`, each with its output in `log_dir`, and tells their pids by name.

    `on_change` is called once when all are ready and again whenever a pid changed; a web server's
    pids are its main process followed by its workers.
    """

    def __init__(
        self, children: Sequence[ChildSpec], log_dir: Path, on_change: Callable[[Pids], None]
    ) -> None:
        self._children = [
            _Child(spec, log_dir / f"{spec.name}-{number}.log")
            for name in dict.fromkeys(spec.name for spec in children)
            for number, spec in enumerate((s for s in children if s.name == name), start=1)
        ]
        self._log_dir = log_dir
        self._on_change = on_change
        self._told: Pids = {}
        self._asked_to_stop = False

    def run(self, until: Until) -> int:
        """Run everything until `until` is set or SIGTERM or SIGINT arrives; the exit status.

        Not 0 when an essential child died, or when something was not ready in time. Belongs in
        the main thread. Children are asked to stop by name, in the order in which they were given.
        """
        self._log_dir.mkdir(parents=True, exist_ok=True)
        with self._stop_on_signals():
            try:
                for child in self._children:
                    child.start()
                return self._watch(until)
            finally:
                for _, group in groupby(self._children, key=lambda child: child.spec.name):
                    _stop(list(group))

    def _watch(self, until: Until) -> int:
        waiting, deadline, look_at = list(self._children), time.monotonic() + _READY_SECONDS, 0.0
        while not (self._asked_to_stop or until.is_set()):
            for child in self._children:
                if not child.keep_running():
                    log.error("%s died, and nothing works without it: %s", child, child.log)
                    return 1
            waiting = [child for child in waiting if not child.is_ready()]
            now = time.monotonic()
            if waiting and now > deadline:
                for child in waiting:
                    log.error("%s was not ready in time; see its log: %s", child, child.log)
                return 1
            if not waiting and now >= look_at:
                look_at = now + _LOOK_SECONDS
                self._tell()
            until.wait(_TICK_SECONDS)
        return 0

    def _tell(self) -> None:
        pids = self._pids()
        if pids != self._told:
            self._on_change(pids)
            self._told = pids

    def _pids(self) -> Pids:
        pids: Pids = {child.spec.name: [] for child in self._children}
        for child in self._children:
            pids[child.spec.name] += child.pids()
        return pids

    @contextmanager
    def _stop_on_signals(self) -> Iterator[None]:
        def ask(_number: int, _frame: FrameType | None) -> None:
            # Not until.set(): its lock may be held by the very line that the signal interrupts.
            self._asked_to_stop = True

        before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


class _Child:
    def __init__(self, spec: ChildSpec, log: Path) -> None:
        self.spec = spec
        self.log = log
        self.process: Process | None = None
        self._started = 0.0
        self._short_lives = 0
        self._restart_at: float | None = None

    def __str__(self) -> str:
        return self.log.stem

    def start(self) -> None:
        self.process = self.spec.start(self.log)
        self._started = time.monotonic()
        self._restart_at = None

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def is_ready(self) -> bool:
        return self.is_running() and (self.spec.ready is None or self.spec.ready())

    def keep_running(self) -> bool:
        """Start it again if it died and its pause is over; False when it may not die."""
        if self.is_running():
            return True
        if self.spec.essential:
            return False
        now = time.monotonic()
        if self._restart_at is None:
            self._restart_at = now + self._pause(now - self._started)
        if now >= self._restart_at:
            self.start()
        return True

    def _pause(self, lived: float) -> float:
        self._short_lives = self._short_lives + 1 if lived < _SHORT_LIFE_SECONDS else 0
        if self._short_lives < 2:
            return 0.0
        pause = _FIRST_PAUSE_SECONDS * 2.0 ** (self._short_lives - 2)
        return min(pause, _LONGEST_PAUSE_SECONDS)

    def pids(self) -> list[int]:
        if self.process is None or not self.is_running():
            return []
        workers = _workers(self.process.pid) if self.spec.name == "web" else []
        return [self.process.pid, *workers]


def write_ready_file(path: Path, payload: Mapping[str, object]) -> None:
    """Replace `path` by `payload` as JSON in one step, readable by its owner alone."""
    content = json.dumps(payload, indent=2)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(content)
    unfinished.replace(path)


def _workers(main_pid: int) -> list[int]:
    """The pids of a web server's workers, without the helper that multiprocessing may add."""
    found = []
    with suppress(psutil.NoSuchProcess):
        for process in psutil.Process(main_pid).children():
            with suppress(psutil.NoSuchProcess):
                ended = process.status() == psutil.STATUS_ZOMBIE
                helper = any("resource_tracker" in word for word in process.cmdline())
                if not ended and not helper:
                    found.append(process.pid)
    return sorted(found)


def _stop(children: list[_Child]) -> None:
    """Ask these to end, all at once, and kill those that have not after a while."""
    processes = [child.process for child in children if child.process is not None]
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + _STOP_SECONDS
    for process in processes:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("process %s does not stop, and is killed", process.pid)
            process.kill()
            process.wait(_STOP_SECONDS)
