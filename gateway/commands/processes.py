"""`gateway web`, `worker`, `scheduler`, `sandbox`: one process each."""

import os
import signal
import sys
from pathlib import Path
from threading import Event
from types import FrameType

import click
from granian import Granian
from granian.constants import Interfaces
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from gateway import queues, scheduler
from gateway.app import create_app
from gateway.embedded.processes import PARENT_PID, die_with_parent
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


@click.command("worker")
def worker() -> None:
    """Work on what is due, until told to stop."""
    follow_parent()
    app = create_app()
    with app.app_context():
        SimpleWorker([queues.queue()], connection=queues.connect(), serializer=JSONSerializer).work(
            logging_level="WARNING"
        )


@click.command("scheduler")
def scheduling() -> None:
    """Ship hints for what is due and start what is scheduled, until told to stop."""
    follow_parent()
    stop = Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    scheduler.run(create_app(), stop)


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


def follow_parent() -> None:
    """Under `gateway up`: end with it, however it ends."""
    parent = os.environ.get(PARENT_PID)
    if parent:
        die_with_parent(int(parent))
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
