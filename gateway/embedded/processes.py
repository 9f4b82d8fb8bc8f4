"""Start programs that never outlive the process that started them."""

import ctypes
import fcntl
import multiprocessing
import os
import pwd
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import BinaryIO

from gateway.problems import Mistake

PARENT_PID = "GATEWAY_PARENT_PID"

_PR_SET_PDEATHSIG = 1
_PORT_ATTEMPTS = 5
_START_SECONDS = 60.0
_POLL_SECONDS = 0.02


class ServerError(Mistake):
    """An embedded server cannot run; the message says what to do next."""


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def hold_lock(path: Path) -> BinaryIO:
    """Hold `path` until the returned file is closed or this process ends.

    Raises BlockingIOError when another process holds it.
    """
    file = path.open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise
    return file


def die_with_parent(parent_pid: int | None = None) -> None:
    """From here on, this process is killed as soon as its parent is gone.

    Call it in the main thread, first thing. `parent_pid` is who the parent should be, for a child
    of the supervisor `int(os.environ[PARENT_PID])`; without it, the process that really started
    this one. Ends the process at once when that parent is gone already.
    """
    if parent_pid is None:
        started_by = multiprocessing.parent_process()
        # A parent that died before this line already left us to init, which never dies.
        parent_pid = started_by.pid if started_by and started_by.pid else os.getppid()
    if sys.platform == "linux":
        _die_by_kernel(_libc(), signal.SIGKILL, parent_pid)
    else:
        threading.Thread(target=_watch_parent, args=(parent_pid,), daemon=True).start()


def follow_parent() -> None:
    """Under `gateway up`, or a demo: end with whoever started us, however it ends."""
    parent = os.environ.get(PARENT_PID)
    if parent:
        die_with_parent(int(parent))


def spawn(
    argv: Iterable[str | Path],
    *,
    log: Path,
    env: Mapping[str, str],
    stdin: bytes = b"",
    cwd: Path | None = None,
    user: pwd.struct_passwd | None = None,
    death_signal: signal.Signals = signal.SIGKILL,
) -> subprocess.Popen[bytes]:
    """Start `argv` in a session of its own, with its output appended to `log`.

    On Linux the kernel sends it `death_signal` when its parent *thread* ends, hence only the main
    thread may spawn. `user` is whom it runs as, with none of the caller's groups.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("spawn() belongs in the main thread: the child dies with its thread")
    parent, libc = os.getpid(), _libc() if sys.platform == "linux" else None

    def before_exec() -> None:
        # Runs after the change of user, which would have cleared the signal.
        if libc is not None:
            _die_by_kernel(libc, death_signal, parent)

    with log.open("ab") as output:
        process = subprocess.Popen(
            [os.fspath(word) for word in argv],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=dict(env),
            start_new_session=True,
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
            preexec_fn=before_exec,
        )
    assert process.stdin is not None
    try:
        with process.stdin as pipe:
            pipe.write(stdin)
    except BrokenPipeError:
        pass  # It ended before it read; whoever waits for it learns why from the log.
    return process


def start_server(
    start: Callable[[int], subprocess.Popen[bytes]], answers: Callable[[int], bool], log: Path
) -> tuple[subprocess.Popen[bytes], int]:
    """Start a server on a free port, and once more on another when that one was taken meanwhile.

    Returns when `answers(port)` is true. Raises ServerError with the end of its log otherwise.
    """
    for _ in range(_PORT_ATTEMPTS):
        port = free_port()
        said_before = log.stat().st_size if log.exists() else 0
        process = start(port)
        if _await_answer(process, partial(answers, port)):
            return process, port
        said = log.read_bytes()[said_before:]
        if b"Address already in use" not in said:
            break
    tail = said.decode(errors="replace").strip()[-2000:]
    raise ServerError(f"an embedded server did not start; its log, {log}, ends with:\n{tail}")


def stop_process(
    process: subprocess.Popen[bytes], *signals: signal.Signals, patience: float
) -> None:
    """Send each signal in turn, with `patience` seconds to obey it, then SIGKILL."""
    for number in signals:
        process.send_signal(number)
        try:
            process.wait(patience)
            return
        except subprocess.TimeoutExpired:
            continue
    process.kill()
    process.wait()


def _await_answer(process: subprocess.Popen[bytes], answers: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        try:
            process.wait(_POLL_SECONDS)
            return False
        except subprocess.TimeoutExpired:
            if answers():
                return True
    stop_process(process, patience=0)
    return False


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _die_by_kernel(libc: ctypes.CDLL, number: signal.Signals, parent_pid: int) -> None:
    if libc.prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    # The parent may have died before the kernel knew that it matters.
    if os.getppid() != parent_pid:
        os.kill(os.getpid(), signal.SIGKILL)


def _watch_parent(parent_pid: int) -> None:
    never = threading.Event()
    while os.getppid() == parent_pid:
        never.wait(0.5)
    os.kill(os.getpid(), signal.SIGKILL)
