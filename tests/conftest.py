"""Real servers once a test process; an empty, migrated database and a fresh world for a test."""

import gc
import itertools
import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from redis import Redis
from xdist.scheduler import LoadScopeScheduling

from gateway.app import create_app
from gateway.clock import Clock
from gateway.roles import DatabaseUrls
from gateway.settings import load_settings
from gateway.tenancy import service as tenancy
from plugins.supplier_telnyx import simulated_calls as telnyx
from plugins.supplier_twilio import simulated_calls as twilio
from tests.harness import (
    TEST_SETTINGS,
    Desk,
    Gateway,
    Servers,
    copied_database,
    create_database,
    dispose,
    drop_database,
    empty,
    migrated_database,
    open_folder,
    opened_desk,
    running,
    running_servers,
    settings_for,
)

# A setting of whoever runs the tests must not reach what is tested; servers may be given.
GIVEN_DATABASE = os.environ.get("GATEWAY_DATABASE__URL")
GIVEN_REDIS = os.environ.get("GATEWAY_REDIS__URL")
for name in [name for name in os.environ if name.startswith("GATEWAY_")]:
    del os.environ[name]

PEOPLE = itertools.count(1)
# Desks that many tests share get as many lines as those ask for.
ROOMY = {
    "GATEWAY_PROVISIONING__PORTFOLIOS": json.dumps(
        [
            {**asdict(it), "number_limit": 500}
            for it in load_settings(TEST_SETTINGS).provisioning.portfolios
        ]
    )
}
LONGEST = ("test_capacity.py", "test_fuzzed.py", "test_swapping.py", "test_interleavings.py")
STORIES = ("test_crashes.py", "test_demo.py", "test_quickstart.py", "test_up.py")


BROWSER = Path(__file__).parent / "browser"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--browser", action="store_true", help="Run the tests in a real browser too.")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    return True if collection_path == BROWSER and not config.getoption("--browser") else None


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if not config.getoption("--browser"):
        terminalreporter.write_line("Left out: the tests in a real browser (make test-browser).")


def pytest_collection_finish() -> None:
    """What is loaded by now stays: it need not be searched for garbage again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)


class Modules(LoadScopeScheduling):
    """Each module of tests stays in one process, for its fixtures' sake; stories are on their own.

    The marks of `--dist loadgroup` have no effect with pytest 9.2 (its node ids are fixed).
    """

    def _split_scope(self, nodeid: str) -> str:
        path, _, _ = nodeid.partition("::")
        return nodeid if path.endswith(STORIES) else path


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return Modules(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest begin first. Those that run a whole gateway wait a lot: they are spread."""
    stories = iter([item for item in items if item.path.name in STORIES])
    others = [item for item in items if item.path.name not in STORIES]
    others.sort(key=lambda item: item.path.name not in LONGEST)
    items.clear()
    for number, (_, module) in enumerate(itertools.groupby(others, lambda item: item.path)):
        if number % 3 == 0:
            items += itertools.islice(stories, 1)
        items += module
    items += stories


