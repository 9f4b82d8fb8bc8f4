"""The one clock of policy: windows, holds, expiries, months. Leases use real time."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import current_app


class Clock:
    """Real time, or real time plus what the sandbox's clock panel added."""

    def __init__(self, offset_file: Path | None = None) -> None:
        self._file = offset_file
        self._seen: tuple[tuple[int, int], timedelta] = ((0, 0), timedelta())

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset()

    def _offset(self) -> timedelta:
        if self._file is None:
            return timedelta()
        try:
            stat = self._file.stat()
        except FileNotFoundError:
            return timedelta()
        version = (stat.st_ino, stat.st_mtime_ns)  # each write is a file of its own
        if version != self._seen[0]:
            seconds = json.loads(self._file.read_text())["offset_seconds"]
            self._seen = (version, timedelta(seconds=seconds))
        return self._seen[1]


def now() -> datetime:
    """What time it is for policy, UTC."""
    clock: Clock = current_app.extensions["clock"]
    return clock.now()
