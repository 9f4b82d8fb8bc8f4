"""The one door out: pooled, timed, and with errors that say whether the call may have worked."""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, MaxRetryError, NewConnectionError

from gateway.errors import OutcomeUnknown, Refused, SlowDown, TryAgain
from gateway.outbound_guard import (
    GuardedAdapter,
    GuardedCall,
    addresses_of,
    is_named,
    is_private_by_name,
    not_public,
)

CONNECT_SECONDS = 3.0
READ_SECONDS = 9.0  # below the 15 s of a work lease: whoever takes over finds the call ended
FETCH_SECONDS = 12.0  # for all of a fetch, for the same reason
PUSH_SECONDS = 15.0  # for all of a push: what receivers are promised
_PORTS = {"http": 80, "https": 443}
_NEVER_LEFT = (NewConnectionError, ssl.SSLCertVerificationError)


class HttpClient:
    """A pooled session without redirects, proxies or ambient credentials. Safe across threads.

    `private_hosts` are `host:port` pairs, or `host:*`, that `fetch` and `push` may call although
    private.
    """

    def __init__(
        self,
        *,
        pool: int = 64,
        private_hosts: frozenset[str] = frozenset(),
        read_seconds: float = READ_SECONDS,
        fetch_seconds: float = FETCH_SECONDS,
        push_seconds: float = PUSH_SECONDS,
    ) -> None:
        self._session = requests.Session()
        self._session.trust_env = False
        adapter = HTTPAdapter(pool_connections=8, pool_maxsize=pool)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)
        self._private_hosts = private_hosts
        self._timeout = (CONNECT_SECONDS, read_seconds)
        self._fetch_seconds = fetch_seconds
        self._push_seconds = push_seconds

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        json: Any = None,
        data: Any = None,
        files: Any = None,
        auth: tuple[str, str] | None = None,
    ) -> requests.Response:
        """One call. SlowDown: it never left. OutcomeUnknown: it may have been carried out."""
        try:
            return self._session.request(
                method,
                url,
                headers=dict(headers or {}),
                params=params,
                json=json,
                data=data,
                files=files,
                auth=auth,
                timeout=self._timeout,
                allow_redirects=False,
            )
        except requests.exceptions.ConnectTimeout as error:
            raise _unreachable(url) from error
        except requests.exceptions.Timeout as error:
            raise OutcomeUnknown("no_answer", f"{_host(url)} did not answer in time.") from error
        except (
            requests.exceptions.ConnectionError,
            requests.exceptions.ChunkedEncodingError,
            requests.exceptions.ContentDecodingError,
        ) as error:
            if _never_left(error):
                raise _unreachable(url) from error
            raise OutcomeUnknown("no_answer", f"{_host(url)} broke the connection.") from error
        except (requests.exceptions.RequestException, ValueError) as error:
            raise Refused("bad_request", f"The request to {_host(url)} is invalid.") from error

    def fetch(
        self,
        url: str,
        *,
        limit: int,
        headers: Mapping[str, str] | None = None,
        seconds: float | None = None,
    ) -> bytes:
        """What somebody's URL holds, up to `limit` bytes; never an address inside our network.

        Refused `bad_url` or `too_large`, which the client must mend; TryAgain for all else.
        """
        with self._guarded(url, seconds or self._fetch_seconds) as session:
            return self._read(session, url, limit, headers or {})

    def push(self, url: str, *, body: bytes, headers: Mapping[str, str]) -> int:
        """Post to a customer's URL; the status it answers. Never an address inside our network.

        Refused `bad_url`; TryAgain for all else: it may have arrived, and is known by its headers.
        """
        with (
            self._guarded(url, self._push_seconds) as session,
            session.post(
                url,
                data=body,
                headers=dict(headers),
                timeout=(CONNECT_SECONDS, self._push_seconds),
                allow_redirects=False,
                stream=True,  # whatever it says beyond the status is not read
            ) as response,
        ):
            return response.status_code

    def check(self, url: str) -> None:
        """Raise what `push` would before it connects. Only private hosts do without TLS."""
        addresses_of(*self.judge(url), self._private_hosts)

    def judge(self, url: str) -> tuple[str, int]:
        """Its host and port. Refused `bad_url` where the form alone says so: nothing is asked."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        except (KeyError, ValueError) as error:
            raise Refused("bad_url", f"{url!r} is not an https address.", who="client") from error
        if "@" in parts.netloc:
            raise Refused("bad_url", "Leave user and password out of the address.", who="client")
        if is_named(host, port, self._private_hosts):
            return host, port
        if parts.scheme == "http":
            raise Refused("bad_url", f"{url!r} is not an https address.", who="client")
        if is_private_by_name(host):
            raise not_public(host)
        return host, port

    @contextmanager
    def _guarded(self, url: str, seconds: float) -> Iterator[requests.Session]:
        """A session of its own for one call: nothing of a stranger's server is kept or shared."""
        guard = GuardedCall(seconds=seconds, private_hosts=self._private_hosts)
        with guard as call, requests.Session() as session:
            session.trust_env = False
            session.mount("http://", GuardedAdapter(call))
            session.mount("https://", GuardedAdapter(call))
            try:
                yield session
            except ValueError as error:
                raise Refused(
                    "bad_url", f"{url!r} is not an http or https address.", who="client"
                ) from error
            except (requests.exceptions.RequestException, HTTPError) as error:
                raise TryAgain(
                    "no_answer", f"{_host(url)} gave no whole answer.", who="client"
                ) from error
            if call.ended:
                raise TryAgain("no_answer", f"{_host(url)} took too long.", who="client")

    def _read(
        self, session: requests.Session, url: str, limit: int, headers: Mapping[str, str]
    ) -> bytes:
        with session.get(
            url,
            headers={**headers, "Accept-Encoding": "identity"},
            timeout=self._timeout,
            allow_redirects=False,
            stream=True,
        ) as response:
            if response.status_code != 200:
                raise Refused(
                    "bad_url",
                    f"{_host(url)} answered {response.status_code}; give the address of the file.",
                    provider_code=str(response.status_code),
                    who="client",
                )
            # Decoded, a few bytes could become gigabytes.
            if response.headers.get("Content-Encoding", "identity") != "identity":
                raise Refused("bad_url", f"{_host(url)} answers compressed.", who="client")
            body = bytearray()
            # Only the read after the last byte tells a whole body from one that broke off.
            while len(body) <= limit and (
                more := response.raw.read(limit + 1 - len(body), decode_content=False)
            ):
                body += more
        if len(body) > limit:
            raise Refused(
                "too_large", f"What {_host(url)} sent is over {limit} bytes.", who="client"
            )
        return bytes(body)


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc.rpartition("@")[2]
    except ValueError:
        return repr(url)


def _never_left(error: BaseException) -> bool:
    cause: object = error
    while isinstance(cause, BaseException):
        if isinstance(cause, _NEVER_LEFT):
            return True
        if isinstance(cause, MaxRetryError):
            cause = cause.reason
        else:
            cause = cause.args[0] if cause.args else None
    return False


def _unreachable(url: str) -> SlowDown:
    """Whatever else goes there would not arrive either."""
    return SlowDown("unreachable", f"No connection to {_host(url)}.", retry_after=5.0)
