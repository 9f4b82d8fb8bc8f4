"""`gateway web`, `gateway sandbox`: what answers HTTP, each in worker processes of its own."""

from pathlib import Path

import click
from granian import Granian
from granian.constants import Interfaces

from gateway.embedded.processes import follow_parent
from gateway.settings import load_settings

_WEB_THREADS = 64


@click.command("web")
def web() -> None:
    """Serve the API, the webhooks and the pages."""
    follow_parent()
    settings = load_settings().web
    _serve("gateway.serving:web", settings.host, settings.port, settings.processes)


@click.command("sandbox")
def sandbox() -> None:
    """Serve the simulated world: never in production."""
    follow_parent()
    settings = load_settings()
    if not settings.sandbox.enabled:
        raise click.ClickException(
            "The sandbox is off here; set GATEWAY_ENVIRONMENT=sandbox to have one."
        )
    _serve("gateway.serving:sandbox", "127.0.0.1", settings.sandbox.port, 1)


def _serve(target: str, host: str, port: int, processes: int) -> None:
    Granian(
        target=target,
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=processes,
        blocking_threads=_WEB_THREADS,
        respawn_failed_workers=True,
        respawn_interval=0.1,
        workers_kill_timeout=5,
        log_access=False,
        working_dir=Path.cwd(),
    ).serve()
