"""A gateway under test: real PostgreSQL and Redis, simulators on real HTTP, work done inline."""

import base64
import hashlib
import hmac
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch

import psycopg
import requests
from click.testing import CliRunner, Result
from flask import Flask
from psycopg import sql

from gateway import migrations, outbox, roles, workers
from gateway.app import create_app
from gateway.cli import main
from gateway.database import disconnect
from gateway.embedded.postgres import EmbeddedPostgres
from gateway.embedded.redis import EmbeddedRedis
from gateway.roles import DatabaseUrls
from gateway.sandbox.app import create_sandbox
from gateway.sandbox.world import SandboxWorld
from gateway.settings import Settings, load_settings
from gateway.tenancy import api_keys
from gateway.tenancy import service as tenancy
from gateway.testing.serving import served
from tests.document import Document

T = TypeVar("T")
PATIENCE = 60.0

TEST_SETTINGS = {
    "GATEWAY_ENVIRONMENT": "sandbox",
    "GATEWAY_SECRETS__KEY": base64.b64encode(b"k" * 32).decode(),
    "GATEWAY_SANDBOX__STOCK": json.dumps({"MA": 500}),
    "GATEWAY_SANDBOX__APPROVE_AFTER_SECONDS": "0.05",
    "GATEWAY_ONBOARDING__POLL_SECONDS": "0.05",
    "GATEWAY_ONBOARDING__CODE_WAIT_SECONDS": "5",
    "GATEWAY_PROVIDERS__WHATSAPP_CLOUD__APP_ID": "3300000000000001",
    "GATEWAY_PROVIDERS__WHATSAPP_CLOUD__APP_SECRET": "test-app-secret",
    "GATEWAY_PROVIDERS__WHATSAPP_CLOUD__ACCESS_TOKEN": "test-graph-token",
    "GATEWAY_PROVIDERS__WHATSAPP_CLOUD__VERIFY_TOKEN": "test-verify-token",
    "GATEWAY_PROVIDERS__WHATSAPP_CLOUD__SIGNUP_CONFIG_ID": "4400000000000001",
    "GATEWAY_PROVIDERS__TWILIO__ACCOUNT_SID": "AC" + "1" * 32,
    "GATEWAY_PROVIDERS__TWILIO__AUTH_TOKEN": "test-twilio-token",
}


@dataclass(frozen=True, kw_only=True)
class Servers:
    """The database server (an administrator's URL) and the Redis of this test process."""

    admin_url: str
    redis_url: str


@contextmanager
def running_servers(
    database_url: str | None = None, redis_url: str | None = None
) -> Iterator[Servers]:
    """The given servers; embedded ones where none are given."""
    with open_folder() as folder, ExitStack() as running:
        before, tempfile.tempdir = tempfile.tempdir, str(folder)
        try:
            if not database_url:
                postgres = EmbeddedPostgres(folder)
                postgres.start()
                running.callback(postgres.stop)
                database_url = postgres.admin_url
            if not redis_url:
                redis = EmbeddedRedis(folder)
                redis.start()
                running.callback(redis.stop)
                redis_url = redis.url
        finally:
            tempfile.tempdir = before
        yield Servers(admin_url=database_url, redis_url=redis_url)


def migrated_database(servers: Servers, name: str) -> DatabaseUrls:
    """A database with the gateway's tables and roles, as the roles see it."""
    admin_url = create_database(servers, name)
    passwords = dict.fromkeys(("owner", "application", "router"), "test")
    urls = roles.establish(admin_url, passwords)
    app = create_app(settings_for(urls, servers.redis_url))
    with app.app_context():
        migrations.upgrade()
    dispose(app)
    return urls


def create_database(servers: Servers, name: str, template: str | None = None) -> str:
    """A database of its own, its administrator's URL."""
    with psycopg.connect(servers.admin_url, autocommit=True) as connection:
        database = sql.Identifier(name)
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(database))
        query = sql.SQL("CREATE DATABASE {}").format(database)
        if template:
            query += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
        connection.execute(query)
    return in_database(servers.admin_url, name)


def drop_database(servers: Servers, name: str) -> None:
    with psycopg.connect(servers.admin_url, autocommit=True) as connection:
        connection.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )


