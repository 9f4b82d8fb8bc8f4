"""The one door out, against real sockets: what an error means, and where a fetch never goes."""

import contextlib
import datetime
import re
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.errors import OutcomeUnknown, ProviderError, Refused, TryAgain
from gateway.http_client import HttpClient
from gateway.outbound_guard import is_public

Handler = Callable[[socket.socket], None]


class Server:
    """A loopback server that answers each connection, after its request, by `handler`."""

    def __init__(self, handler: Handler, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self._handler = handler
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/"
        self.allowed = frozenset({f"127.0.0.1:{self.port}", f"localhost:{self.port}"})
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        # A client that hangs up, as many tests want it to, ends the handler.
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.enter_context(connection)
            if self._tls is not None:
                connection = stack.enter_context(
                    self._tls.wrap_socket(connection, server_side=True)
                )
            self.requests.append(_whole_request(connection))
            self._handler(connection)


def _whole_request(connection: socket.socket) -> bytes:
    """A request may come in several pieces, its body after its head."""
    request = b""
    while piece := connection.recv(65536):
        request += piece
        head, end, body = request.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head.lower())
        if end and len(body) >= (int(length[1]) if length else 0):
            break
    return request


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    started: list[Server] = []

    def start(handler: Handler, tls: ssl.SSLContext | None = None) -> Server:
        started.append(Server(handler, tls))
        return started[-1]

    yield start
    for server in started:
        server.close()


def says(answer: bytes) -> Handler:
    return lambda connection: connection.sendall(answer)


