"""The simulated Meta on a loopback port, with somebody who listens to its webhooks and calls."""

import queue
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import requests
from flask import Blueprint
from werkzeug.routing import MapAdapter

from gateway.http_client import HttpClient
from gateway.plugin_api import Carrier, Change, Simulator
from gateway.sandbox.app import create_sandbox
from gateway.sandbox.world import SandboxWorld
from plugins.whatsapp_cloud.connector import WhatsAppCloudConnector
from plugins.whatsapp_cloud.messaging import WhatsAppCloudMessaging
from plugins.whatsapp_cloud.registrar import WhatsAppCloudRegistrar
from tests.harness import served

PORTFOLIO = "1100000000000001"
WABA, OTHER_WABA = "2200000000000001", "2200000000000002"
FOREIGN_WABA = "2200000000000009"  # of another portfolio
LINE, OTHER_LINE = "+212520000001", "+212520000002"
PERSON, OTHER_PERSON = "+212600000001", "+212600000002"
WAIT_SECONDS = 60.0
Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Operator(Simulator, Carrier):
    """Carries every number, and remembers what it heard."""

    mount = "operator"
    supplier = "operator"

    def __init__(self, world: Any) -> None:
        super().__init__(world)
        self.heard: queue.Queue[tuple[str, str]] = queue.Queue()

    def blueprint(self) -> Blueprint:
        return Blueprint("operator", __name__)

    def carries(self, phone_number: str) -> bool:
        return True

    def take_call(self, to: str, *, caller: str, speech: str) -> None:
        self.heard.put((to, speech))

    def take_text(self, to: str, *, sender: str, body: str) -> bool:
        self.heard.put((to, body))
        return True

    def ledger(self) -> list[dict[str, Any]]:
        return []


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One call as it crossed the wire."""

    method: str
    path: str
    query: str
    content_type: str
    sent: bytes
    status: int
    answered: bytes


@dataclass
class Recorder:
    """A WSGI middleware that keeps every exchange."""

    app: Wsgi
    exchanges: list[Exchange] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        sent = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = BytesIO(sent)
        statuses: list[str] = []

        def starting(status: str, *rest: Any) -> Any:
            statuses.append(status)
            return start_response(status, *rest)

        answered = b"".join(self.app(environ, starting))
        self.exchanges.append(
            Exchange(
                method=environ["REQUEST_METHOD"],
                path=environ["PATH_INFO"],
                query=environ.get("QUERY_STRING", ""),
                content_type=environ.get("CONTENT_TYPE", ""),
                sent=sent,
                status=int(statuses[-1].split()[0]),
                answered=answered,
            )
        )
        return [answered]


@dataclass(frozen=True, kw_only=True)
class Loopback:
    """A running sandbox and the adapter that talks to it."""

    world: SandboxWorld
    url: str
    operator: Operator
    webhooks: queue.Queue[tuple[bytes, dict[str, str]]]
    received: list[bytes]  # all that `webhooks` ever held
    recorder: Recorder
    routes: MapAdapter
    connector: WhatsAppCloudConnector
    registrar: WhatsAppCloudRegistrar
    messaging: WhatsAppCloudMessaging

    def call(self, method: str, path: str, **request: Any) -> requests.Response:
        """One call of the Graph API as anybody could make it."""
        token = self.registrar.settings["access_token"]
        headers = {"Authorization": f"Bearer {token}"} | request.pop("headers", {})
        version = request.pop("version", "v25.0")
        url = f"{self.url}/graph/{version}/{path}"
        return requests.request(method, url, headers=headers, timeout=WAIT_SECONDS, **request)

    def panel(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """One call of the control panel."""
        url = f"{self.url}/sandbox/{path}"
        answer = requests.request(method, url, json=body, timeout=WAIT_SECONDS)
        answer.raise_for_status()
        return answer.json()

    def next_change(self, wanted: Callable[[Change], bool]) -> Change:
        """The next change of a genuine webhook that is wanted; others are passed over."""
        while True:
            body, headers = self.webhooks.get(timeout=WAIT_SECONDS)
            assert self.messaging.is_genuine(body, headers)
            for change in self.messaging.split(body):
                if wanted(change):
                    return change

    def connect(self, *, waba_id: str = WABA, phone: str = LINE, name: str = "Atlas") -> str:
        """A registered number of a subscribed WABA; its phone_number_id."""
        self.registrar.subscribe(waba_id)
        number_id = self.registrar.add(waba_id=waba_id, phone_number=phone, display_name=name)
        self.registrar.request_code(number_id, method="SMS", language="en_US")
        _, text = self.operator.heard.get(timeout=WAIT_SECONDS)
        self.registrar.verify_code(number_id, digits_in(text))
        self.registrar.register(number_id, pin="135790")
        return number_id


def digits_in(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


@contextmanager
def loopback(
    *, approve_after_seconds: float = 0.0, number_limit: int = 20, state_file: Path | None = None
) -> Iterator[Loopback]:
    """Run the simulated Meta until the block ends."""
    webhooks: queue.Queue[tuple[bytes, dict[str, str]]] = queue.Queue()
    received: list[bytes] = []
    secrets = {
        "app_id": "990000000000001",
        "app_secret": "loopback-app-secret",
        "access_token": "loopback-token",
        "verify_token": "loopback-verify-token",
    }
    settings: Any = SimpleNamespace(
        sandbox=SimpleNamespace(approve_after_seconds=approve_after_seconds, clock_file=""),
        providers={"whatsapp-cloud": secrets},
        provisioning=SimpleNamespace(
            portfolios=[
                SimpleNamespace(id=PORTFOLIO, wabas=(WABA, OTHER_WABA), number_limit=number_limit),
                SimpleNamespace(id="1100000000000002", wabas=(FOREIGN_WABA,), number_limit=1),
            ]
        ),
    )
    app = create_sandbox(
        settings,
        ["plugins.whatsapp_cloud.simulator:GraphSimulator", "tests.meta.loopback:Operator"],
        gateway_url="",
        sandbox_url="",
        state_file=state_file,
    )
    world: SandboxWorld = app.extensions["sandbox"]
    recorder = Recorder(app.wsgi_app)
    with (
        served(_listener(webhooks, received)) as (gateway_url, _),
        served(recorder) as (sandbox_url, _),
    ):
        world.gateway_url, world.sandbox_url = gateway_url, sandbox_url
        world.start()
        adapter = secrets | {"graph_url": f"{sandbox_url}/graph", "version": "v25.0"}
        (operator,) = world.carriers()
        assert isinstance(operator, Operator)
        try:
            yield Loopback(
                world=world,
                url=sandbox_url,
                operator=operator,
                webhooks=webhooks,
                received=received,
                recorder=recorder,
                routes=app.url_map.bind("loopback"),
                connector=WhatsAppCloudConnector(adapter, HttpClient()),
                registrar=WhatsAppCloudRegistrar(adapter, HttpClient()),
                messaging=WhatsAppCloudMessaging(
                    adapter,
                    HttpClient(private_hosts=frozenset({sandbox_url.removeprefix("http://")})),
                ),
            )
        finally:
            world.close()


def _listener(webhooks: queue.Queue[tuple[bytes, dict[str, str]]], received: list[bytes]) -> Wsgi:
    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        received.append(body)
        signature = environ.get("HTTP_X_HUB_SIGNATURE_256", "")
        assert environ["PATH_INFO"] == "/webhooks/whatsapp"
        webhooks.put((body, {"x-hub-signature-256": signature}))
        start_response("200 OK", [])
        return []

    return app
