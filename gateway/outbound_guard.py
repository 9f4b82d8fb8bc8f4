"""Calls an address that a stranger chose: never into our network, never longer than allowed."""

import ipaddress
import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from requests import PreparedRequest
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import ConnectionPool, HTTPConnectionPool, HTTPSConnectionPool

from gateway.errors import Refused, TryAgain

_CONNECT_SECONDS = 3.0
# Global unicast. What lies outside can carry a private IPv4 address (mapped, NAT64) or is local.
_UNICAST = ipaddress.IPv6Network("2000::/3")
_SIX_TO_FOUR = ipaddress.IPv6Network("2002::/16")  # carries an IPv4 address as well


class GuardedCall:
    """One call's way out: it connects only to an address it has checked, and ends in time.

    A timeout of a socket starts anew with each byte; this clock does not. Only the look-up of a
    name is outside of it: that one ends when the system's resolver gives up.
    """

    def __init__(self, *, seconds: float, private_hosts: frozenset[str]) -> None:
        self._ends = time.monotonic() + seconds
        self._private_hosts = private_hosts
        self._handle: socket.socket | None = None
        self._clock = threading.Timer(seconds, self._hang_up)
        self._clock.daemon = True
        self.ended = False

    def __enter__(self) -> Self:
        self._clock.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._clock.cancel()
        self._clock.join()
        if self._handle is not None:
            self._handle.close()

    def connect(self, host: str, port: int) -> socket.socket:
        """A connection to `host`. Refused unless every address it has is a public one."""
        for address in addresses_of(host, port, self._private_hosts):
            left = min(_CONNECT_SECONDS, self._ends - time.monotonic())
            if left <= 0:
                break
            with suppress(OSError):
                connection = socket.create_connection((address, port), left)
                # A handle of its own, for TLS takes the connection's socket over.
                self._handle = connection.dup()
                if self.ended:
                    self._hang_up()
                return connection
        raise TryAgain(
            "unreachable", f"No connection to {host_and_port(host, port)}; is it up?", who="client"
        )

    def _hang_up(self) -> None:
        self.ended = True
        if self._handle is not None:
            with suppress(OSError):
                self._handle.shutdown(socket.SHUT_RDWR)


class GuardedAdapter(HTTPAdapter):
    """Has a session's connections made by a guarded call; names stay names for TLS and Host."""

    def __init__(self, call: GuardedCall) -> None:
        self._call = call
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}

    def get_connection_with_tls_context(
        self,
        request: PreparedRequest,
        verify: bool | str | None,
        proxies: Mapping[str, str] | None = None,
        cert: tuple[str, str] | str | None = None,
    ) -> ConnectionPool:
        pool = super().get_connection_with_tls_context(request, verify, proxies, cert)
        if isinstance(pool, HTTPConnectionPool):
            pool.conn_kw["call"] = self._call
        return pool


class _Connection(HTTPConnection):
    def __init__(self, *args: Any, call: GuardedCall, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._call = call

    def _new_conn(self) -> socket.socket:
        return self._call.connect(self.host, self.port)


class _TlsConnection(HTTPSConnection):
    def __init__(self, *args: Any, call: GuardedCall, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._call = call

    def _new_conn(self) -> socket.socket:
        return self._call.connect(self.host, self.port)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


def addresses_of(host: str, port: int, private_hosts: frozenset[str]) -> list[str]:
    """The addresses of `host`. Refused unless all are public, or it is one of `private_hosts`."""
    addresses = _addresses(host, port)
    if not is_named(host, port, private_hosts) and not all(map(is_public, addresses)):
        raise not_public(host)
    return addresses


def not_public(host: str) -> Refused:
    return Refused("bad_url", f"{host} is not a public address; give one that is.", who="client")


def is_private_by_name(host: str) -> bool:
    """Whether it is seen without a look-up that it is inside our network."""
    name = host.rstrip(".").lower()
    if not name or name == "localhost" or name.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return not is_public(name)
    except ValueError:  # a name, no address
        return False


def is_named(host: str, port: int, private_hosts: frozenset[str]) -> bool:
    """Whether `private_hosts` names this port of the host, or by `*` each of its ports."""
    return bool(private_hosts & {host_and_port(host, port), host_and_port(host, "*")})


def host_and_port(host: str, port: int | str) -> str:
    """As the setting `http.private_hosts` writes it."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def is_public(address: str) -> bool:
    """Whether anybody on the internet could reach this very address, and only there."""
    parsed = ipaddress.ip_address(address)
    if isinstance(parsed, ipaddress.IPv6Address) and (
        parsed not in _UNICAST or parsed in _SIX_TO_FOUR
    ):
        return False
    return parsed.is_global and not parsed.is_multicast


def _addresses(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise Refused("bad_url", f"{host!r} is not a host name.", who="client") from error
    except OSError as error:
        raise TryAgain("unreachable", f"{host} has no address.", who="client") from error
    return [str(address[0]) for *_, address in found]
