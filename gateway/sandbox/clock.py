"""The sandbox's clock, which the gateway's policies follow."""

import json
import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path


class SandboxClock:
    """Real time plus an offset; the offset is kept in a file that the gateway's processes read."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._lock = threading.Lock()
        self.offset_seconds = 0.0
        if file and file.exists():
            self.offset_seconds = float(json.loads(file.read_text())["offset_seconds"])

    def now(self) -> datetime:
        """The time in the sandbox, UTC."""
        return datetime.now(UTC) + timedelta(seconds=self.offset_seconds)

    def advance(self, seconds: float) -> None:
        """Move on by so many seconds, for ever."""
        with self._lock:
            offset = self.offset_seconds + seconds
            if self._file:
                draft = self._file.with_name(f"{self._file.name}.draft")
                draft.write_text(json.dumps({"offset_seconds": offset}))
                os.replace(draft, self._file)
            self.offset_seconds = offset
