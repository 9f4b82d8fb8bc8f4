"""`gateway up`: everything on this machine, until it is told to stop."""

import os
import sys
from pathlib import Path
from threading import Event
from typing import Any

import click
from flask import Flask

from gateway import migrations
from gateway.app import create_app
from gateway.settings import Settings, load_settings
from gateway.stack import Stack, StackError
from gateway.supervisor import Supervisor, write_ready_file
from gateway.tenancy import api_keys
from gateway.tenancy import service as tenancy


@click.command("up")
@click.option("--ready-file", type=click.Path(path_type=Path), help="Written when all answers.")
@click.option("--port", type=int, help="The gateway's port; a free one if not given.")
@click.option("--workers", type=int, help="How many worker processes.")
@click.option("--data-dir", type=click.Path(path_type=Path), default=Path("var"), show_default=True)
def command(ready_file: Path | None, port: int | None, workers: int | None, data_dir: Path) -> None:
    """Run database, queue, web, workers, scheduler and sandbox, all on this machine alone."""
    stack = Stack(data_dir, os.environ, port=port)
    try:
        env = stack.start()
        settings = load_settings({**os.environ, **env})
        api_key = _prepare(stack, settings)
        sys.exit(_run(stack, env, settings, api_key, ready_file, workers))
    except StackError as error:
        raise click.ClickException(str(error)) from None
    finally:
        stack.stop()


def _prepare(stack: Stack, settings: Settings) -> str:
    """Migrate, and make the local vendor with its key the first time."""
    app: Flask = create_app(settings)
    with app.app_context():
        migrations.upgrade()
        if "api_key" not in stack.known:
            vendor_id = tenancy.create_vendor("Local vendor")
            stack.keep("api_key", api_keys.make(vendor_id, "gateway up"))
    return stack.known["api_key"]


def _run(
    stack: Stack,
    env: dict[str, str],
    settings: Settings,
    api_key: str,
    ready_file: Path | None,
    workers: int | None,
) -> int:
    def tell(pids: dict[str, list[int]]) -> None:
        payload: dict[str, Any] = {
            "gateway_url": stack.web_url,
            "console_url": f"{stack.web_url}/console/",
            "sandbox_url": stack.sandbox_url,
            "api_key": api_key,
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
        click.echo(f"The gateway answers at {stack.web_url} (Ctrl-C ends it).", err=True)

    children = stack.children(env, workers or settings.work.workers)
    return Supervisor(children, stack.data_dir / "logs", tell).run(Event())
