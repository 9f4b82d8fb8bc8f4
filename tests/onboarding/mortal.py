"""Worker processes to be killed: each a copy of one that is ready, so that many cost little."""

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection

from gateway import outbox, workers
from gateway.app import create_app
from gateway.database import disconnect
from gateway.settings import Settings

_FORKSERVER = multiprocessing.get_context("forkserver")


class Nursery:
    """Bears workers that drain the given topics until they are killed."""

    def __init__(self, wire: "Connection[str, int]") -> None:
        self._wire = wire

    def worker(self) -> int:
        """The process id of a worker that begins now."""
        self._wire.send("worker")
        return self._wire.recv()


def kill(pid: int) -> None:
    """Kill it and see it gone."""
    os.kill(pid, signal.SIGKILL)
    while True:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.002)


@contextmanager
def nursery(settings: Settings, topics: Sequence[str]) -> Iterator[Nursery]:
    ours, theirs = _FORKSERVER.Pipe()
    process = _FORKSERVER.Process(target=_bear, args=(theirs, settings, topics), daemon=True)
    process.start()
    theirs.close()
    try:
        yield Nursery(ours)
    finally:
        ours.close()
        process.join(10)


def _bear(wire: "Connection[int, str]", settings: Settings, topics: Sequence[str]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # who is killed leaves nothing behind
    app = create_app(settings)
    with app.app_context():
        disconnect()
        while True:
            try:
                wire.recv()
            except EOFError:
                return
            pid = os.fork()
            if pid == 0:
                wire.close()
                _work(topics)
            wire.send(pid)


def _work(topics: Sequence[str]) -> None:
    parent = os.getppid()
    try:
        while os.getppid() == parent:
            for topic in outbox.due_topics():
                if topic in topics:
                    workers.drain(topic)
            time.sleep(0.02)
    finally:
        os._exit(1)
