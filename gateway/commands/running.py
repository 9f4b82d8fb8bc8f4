"""How a command reaches a gateway: by its own settings, or those of a `gateway up` nearby."""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import click
from flask import Flask
from sqlalchemy.exc import OperationalError

from gateway.app import create_app
from gateway.database import disconnect
from gateway.problems import Problem
from gateway.settings import load_settings

_FILE: Final = "environment.json"
F = TypeVar("F", bound=Callable[..., Any])

data_dir: Final[Callable[[F], F]] = click.option(
    "--data-dir",
    type=click.Path(path_type=Path),
    default=Path("var"),
    show_default=True,
    help="Of the `gateway up` to talk to, where GATEWAY_DATABASE__URL is not set.",
)


def remember(folder: Path, environment: Mapping[str, str]) -> None:
    """Let commands that are given this data folder reach what runs on it."""
    file = folder / _FILE
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_text(json.dumps(dict(environment)))


def forget(folder: Path) -> None:
    (folder / _FILE).unlink(missing_ok=True)


@contextmanager
def reached(folder: Path) -> Iterator[Flask]:
    """The application, in its context. What a user can mend ends as one sentence."""
    try:
        app = create_app(load_settings({**_environment(folder), **os.environ}))
        with app.app_context():
            try:
                yield app
            finally:
                disconnect()
    except Problem as problem:
        raise click.ClickException(problem.detail) from None
    except OperationalError:
        raise click.ClickException(
            "The database does not answer. Start the gateway with `gateway up`, or set"
            " GATEWAY_DATABASE__URL to one that runs."
        ) from None


def _environment(folder: Path) -> Mapping[str, str]:
    if os.environ.get("GATEWAY_DATABASE__URL"):
        return {}
    try:
        found: dict[str, str] = json.loads((folder / _FILE).read_text())
    except FileNotFoundError:
        raise click.ClickException(
            f"No gateway runs on {folder}: start one with `gateway up --data-dir {folder}`, name"
            " its folder with --data-dir, or set GATEWAY_DATABASE__URL."
        ) from None
    return found
