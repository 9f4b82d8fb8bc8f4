"""`gateway demo`: run the main job end to end and show what is true after it."""

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import click

from gateway.commands.up import command as up
from gateway.demo.reading import START_SECONDS, Api, BrokenClaim, eventually
from gateway.demo.show import Teller
from gateway.demo.stage import Stage
from gateway.demo.story import Story
from gateway.embedded.forked import fork

_STOP_SECONDS = 30


@click.command("demo")
@click.option("--json", "as_json", is_flag=True, help="Print the claims and their sources as JSON.")
def command(as_json: bool) -> None:
    """Run the main job on a gateway of its own; exit status 0 when every claim holds."""
    teller = Teller(as_json=as_json)
    teller.begin()
    broken = None
    with (
        tempfile.TemporaryDirectory(prefix="gateway-demo-") as folder,
        _gateway(Path(folder)) as ready,
    ):
        stage = Stage(
            gateway=Api(ready["gateway_url"], ready["api_key"]),
            sandbox=Api(ready["sandbox_url"]),
            database_url=ready["database_url"],
        )
        try:
            Story(stage, teller.tell).run()
        except BrokenClaim as found:
            broken = found
    teller.end(broken)
    sys.exit(1 if broken else 0)


@contextmanager
def _gateway(folder: Path) -> Iterator[dict[str, Any]]:
    """A whole gateway in a folder of its own; what its ready file says."""
    ready_file = folder / "ready.json"
    log = folder / "up.log"
    env = {
        **os.environ,
        "GATEWAY_SANDBOX__STOCK": json.dumps({"MA": 20}),
        "TMPDIR": str(folder),
    }
    folder.chmod(0o711)  # as root the database runs as another user, in a folder inside this one
    where = ["--data-dir", str(folder / "var"), "--ready-file", str(ready_file)]
    process = fork(partial(up.main, ["--workers", "1", *where]), log, env=env)
    try:
        eventually(
            ready_file.exists,
            lambda there: there or process.poll() is not None,
            patience=START_SECONDS,
        )
        if not ready_file.exists():
            raise click.ClickException(f"The gateway did not start:\n{log.read_text()}")
        yield json.loads(ready_file.read_text())
    finally:
        process.terminate()
        process.wait(_STOP_SECONDS)
