"""Named tasks that run later; a restarted sandbox still owes them."""

from collections.abc import Callable, Mapping
from typing import Any

from gateway.sandbox.agenda import Agenda
from gateway.sandbox.contract import Store

Task = Callable[[dict[str, Any]], None]


class Timers:
    """Runs registered tasks one after the other, each at least once, after real seconds."""

    def __init__(self, store: Store) -> None:
        self._tasks: dict[str, Task] = {}
        self._agenda = Agenda(store, "timer", self._run, threads=1)
        self.start = self._agenda.start
        self.close = self._agenda.close

    def on(self, task: str, run: Task) -> None:
        """Name a task. A name stands for one task only."""
        if task in self._tasks:
            raise ValueError(f"the sandbox task {task!r} is registered twice")
        self._tasks[task] = run

    def later(self, seconds: float, task: str, payload: Mapping[str, Any]) -> None:
        """Run the task after so many real seconds with this JSON payload."""
        if task not in self._tasks:
            raise ValueError(f"nobody registered the sandbox task {task!r}")
        self._agenda.add(seconds, {"task": task, "payload": dict(payload)})

    def _run(self, document: dict[str, Any]) -> None:
        self._tasks[document["task"]](document["payload"])