def ok(body: bytes, *headers: str) -> bytes:
    lines = ["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


class TestRequest:
    def test_a_refused_connection_may_be_tried_again(self) -> None:
        with pytest.raises(TryAgain, match="No connection to 127"):
            HttpClient().request("POST", f"http://127.0.0.1:{free_port()}/", json={})

    def test_a_name_without_an_address_may_be_tried_again(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def nowhere(*_: Any, **__: Any) -> Any:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")

        monkeypatch.setattr(socket, "getaddrinfo", nowhere)
        with pytest.raises(TryAgain):
            HttpClient().request("POST", "http://supplier.test/", json={})

    def test_a_reset_after_the_request_leaves_the_outcome_open(
        self, serve: Callable[..., Server]
    ) -> None:
        server = serve(reset)

        with pytest.raises(OutcomeUnknown):
            HttpClient().request("POST", server.url, json={"order": 1})
        assert b'{"order": 1}' in b"".join(server.requests)

    def test_silence_leaves_the_outcome_open(self, serve: Callable[..., Server]) -> None:
        server = serve(lambda connection: time.sleep(3))
        began = time.monotonic()

        with pytest.raises(OutcomeUnknown, match="did not answer in time"):
            HttpClient(read_seconds=0.2).request("POST", server.url, json={})
        assert time.monotonic() - began < 2

    @pytest.mark.parametrize("part", [b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal", b"HT"])
    def test_half_an_answer_leaves_the_outcome_open(
        self, serve: Callable[..., Server], part: bytes
    ) -> None:
        with pytest.raises(OutcomeUnknown):
            HttpClient().request("POST", serve(says(part)).url, json={})

    def test_a_redirect_is_an_answer(self, serve: Callable[..., Server]) -> None:
        server = serve(says(b"HTTP/1.1 302 F\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n"))

        assert HttpClient().request("GET", server.url).status_code == 302
        assert len(server.requests) == 1

    def test_the_environment_names_no_proxy(
        self, serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
        monkeypatch.setenv("NO_PROXY", "")

        assert HttpClient().request("GET", serve(says(ok(b"x"))).url).content == b"x"

    @pytest.mark.parametrize("url", ["http://[", "ftp://127.0.0.1/", "no address", "http://"])
    def test_what_is_no_address_is_refused(self, url: str) -> None:
        with pytest.raises(Refused):
            HttpClient().request("GET", url)


HOSTILE = [
    "http://127.0.0.1:{port}/",
    "http://localhost:{port}/",
    "http://2130706433:{port}/",
    "http://0x7f000001:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://127.1:{port}/",
    "http://0.0.0.0:{port}/",
    "http://user:secret@127.0.0.1:{port}/",
    "http://[::1]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://[::ffff:10.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[fe80::1]/",
    "http://[fd00::1]/",
    "http://169.254.169.254/latest/meta-data/",
    "https://10.0.0.1/",
    "http://100.64.0.1/",
    "http://192.168.1.1/",
    "http://224.0.0.1/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:{port}/",
    "http://127.0.0.1:99999/",
    "//127.0.0.1:{port}/",
    "http://[",
    "http://" + "a" * 70 + "/",
]


class TestFetch:
    @pytest.mark.parametrize("pattern", HOSTILE)
    def test_never_reaches_into_our_network(
        self, serve: Callable[..., Server], pattern: str
    ) -> None:
        server = serve(says(ok(b"inside")))

        with pytest.raises(Refused) as caught:
            HttpClient().fetch(pattern.format(port=server.port), limit=100)
        assert (caught.value.code, caught.value.who) == ("bad_url", "client")
        assert server.connections == 0

    def test_connects_to_the_address_it_checked(
        self, serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A name that is public when looked at and private when looked at again."""
        server = serve(says(ok(b"inside")))
        answers = iter(["8.8.8.8", "127.0.0.1", "127.0.0.1", "127.0.0.1"])
        looked_up, connected = [], []
        real = socket.getaddrinfo

        def rebinding(host: str, *args: Any, **kwargs: Any) -> Any:
            if host != "rebind.test":
                return real(host, *args, **kwargs)
            looked_up.append(host)
            return real(next(answers), *args, **kwargs)

        def connect(self: socket.socket, address: Any) -> None:
            connected.append(address)
            raise ConnectionRefusedError

        monkeypatch.setattr(socket, "getaddrinfo", rebinding)
        monkeypatch.setattr(socket.socket, "connect", connect)

        with pytest.raises(TryAgain):
            HttpClient().fetch(f"http://rebind.test:{server.port}/", limit=100)
        assert looked_up == ["rebind.test"]
        assert connected == [("8.8.8.8", server.port)]

    def test_one_private_address_among_public_ones_is_enough(
        self, serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        server = serve(says(ok(b"inside")))
        real = socket.getaddrinfo
        monkeypatch.setattr(
            socket,
            "getaddrinfo",
            lambda host, *args, **kwargs: [
                found
                for address in ("8.8.8.8", "127.0.0.1")
                for found in real(address, *args, **kwargs)
            ],
        )

        with pytest.raises(Refused):
            HttpClient().fetch(f"http://mixed.test:{server.port}/", limit=100)
        assert server.connections == 0

    def test_follows_no_redirect(self, serve: Callable[..., Server]) -> None:
        target = serve(says(ok(b"inside")))
        moved = f"HTTP/1.1 302 F\r\nLocation: {target.url}\r\nContent-Length: 0\r\n\r\n"
        server = serve(says(moved.encode()))

        with pytest.raises(Refused, match="answered 302"):
            HttpClient(private_hosts=server.allowed | target.allowed).fetch(server.url, limit=9)
        assert target.connections == 0

    def test_an_allowed_private_host_is_allowed_on_its_port_only(
        self, serve: Callable[..., Server]
    ) -> None:
        server, other = serve(says(ok(b"logo"))), serve(says(ok(b"inside")))
        client = HttpClient(private_hosts=server.allowed)

        assert client.fetch(server.url, limit=4) == b"logo"
        assert b"Host: 127.0.0.1:" in server.requests[0]
        with pytest.raises(Refused):
            client.fetch(other.url, limit=100)
        with pytest.raises(Refused):
            client.fetch(f"http://127.0.0.1:{server.port}@127.0.0.1:{other.port}/", limit=100)
        with contextlib.suppress(ProviderError):
            client.fetch(f"http://127.0.0.1:{server.port}\\@127.0.0.1:{other.port}/", limit=100)
        assert other.connections == 0

    def test_an_allowed_private_host_may_be_allowed_on_all_its_ports(
        self, serve: Callable[..., Server]
    ) -> None:
        server, other = serve(says(ok(b"logo"))), serve(says(ok(b"logo")))
        client = HttpClient(private_hosts=frozenset({"127.0.0.1:*"}))

        assert client.fetch(server.url, limit=4) == client.fetch(other.url, limit=4) == b"logo"
        client.check(server.url)
        with pytest.raises(Refused):
            client.check(f"http://127.0.0.2:{server.port}/")

    def test_reads_no_more_than_the_limit(self, serve: Callable[..., Server]) -> None:
        sent, hung_up = [], threading.Event()

        def endless(connection: socket.socket) -> None:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n")
            with contextlib.suppress(OSError):
                while True:
                    sent.append(connection.send(b"x" * 65536))
            hung_up.set()

        server = serve(endless)

        with pytest.raises(Refused) as caught:
            HttpClient(private_hosts=server.allowed).fetch(server.url, limit=1000)
        assert caught.value.code == "too_large"
        assert hung_up.wait(5)
        assert sum(sent) < 32 * 1_048_576  # what the kernel's buffers may take

    def test_chunked_bodies_are_read_whole(self, serve: Callable[..., Server]) -> None:
        answer = (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
        )
        server = serve(says(answer))
        client = HttpClient(private_hosts=server.allowed)

        assert client.fetch(server.url, limit=5) == b"abcde"
        with pytest.raises(Refused, match="over 4 bytes"):
            client.fetch(server.url, limit=4)

    @pytest.mark.parametrize(
        ("first", "drop"),
        [
            (b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b"x"),
            (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x"),
            (b"", b"H"),
        ],
    )
    def test_takes_no_longer_than_allowed_however_it_trickles(
        self, serve: Callable[..., Server], first: bytes, drop: bytes
    ) -> None:
        def trickle(connection: socket.socket) -> None:
            connection.sendall(first)
            for _ in range(100):
                connection.sendall(drop)
                time.sleep(0.05)

        server = serve(trickle)
        client = HttpClient(private_hosts=server.allowed, fetch_seconds=0.4)
        began = time.monotonic()

        with pytest.raises(TryAgain):
            client.fetch(server.url, limit=10_000)
        assert time.monotonic() - began < 2

    def test_half_a_file_is_not_a_file(self, serve: Callable[..., Server]) -> None:
        server = serve(says(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhal"))

        with pytest.raises(TryAgain):
            HttpClient(private_hosts=server.allowed).fetch(server.url, limit=100)

    def test_compressed_answers_are_refused(self, serve: Callable[..., Server]) -> None:
        server = serve(says(ok(b"\x1f\x8b", "Content-Encoding: gzip")))

        with pytest.raises(Refused, match="compressed"):
            HttpClient(private_hosts=server.allowed).fetch(server.url, limit=100)
        assert b"Accept-Encoding: identity" in server.requests[0]

    def test_nobody_there_may_be_tried_again(self) -> None:
        port = free_port()

        with pytest.raises(TryAgain):
            HttpClient(private_hosts=frozenset({f"127.0.0.1:{port}"})).fetch(
                f"http://127.0.0.1:{port}/", limit=9
            )

    def test_tls_proves_the_name_and_not_the_address(
        self,
        serve: Callable[..., Server],
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        certificate = _certificate_for("localhost", tmp_path)
        names: list[str | None] = []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        context.sni_callback = lambda _, name, __: names.append(name)
        server = serve(says(ok(b"logo")), context)
        client = HttpClient(private_hosts=server.allowed)
        url = f"https://localhost:{server.port}/"

        with pytest.raises(TryAgain):
            client.fetch(url, limit=100)  # nobody vouches for this certificate yet
        with pytest.raises(TryAgain):
            client.request("POST", url, json={})

        monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(certificate))
        assert client.fetch(url, limit=100) == b"logo"
        assert set(names) == {"localhost"}
        with pytest.raises(TryAgain):
            client.fetch(url.replace("localhost", "127.0.0.1"), limit=100)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("100.127.255.255", False),
        ("198.18.0.1", False),
        ("239.1.1.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::8.8.8.8", False),
        ("::ffff:8.8.8.8", False),
        ("64:ff9b::808:808", False),
        ("64:ff9b:1::a00:1", False),
        ("2001:0:7f00:1::", False),
        ("2001:db8::1", False),
        ("fec0::1", False),
        ("fe80::1%1", False),
        ("ff02::1", False),
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public


def _certificate_for(name: str, folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return file
