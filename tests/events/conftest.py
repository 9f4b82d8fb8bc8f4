"""A vendor with a client, its API, and a receiver of pushes on loopback."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.test import TestResponse
from werkzeug.wrappers import Request, Response

from gateway import outbox, workers
from gateway.database import platform, tenant
from gateway.events import service as events
from gateway.http_client import HttpClient
from gateway.tenancy import api_keys
from gateway.tenancy import service as tenancy
from tests.harness import served


@dataclass(frozen=True, kw_only=True)
class Pushed:
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(kw_only=True)
class Receiver:
    """Keeps what is pushed to it; answers by path, 204 unless told otherwise."""

    url: str = ""
    pushed: list[Pushed] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)
    then: Callable[[], None] = lambda: None

    def __call__(self, environ: Any, start: Any) -> Any:
        request = Request(environ)
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.pushed.append(Pushed(path=request.path, headers=headers, body=request.get_data()))
        self.then()
        status = self.answers.get(request.path, 204)
        return Response(status=status, headers={"Location": "/elsewhere"})(environ, start)

    def ids(self, path: str) -> list[str]:
        return [push.headers["webhook-id"] for push in self.pushed if push.path == path]


@dataclass(frozen=True, kw_only=True)
class Vendor:
    """A vendor of the app under test, what its clients do, and its API."""

    app: Flask
    vendor_id: str
    client_id: str
    key: str

    def call(self, method: str, path: str, body: Any = None) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.key}"}
        return self.app.test_client().open(path, method=method, json=body, headers=headers)

    def get(self, path: str) -> Any:
        response = self.call("GET", path)
        assert response.status_code == 200, response.text
        return response.json

    def post(self, path: str, body: Any = None) -> Any:
        response = self.call("POST", path, body)
        assert response.status_code < 300, response.text
        return response.json

    def endpoint(self, url: str, *types: str) -> Any:
        return self.post("/v1/webhook-endpoints", {"url": url, "events": types or ["*"]})

    def deliveries(self, endpoint: Any, query: str = "") -> list[Any]:
        path = f"/v1/webhook-endpoints/{endpoint['id']}/deliveries{query}"
        found: list[Any] = self.get(path)["data"]
        return found

    def happen(self, type_: str = "message.received", **data: Any) -> None:
        with self.app.app_context(), tenant(self.client_id) as session:
            events.record(session, self.client_id, type_, **data)

    def work(self) -> None:
        """Do all that is due now."""
        with self.app.app_context():
            while topics := outbox.due_topics():
                for topic in topics:
                    workers.drain(topic)

    def later(self) -> None:
        """The next attempt of every delivery is due, and made."""
        with self.app.app_context(), platform() as session:
            session.execute(text("UPDATE outbox SET due_at = now() WHERE topic = 'events.deliver'"))
        self.work()


def make_vendor(app: Flask) -> Vendor:
    with app.app_context():
        vendor_id = tenancy.create_vendor("Some vendor")
        values = {"name": "Atlas Logistics", "country": "MA"}
        return Vendor(
            app=app,
            vendor_id=vendor_id,
            client_id=tenancy.create_client(vendor_id, values).client_id,
            key=api_keys.make(vendor_id, "tests"),
        )


@pytest.fixture
def vendor(app: Flask) -> Vendor:
    return make_vendor(app)


@pytest.fixture
def other_vendor(app: Flask) -> Vendor:
    return make_vendor(app)


@pytest.fixture
def receiver(app: Flask) -> Iterator[Receiver]:
    receiver = Receiver()
    with served(receiver) as (url, _):
        receiver.url = url
        app.extensions["http"] = HttpClient(private_hosts=frozenset({url.removeprefix("http://")}))
        yield receiver
