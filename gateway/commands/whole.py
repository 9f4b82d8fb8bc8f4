"""All processes of one gateway: what `gateway up` prepares and keeps running.

It loads the whole application, of which the processes are then copies.
"""

import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any, Final

import click
import requests
from flask import Flask

from gateway import migrations, queues
from gateway.app import create_app
from gateway.commands import clients, serving, working
from gateway.database import disconnect, tenant
from gateway.embedded.forked import fork
from gateway.problems import Problem
from gateway.stack import Stack
from gateway.supervisor import ChildSpec, Supervisor, write_ready_file
from gateway.tenancy import api_keys
from gateway.tenancy import service as tenancy

__all__ = ["create_app", "prepare", "run"]

_LOGO: Final = "/assets/logo.png"


def prepare(stack: Stack, app: Flask) -> str:
    """Migrate, and make what is missing; a link into the local client's pages."""
    with app.app_context():
        migrations.upgrade()
        try:
            return clients.sign_in_url(app, _local_client(stack, _local_vendor(stack)))
        finally:
            # Copies of this process must not have our connections.
            disconnect()
            app.extensions["redis"].close()


def _local_vendor(stack: Stack) -> str:
    """The vendor whose key the ready file shows, made where this database has none."""
    found = api_keys.vendor_of(stack.known.get("api_key", ""))
    if found:
        return found[0]
    vendor_id = tenancy.create_vendor("Local vendor")
    stack.keep("api_key", api_keys.make(vendor_id, "gateway up"))
    return vendor_id


def _local_client(stack: Stack, vendor_id: str) -> str:
    """A company to look at, with a logo that the sandbox serves wherever it listens this time."""
    logo_url = f"{stack.sandbox_url}{_LOGO}"
    try:
        client = tenancy.client_of(vendor_id, stack.known.get("client_id", ""))
    except Problem:
        values = {"name": "Atlas Logistics", "country": "MA", "logo_url": logo_url}
        client = tenancy.create_client(vendor_id, values)
        stack.keep("client_id", client.client_id)
    if client.logo_url != logo_url and (client.logo_url or "").endswith(_LOGO):
        with tenant(client.client_id) as session:
            tenancy.update_client(session, client.client_id, {"logo_url": logo_url})
    return client.client_id


def run(
    stack: Stack,
    env: dict[str, str],
    app: Flask,
    console_url: str,
    ready_file: Path | None,
    workers: int | None,
) -> int:
    told = Event()

    def tell(pids: dict[str, list[int]]) -> None:
        payload: dict[str, Any] = {
            "gateway_url": stack.web_url,
            "console_url": console_url,
            "sandbox_url": stack.sandbox_url,
            "api_key": stack.known["api_key"],
            "app_secret": stack.known["app_secret"],
            "verify_token": stack.known["verify_token"],
            "graph_token": stack.known["graph_token"],
            "database_url": stack.urls.application,
            "database_owner_url": stack.urls.owner,
            "redis_url": stack.redis_url,
            "processes": pids,
        }
        if ready_file:
            write_ready_file(ready_file, payload)
        if not told.is_set():
            click.echo(f"The gateway answers at {stack.web_url} (Ctrl-C ends it).", err=True)
            click.echo(f"Its pages, by a link that works once: {console_url}", err=True)
            told.set()

    workers = workers or app.extensions["settings"].work.workers
    children = _children(stack, {**os.environ, **env}, app, workers)
    return Supervisor(children, stack.data_dir / "logs", tell).run(Event())


def _children(stack: Stack, env: Mapping[str, str], app: Flask, workers: int) -> list[ChildSpec]:
    """The processes of the gateway, in the order in which they start and are stopped."""

    def child(
        name: str, run: Callable[[], object], url: str = "", *, essential: bool = False
    ) -> ChildSpec:
        return ChildSpec(
            name=name,
            start=partial(fork, run, env=env),
            essential=essential,
            ready=partial(_answers, url) if url else None,
        )

    return [
        child("web", partial(serving.web.main, []), f"{stack.web_url}/readyz"),
        *[child("worker", partial(working.work, app, lanes)) for lanes in queues.shares(workers)],
        child("scheduler", partial(working.schedule, app)),
        child(
            "sandbox",
            partial(serving.sandbox.main, []),
            f"{stack.sandbox_url}/healthz",
            essential=True,
        ),
    ]


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).status_code == 200
    except requests.RequestException:
        return False