def empty(servers: Servers, urls: DatabaseUrls) -> None:
    """Take every row out of a database's tables, but for the versions of the tables themselves."""
    admin_url = in_database(servers.admin_url, urls.owner.rpartition("/")[2])
    with psycopg.connect(admin_url) as connection:
        connection.execute("SET session_replication_role = replica")  # in whatever order
        found = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            " AND tablename NOT LIKE 'alembic_version%'"
        )
        for (table,) in found.fetchall():
            connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))


@contextmanager
def copied_database(servers: Servers, template: DatabaseUrls, name: str) -> Iterator[DatabaseUrls]:
    """A fresh database, as the three roles see it."""
    create_database(servers, name, template=template.owner.rpartition("/")[2])
    try:
        yield DatabaseUrls(
            application=in_database(template.application, name),
            owner=in_database(template.owner, name),
            router=in_database(template.router, name),
        )
    finally:
        drop_database(servers, name)


def in_database(url: str, name: str) -> str:
    return f"{url.rpartition('/')[0]}/{name}"


def settings_for(
    urls: DatabaseUrls, redis_url: str, extra: Mapping[str, str] | None = None
) -> Settings:
    return load_settings(environment_for(urls, redis_url, extra))


def environment_for(
    urls: DatabaseUrls, redis_url: str, extra: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The environment that a gateway under test has its settings from."""
    return {
        **TEST_SETTINGS,
        "GATEWAY_DATABASE__URL": urls.application,
        "GATEWAY_DATABASE__OWNER_URL": urls.owner,
        "GATEWAY_DATABASE__ROUTER_URL": urls.router,
        "GATEWAY_REDIS__URL": redis_url,
        **(extra or {}),
    }


@dataclass(kw_only=True)
class Gateway:
    """One gateway with its simulated world, driven over HTTP; its jobs run when asked to."""

    app: Flask
    sandbox: Flask
    url: str
    sandbox_url: str
    api_key: str
    vendor_id: str
    environment: Mapping[str, str] = field(repr=False)
    session: requests.Session = field(default_factory=requests.Session)
    commands_apps: list[tuple[Settings, Flask]] = field(default_factory=list, repr=False)

    @cached_property
    def document(self) -> Document:
        """What the API says of itself; every answer that a test asks for is held against it."""
        return Document(self.app)

    @property
    def world(self) -> SandboxWorld:
        world: SandboxWorld = self.sandbox.extensions["sandbox"]
        return world

    def request(
        self, method: str, path: str, body: Any = None, *, key: str | None = None, **options: Any
    ) -> requests.Response:
        headers = {"Authorization": f"Bearer {key or self.api_key}", **options.pop("headers", {})}
        answer = self.session.request(
            method, self.url + path, json=body, headers=headers, timeout=30, **options
        )
        self.document.check(answer)
        return answer

    def get(self, path: str) -> Any:
        return _good(self.request("GET", path))

    def post(self, path: str, body: Any = None, **options: Any) -> Any:
        return _good(self.request("POST", path, body, **options))

    def panel(self, method: str, path: str, body: Any = None) -> Any:
        return _good(
            self.session.request(method, f"{self.sandbox_url}/sandbox{path}", json=body, timeout=30)
        )

    def run(self, *words: str) -> Result:
        """A command of the console script `gateway`, on this gateway. Commands of the same settings
        share an app: making one takes longer than most commands."""
        with patch("gateway.commands.running.create_app", self._commands_app):
            return CliRunner(env=self.environment).invoke(main, words)

    def _commands_app(self, settings: Settings) -> Flask:
        for known, app in self.commands_apps:
            if known == settings:
                return app
        self.commands_apps.append((settings, create_app(settings)))
        return self.commands_apps[-1][1]

    def work(self) -> None:
        """Do all that is due now, as workers would."""
        with self.app.app_context():
            while topics := outbox.due_topics():
                for topic in topics:
                    workers.drain(topic)

    def until(
        self, read: Callable[[], T], good: Callable[[T], bool] = bool, *, working: bool = True
    ) -> T:
        """Work until what is read is good; fails with the last reading when patience ends.

        Not `working` where another thread does, which must not find its work taken.
        """
        for pause in pauses(PATIENCE):
            if working:
                self.work()
            found = read()
            if good(found):
                return found
            time.sleep(pause)
        raise AssertionError(f"still not so: {found}")

    def client(self, name: str = "Atlas Logistics", **values: Any) -> str:
        body = {"name": name, "country": "MA", "default_language": "en", **values}
        return str(self.post("/v1/clients", body)["id"])

    def recruiter(self, client: str, name: str = "Sara El Amrani") -> str:
        email = f"{name.lower().replace(' ', '.')}@example.com"
        path = f"/v1/clients/{client}/recruiters"
        return str(self.post(path, {"name": name, "email": email})["id"])

    def line(self, client: str, *, named: bool = True) -> Any:
        """An active line; with its name approved unless told otherwise."""
        made = self.post(f"/v1/clients/{client}/lines", {"case": "virtual-number"})
        path = f"/v1/clients/{client}/lines/{made['id']}"
        return self.until(
            lambda: self.get(path),
            lambda line: (
                line["status"] == "active"
                and (not named or line["display_name_status"] == "APPROVED")
            ),
        )

    def talk(
        self, client: str, line: str, recruiter: str, phone: str = "+212661000001", **candidate: Any
    ) -> Any:
        return self.post(
            f"/v1/clients/{client}/conversations",
            {
                "line_id": line,
                "recruiter_id": recruiter,
                "candidate": {"name": "Imane Tazi", "phone": phone, **candidate},
                "application_ref": "DRIVER-118",
            },
        )

    def phone(self, phone: str = "+212661000001") -> list[Any]:
        """What this person's phone received, in order."""
        messages: list[Any] = self.panel("GET", f"/phones/{phone}/messages")["data"]
        return messages

    def webhook(self, payload: Any) -> requests.Response:
        """Post a body as Meta signs it."""
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        secret = TEST_SETTINGS["GATEWAY_PROVIDERS__WHATSAPP_CLOUD__APP_SECRET"].encode()
        digest = hmac.new(secret, body, hashlib.sha256).hexdigest()
        headers = {"X-Hub-Signature-256": f"sha256={digest}"}
        return self.session.post(
            f"{self.url}/webhooks/whatsapp", data=body, headers=headers, timeout=30
        )

    def writes(self, phone: str, to: str, type: str = "text", **content: Any) -> str:
        body = {"to": to, "type": type, type: content or {"body": "Yes"}}
        return str(self.panel("POST", f"/phones/{phone}/messages", body)["wamid"])


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A recruiter of a client at an active line."""

    gateway: Gateway
    client: str
    recruiter: str
    line: Any

    @property
    def path(self) -> str:
        return f"/v1/clients/{self.client}"

    def get(self, path: str) -> Any:
        return self.gateway.get(self.path + path)

    def post(self, path: str, body: Any = None) -> Any:
        return self.gateway.post(self.path + path, body)

    def attempt(self, path: str, body: Any = None) -> requests.Response:
        """A POST that may be refused."""
        return self.gateway.request("POST", self.path + path, body)

    def talk(self, phone: str, **candidate: Any) -> str:
        """A conversation with this person; its introduction is queued."""
        made = self.gateway.talk(self.client, self.line["id"], self.recruiter, phone, **candidate)
        return str(made["id"])

    def answered(self, phone: str) -> str:
        """A conversation whose candidate has answered the introduction."""
        talk = self.talk(phone)
        self.gateway.until(lambda: self.gateway.phone(phone))
        self.writes(phone)
        self.gateway.until(lambda: self.get(f"/conversations/{talk}")["reply_window"]["open"])
        return talk

    def writes(self, phone: str, body: str = "Yes") -> str:
        return self.gateway.writes(phone, self.line["phone_number"], body=body)

    def say(self, talk: str, body: str) -> str:
        """Send a text; the message's id."""
        message = {"type": "text", "text": {"body": body}}
        return str(self.post(f"/conversations/{talk}/messages", message)["id"])

    def message(self, message_id: str) -> Any:
        return self.get(f"/messages/{message_id}")

    def messages(self, talk: str) -> list[Any]:
        found: list[Any] = self.get(f"/conversations/{talk}/messages")["data"]
        return found

    def words(self, phone: str) -> list[str]:
        """The texts on this person's phone, in order."""
        return [str(message["text"]["body"]) for message in self.gateway.phone(phone)]


@contextmanager
def opened_desk(
    urls: DatabaseUrls,
    redis_url: str,
    clock_file: Path,
    extra: Mapping[str, str] | None = None,
) -> Iterator[Desk]:
    with running(urls, redis_url, clock_file, extra) as gateway:
        client = gateway.client()
        yield Desk(
            gateway=gateway,
            client=client,
            recruiter=gateway.recruiter(client),
            line=gateway.line(client),
        )


def _good(response: requests.Response) -> Any:
    assert response.status_code < 400, f"{response.request.method} {response.url}: {response.text}"
    return response.json() if response.content else None


@contextmanager
def running(
    urls: DatabaseUrls,
    redis_url: str,
    clock_file: Path,
    extra: Mapping[str, str] | None = None,
) -> Iterator[Gateway]:
    """A gateway and its sandbox on two loopback ports; `extra` says SANDBOX_URL of the latter."""
    with served() as (url, use_gateway), served() as (sandbox_url, use_sandbox):
        given = {key: it.replace("SANDBOX_URL", sandbox_url) for key, it in (extra or {}).items()}
        environment = environment_for(
            urls,
            redis_url,
            {
                "GATEWAY_WEB__PUBLIC_URL": url,
                "GATEWAY_SANDBOX__URL": sandbox_url,
                "GATEWAY_SANDBOX__CLOCK_FILE": str(clock_file),
                "GATEWAY_HTTP__PRIVATE_HOSTS": json.dumps([sandbox_url.removeprefix("http://")]),
                "GATEWAY_PROVIDERS__WHATSAPP_CLOUD__GRAPH_URL": f"{sandbox_url}/graph",
                "GATEWAY_PROVIDERS__WHATSAPP_CLOUD__SDK_URL": f"{sandbox_url}/graph/sdk.js",
                "GATEWAY_PROVIDERS__TWILIO__API_URL": f"{sandbox_url}/twilio",
                "GATEWAY_PROVIDERS__TWILIO__PRICING_URL": f"{sandbox_url}/twilio",
                "GATEWAY_PROVIDERS__TWILIO__NUMBERS_URL": f"{sandbox_url}/twilio",
                "GATEWAY_PROVIDERS__TWILIO__NUMBERS_UPLOAD_URL": f"{sandbox_url}/twilio",
                **given,
            },
        )
        settings = load_settings(environment)
        app = create_app(settings)
        sandbox = create_sandbox(
            settings,
            app.extensions["plugin_host"].simulators,
            gateway_url=url,
            sandbox_url=sandbox_url,
            state_file=None,
        )
        use_gateway(app)
        use_sandbox(sandbox)
        with app.app_context():
            vendor_id = tenancy.create_vendor("Test vendor")
            api_key = api_keys.make(vendor_id, "tests")
        gateway = Gateway(
            app=app,
            sandbox=sandbox,
            url=url,
            sandbox_url=sandbox_url,
            api_key=api_key,
            vendor_id=vendor_id,
            environment=environment,
        )
        try:
            yield gateway
        finally:
            gateway.world.close()
            gateway.session.close()
            dispose(app)
            for _, commands_app in gateway.commands_apps:
                dispose(commands_app)


def dispose(app: Flask) -> None:
    """Close every connection of an app."""
    with app.app_context():
        disconnect()
    app.extensions["redis"].close()


@contextmanager
def open_folder() -> Iterator[Path]:
    """A temporary folder that the user of root's PostgreSQL may pass through."""
    folder = Path(tempfile.mkdtemp(prefix="gateway-test-", dir="/tmp"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def pauses(patience: float) -> Iterator[float]:
    """How long to wait before looking again, until patience ends: short at first, then longer.

    Looking is work for the very processes that are waited for.
    """
    began = time.monotonic()
    yield 0.02
    while (waited := time.monotonic() - began) < patience:
        yield min(0.5, max(0.02, waited / 8))


def environment() -> dict[str, str]:
    """Our environment without any setting of a gateway."""
    return {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
