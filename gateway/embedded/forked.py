"""Processes that begin as copies of this one: what is loaded here need not be loaded there."""

import gc
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NoReturn

from gateway.embedded.processes import PARENT_PID, follow_parent
from gateway.problems import Mistake

_POLL_SECONDS = 0.02
_ASKED = (signal.SIGTERM, signal.SIGINT)


def fork(run: Callable[[], object], log: Path, *, env: Mapping[str, str]) -> "Forked":
    """Call `run` in a copy of this process, and end the copy when it returns.

    The copy has a session of its own, `env` as its environment, its output appended to `log` and
    no other open file of ours; it ends with us, however we end. RuntimeError where this process
    has other threads: a copy would have the locks they hold, but not them.
    """
    if threading.active_count() > 1:
        raise RuntimeError("fork() belongs in a process without other threads")
    parent = str(os.getpid())
    gc.freeze()  # the copy shares our memory for as long as its garbage collector leaves it alone
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, _ASKED)
    try:
        pid = os.fork()
        if pid == 0:
            _be_the_copy(run, log, {**env, PARENT_PID: parent}, mask)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    return Forked(pid)


class Forked:
    """A copy of this process, with what subprocess.Popen would offer."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._status: int | None = None

    def poll(self) -> int | None:
        """Its exit status, or None while it runs."""
        if self._status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._status = os.waitstatus_to_exitcode(status)
        return self._status

    def wait(self, timeout: float) -> int:
        """Its exit status. Raises subprocess.TimeoutExpired."""
        ends = time.monotonic() + timeout
        while (status := self.poll()) is None:
            if time.monotonic() > ends:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout)
            time.sleep(_POLL_SECONDS)
        return status

    def terminate(self) -> None:
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)


def _be_the_copy(
    run: Callable[[], object], log: Path, env: Mapping[str, str], mask: set[int | signal.Signals]
) -> NoReturn:
    """The whole life of a copy: the frames above this one are never returned to."""
    status = 1
    try:
        for number in _ASKED:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        os.setsid()
        os.environ.clear()
        os.environ.update(env)
        tempfile.tempdir = None  # what it remembers may not be in this environment
        follow_parent()
        _leave_files(log)
        status = _call(run)
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(status)  # though the disk be full: above us stands our parent's work


def _call(run: Callable[[], object]) -> int:
    try:
        run()
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
            return 1
        return end.code or 0
    except Mistake as mistake:
        print(mistake, file=sys.stderr)
        return 2
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def _leave_files(log: Path) -> None:
    """Read nothing, write to the log, and let go of everything else that is open."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for ours, standard in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(ours, standard)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
