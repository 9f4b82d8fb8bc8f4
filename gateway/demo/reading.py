"""Reading back: every claim of the demo names the request that its proof came from."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

import requests

T = TypeVar("T")
PATIENCE_SECONDS = 60.0
START_SECONDS = 120.0


@dataclass(frozen=True, kw_only=True)
class Claim:
    """Something that is true, and where it was read."""

    chapter: str
    text: str
    source: str


class BrokenClaim(Exception):
    """A claim that is not true."""

    def __init__(self, text: str, source: str, found: object) -> None:
        super().__init__(f"{text}\n  read from: {source}\n  found: {found}")
        self.text = text
        self.source = source
        self.found = found


class Api:
    """An HTTP API of which the last request can be named."""

    def __init__(self, base: str, key: str | None = None) -> None:
        self._base = base
        self._session = requests.Session()
        self._session.trust_env = False
        if key:
            self._session.headers["Authorization"] = f"Bearer {key}"
        self.last = ""

    def get(self, path: str) -> Any:
        status, answer = self._call("GET", path, None, None)
        if status >= 400:
            raise BrokenClaim(f"GET {path} is answered", self.last, answer)
        return answer

    def post(self, path: str, body: Any = None, files: Any = None, data: Any = None) -> Any:
        status, answer = self._call("POST", path, body, files, data)
        if status >= 400:
            raise BrokenClaim(f"POST {path} is accepted", self.last, answer)
        return answer

    def put(self, path: str, body: Any) -> Any:
        return self._call("PUT", path, body, None)[1]

    def attempt(self, path: str, body: Any = None) -> tuple[int, Any]:
        """A POST that may be refused."""
        return self._call("POST", path, body, None)

    def status(self, path: str) -> int:
        return self._call("GET", path, None, None)[0]

    def _call(
        self, method: str, path: str, body: Any, files: Any, data: Any = None
    ) -> tuple[int, Any]:
        self.last = f"{method} {self._base}{path}"
        answer = self._session.request(
            method, self._base + path, json=body, files=files, data=data, timeout=20
        )
        return answer.status_code, answer.json() if answer.content else None


def phone_path(phone: str) -> str:
    return f"/sandbox/phones/{quote(phone)}"


def eventually(
    read: Callable[[], T], good: Callable[[T], bool], patience: float | None = None
) -> T:
    """The first reading that is good, or the last one when patience ends.

    It looks often at first and then ever less: reading is work for who is waited for.
    """
    began = time.monotonic()
    while True:
        found = read()
        waited = time.monotonic() - began
        if good(found) or waited > (patience or PATIENCE_SECONDS):
            return found
        time.sleep(min(0.5, max(0.05, waited / 8)))
