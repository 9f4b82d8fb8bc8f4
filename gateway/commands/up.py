"""`gateway up`: everything on this machine, until it is told to stop."""

import os
import sys
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any, Final

import click

from gateway.embedded.processes import follow_parent
from gateway.settings import load_settings
from gateway.stack import Stack

_WHOLE: Final = "gateway.commands.whole"


@click.command("up")
@click.option("--ready-file", type=click.Path(path_type=Path), help="Written when all answers.")
@click.option("--port", type=int, help="The gateway's port; a free one if not given.")
@click.option("--workers", type=int, help="How many worker processes.")
@click.option("--data-dir", type=click.Path(path_type=Path), default=Path("var"), show_default=True)
def command(ready_file: Path | None, port: int | None, workers: int | None, data_dir: Path) -> None:
    """Run database, queue, web, workers, scheduler and sandbox, all on this machine alone."""
    follow_parent()
    load_settings()  # what is misspelt is said before anything starts
    stack = Stack(data_dir, os.environ, port=port)
    try:
        env, whole = _start(stack)
        app = whole.create_app(load_settings({**os.environ, **env}))
        console_url = whole.prepare(stack, app)
        stack.remember(env)
        sys.exit(whole.run(stack, env, app, console_url, ready_file, workers))
    finally:
        stack.stop()


def _start(stack: Stack) -> tuple[dict[str, str], Any]:
    """Start the servers, and meanwhile load the application, which takes about as long."""
    loading = Thread(target=import_module, args=[_WHOLE])
    loading.start()
    try:
        env = stack.start()
    finally:
        loading.join()  # its copies are made in a process without threads
    return env, import_module(_WHOLE)
