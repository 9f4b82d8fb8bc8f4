"""The one clock of policy: windows, holds, expiries, months. Leases use real time."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from flask import current_app

_GLANCE: Final = 1.0  # seconds; a clock that can be moved is looked at again and again


class Clock:
    """Real time, or real time plus what the sandbox's clock panel added."""

    def __init__(self, offset_file: Path | None = None) -> None:
        self._file = offset_file
        self._seen: tuple[tuple[int, int], timedelta] = ((0, 0), timedelta())

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset()

    def seconds_until(self, moment: datetime) -> float:
        left = max(0.0, (moment - self.now()).total_seconds())
        return left if self._file is None else min(left, _GLANCE)

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
    return _clock().now()


def seconds_until(moment: datetime) -> float:
    """Real seconds after which to look whether policy's time has come to this moment."""
    return _clock().seconds_until(moment)


def _clock() -> Clock:
    clock: Clock = current_app.extensions["clock"]
    return clock