@pytest.fixture(autouse=True, scope="session")
def _loopback_only() -> Iterator[None]:
    """Nothing but this machine is ever contacted."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test wants to connect to {address}")
        real(self, address)

    socket.socket.connect = connect  # type: ignore[method-assign,assignment]
    yield
    socket.socket.connect = real  # type: ignore[method-assign]


@pytest.fixture(autouse=True, scope="session")
def _calls_are_short() -> Iterator[None]:
    """A simulated phone rings, and a call is written down, as fast as the rest goes."""
    with pytest.MonkeyPatch.context() as quick:
        quick.setattr(twilio, "_RING_SECONDS", 0.02)
        for calls in (twilio, telnyx):
            quick.setattr(calls, "_TRANSCRIBE_SECONDS", 0.02)
        yield


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """The given servers, or embedded ones."""
    with running_servers(GIVEN_DATABASE, GIVEN_REDIS) as found:
        yield found


@pytest.fixture(scope="session")
def template(servers: Servers, worker_name: str) -> Iterator[DatabaseUrls]:
    """A migrated database from which every test gets a copy; the roles are the same in all."""
    name = f"gateway_template_{worker_name}"
    urls = migrated_database(servers, name)
    _hurry(servers, urls)
    yield urls
    drop_database(servers, name)


def _hurry(servers: Servers, urls: DatabaseUrls) -> None:
    """No test pulls the plug of this server: none of them waits for its disk."""
    with psycopg.connect(servers.admin_url, autocommit=True) as connection:
        for url in (urls.application, urls.owner, urls.router):
            role = sql.Identifier(str(conninfo_to_dict(url)["user"]))
            connection.execute(sql.SQL("ALTER ROLE {} SET synchronous_commit = off").format(role))


@pytest.fixture(scope="session")
def worker_name() -> str:
    return f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{os.getpid()}"


@pytest.fixture(scope="session")
def shared_database(
    servers: Servers, template: DatabaseUrls, worker_name: str
) -> Iterator[DatabaseUrls]:
    with copied_database(servers, template, f"gateway_test_{worker_name}") as urls:
        yield urls


@pytest.fixture
def database(servers: Servers, shared_database: DatabaseUrls) -> Iterator[DatabaseUrls]:
    """A database without rows, as the three roles see it; a test leaves its tables as they are."""
    yield shared_database
    empty(servers, shared_database)


@pytest.fixture
def redis_url(servers: Servers) -> str:
    with Redis.from_url(servers.redis_url) as redis:
        redis.flushdb()
    return servers.redis_url


@pytest.fixture
def given(servers: Servers, redis_url: str, worker_name: str) -> Iterator[dict[str, str]]:
    """Settings by which a gateway of its own processes uses these servers, in an empty database."""
    name = f"gateway_given_{worker_name}"
    url = create_database(servers, name)
    yield {"GATEWAY_DATABASE__URL": url, "GATEWAY_REDIS__URL": redis_url}
    drop_database(servers, name)


@pytest.fixture
def migrated(database: DatabaseUrls, redis_url: str) -> dict[str, str]:
    """Settings by which a gateway of its own processes uses them, with nothing to migrate."""
    return {
        "GATEWAY_DATABASE__URL": database.application,
        "GATEWAY_DATABASE__OWNER_URL": database.owner,
        "GATEWAY_DATABASE__ROUTER_URL": database.router,
        "GATEWAY_REDIS__URL": redis_url,
    }


@pytest.fixture(scope="session")
def shared_app(servers: Servers, shared_database: DatabaseUrls) -> Iterator[Flask]:
    made = create_app(settings_for(shared_database, servers.redis_url))
    yield made
    dispose(made)


@pytest.fixture
def app(
    shared_app: Flask, database: DatabaseUrls, redis_url: str, tmp_path: Path
) -> Iterator[Flask]:
    """A ready application without a world; its clock is moved by `tmp_path/clock.json`."""
    kept = dict(shared_app.extensions)
    shared_app.extensions.update(
        clock=Clock(tmp_path / "clock.json"), jobs={**kept["jobs"]}, schedules={**kept["schedules"]}
    )
    yield shared_app
    shared_app.extensions.update(kept)


@pytest.fixture
def client_id(app: Flask) -> str:
    """A client of some vendor."""
    with app.app_context():
        vendor_id = tenancy.create_vendor("Some vendor")
        values = {"name": "Atlas Logistics", "country": "MA"}
        return tenancy.create_client(vendor_id, values).client_id


@pytest.fixture
def gateway(database: DatabaseUrls, redis_url: str, tmp_path: Path) -> Iterator[Gateway]:
    """A gateway on real HTTP with its simulated world; jobs run in `work()` and `until()`."""
    with running(database, redis_url, tmp_path / "clock.json") as made:
        yield made


@pytest.fixture(scope="session")
def open_desk(
    servers: Servers,
    template: DatabaseUrls,
    worker_name: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str], AbstractContextManager[Desk]]:
    """Open a desk on a database of its own, under a name."""

    @contextmanager
    def opened(name: str) -> Iterator[Desk]:
        clock_file = tmp_path_factory.mktemp(name) / "clock.json"
        with (
            copied_database(servers, template, f"gateway_{name}_{worker_name}") as urls,
            opened_desk(urls, servers.redis_url, clock_file, ROOMY) as made,
        ):
            yield made

    return opened


@pytest.fixture(scope="session")
def shared_desk(open_desk: Callable[[str], AbstractContextManager[Desk]]) -> Iterator[Desk]:
    with open_desk("desk") as made:
        yield made


@pytest.fixture(scope="module")
def module_desk(open_desk: Callable[[str], AbstractContextManager[Desk]]) -> Iterator[Desk]:
    """A desk for the tests of one module alone."""
    with open_desk("module_desk") as made:
        yield made


@pytest.fixture
def desk(shared_desk: Desk) -> Iterator[Desk]:
    """A desk that many tests share: each takes other candidates, and mends what it breaks."""
    yield shared_desk
    shared_desk.gateway.panel("PUT", "/faults", {})


@pytest.fixture
def own_desk(database: DatabaseUrls, redis_url: str, tmp_path: Path) -> Iterator[Desk]:
    """A desk for one test alone, which may move its clock and change what prices it."""
    with opened_desk(database, redis_url, tmp_path / "clock.json") as made:
        yield made


@pytest.fixture
def phone() -> str:
    """A person's number that no other test of this process uses."""
    return f"+2126620{next(PEOPLE):05}"


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder that every user of the machine may pass through, unlike `tmp_path`."""
    with open_folder() as made:
        yield made
