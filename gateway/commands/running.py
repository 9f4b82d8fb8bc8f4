"""How a command reaches a gateway: by its own settings, or those of a `gateway up` nearby."""

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
from gateway.stack import environment_of

F = TypeVar("F", bound=Callable[..., Any])

data_dir: Final[Callable[[F], F]] = click.option(
    "--data-dir",
    type=click.Path(path_type=Path),
    default=Path("var"),
    show_default=True,
    help="Of the `gateway up` to talk to, where GATEWAY_DATABASE__URL is not set.",
)


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
        return environment_of(folder)
    except FileNotFoundError:
        raise click.ClickException(
            f"No gateway runs on {folder}: start one with `gateway up --data-dir {folder}`, name"
            " its folder with --data-dir, or set GATEWAY_DATABASE__URL."
        ) from None
