"""Documents by kind and key, in memory and written through to one SQLite file."""

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


class DocumentStore:
    """What the sandbox knows. Survives a kill of the process; safe across threads.

    Documents are JSON objects; what is handed out is a copy. Without a path nothing is kept.
    """

    def __init__(self, path: Path | None) -> None:
        self._lock = threading.Lock()
        self._kinds: dict[str, dict[str, str]] = {}
        self._file = sqlite3.connect(
            path or ":memory:", check_same_thread=False, isolation_level=None
        )
        # The system keeps what a killed process wrote; only a power cut could lose it.
        self._file.execute("PRAGMA synchronous=OFF")
        self._file.execute("PRAGMA journal_mode=WAL")
        self._file.execute(
            "CREATE TABLE IF NOT EXISTS document"
            " (position INTEGER PRIMARY KEY, kind TEXT, key TEXT, body TEXT, UNIQUE (kind, key))"
        )
        rows = self._file.execute("SELECT kind, key, body FROM document ORDER BY position")
        for kind, key, body in rows:
            self._kinds.setdefault(kind, {})[key] = body

    def get(self, kind: str, key: str) -> dict[str, Any] | None:
        """A copy of the document, or None."""
        with self._lock:
            body = self._kinds.get(kind, {}).get(key)
        return None if body is None else _load(body)

    def put(self, kind: str, key: str, document: Mapping[str, Any]) -> None:
        """Keep the document; one that is replaced keeps its place in the order."""
        body = json.dumps(dict(document), separators=(",", ":"))
        with self._lock:
            self._write(kind, key, body)

    def delete(self, kind: str, key: str) -> None:
        """Forget the document. Forgetting what is not there is not an error."""
        with self._lock:
            if self._kinds.get(kind, {}).pop(key, None) is not None:
                self._file.execute("DELETE FROM document WHERE kind=? AND key=?", (kind, key))

    def all(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """What there is at this moment, in the order of first insertion."""
        with self._lock:
            found = list(self._kinds.get(kind, {}).items())
        return ((key, _load(body)) for key, body in found)

    def next_number(self, sequence: str) -> int:
        """The next number of a named sequence, from 1."""
        with self._lock:
            number = self._last(sequence) + 1
            self._write("sequence", sequence, json.dumps({"last": number}))
        return number

    def last_number(self, sequence: str) -> int:
        """The number of a named sequence that was given last; 0 before the first."""
        with self._lock:
            return self._last(sequence)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._file.close()

    def _last(self, sequence: str) -> int:
        body = self._kinds.get("sequence", {}).get(sequence)
        return int(_load(body)["last"]) if body else 0

    def _write(self, kind: str, key: str, body: str) -> None:
        self._kinds.setdefault(kind, {})[key] = body
        self._file.execute(
            "INSERT INTO document (kind, key, body) VALUES (?, ?, ?)"
            " ON CONFLICT (kind, key) DO UPDATE SET body=excluded.body",
            (kind, key, body),
        )


def _load(body: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(body)
    return document
