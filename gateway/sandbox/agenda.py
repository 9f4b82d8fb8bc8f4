"""Documents that fall due: kept in the store, handed out when their time comes."""

import heapq
import itertools
import logging
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from gateway.sandbox.contract import Store

log = logging.getLogger(__name__)

Run = Callable[[dict[str, Any]], float | None]


class Agenda:
    """Runs each document at its real time, at least once, also after a restart.

    `run` gets the document and returns the seconds after which to run it again, with what it
    changed in it, or None when it is done. Documents due at the same time run in the order of
    arrival; with one thread, one after the other.
    """

    def __init__(self, store: Store, kind: str, run: Run, *, threads: int) -> None:
        self._store = store
        self._kind = kind
        self._run = run
        self._threads = [
            threading.Thread(target=self._work, name=f"sandbox-{kind}-{number}", daemon=True)
            for number in range(threads)
        ]
        self._changed = threading.Condition()
        self._arrival = itertools.count()
        self._due: list[tuple[float, int, str]] = []
        self._started = self._closed = False
        for key, entry in store.all(kind):
            heapq.heappush(self._due, (entry["due"], next(self._arrival), key))
        self._pending = len(self._due)

    def add(self, seconds: float, document: Mapping[str, Any]) -> None:
        """Remember the document; it is run after so many seconds."""
        with self._changed:
            self._pending += 1
        self._schedule(uuid.uuid4().hex, seconds, document)

    def start(self) -> None:
        """Begin to run what is due. Starting again does nothing."""
        with self._changed:
            if self._started:
                return
            self._started = True
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Stop after what is running now; what is left stays in the store."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    def pending(self) -> int:
        """How many documents are not done."""
        with self._changed:
            return self._pending

    def _schedule(self, key: str, seconds: float, document: Mapping[str, Any]) -> None:
        due = time.time() + seconds
        self._store.put(self._kind, key, {"due": due, "document": dict(document)})
        with self._changed:
            heapq.heappush(self._due, (due, next(self._arrival), key))
            self._changed.notify()

    def _work(self) -> None:
        while (key := self._next()) is not None:
            entry = self._store.get(self._kind, key)
            if entry is None:
                continue
            document = entry["document"]
            try:
                again = self._run(document)
            except Exception:
                log.exception("a sandbox %s failed and is dropped", self._kind)
                again = None
            if again is not None:
                self._schedule(key, again, document)
                continue
            self._store.delete(self._kind, key)
            with self._changed:
                self._pending -= 1

    def _next(self) -> str | None:
        with self._changed:
            while not self._closed:
                if not self._due:
                    self._changed.wait()
                elif (wait := self._due[0][0] - time.time()) > 0:
                    self._changed.wait(wait)
                else:
                    return heapq.heappop(self._due)[2]
        return None
