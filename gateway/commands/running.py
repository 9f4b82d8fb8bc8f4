"""How a command reaches a gateway: by its own settings, or those of a `gateway up` nearby."""

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import Flask, g
from sqlalchemy.exc import OperationalError

from gateway.app import create_app
from gateway.commands.nearby import data_dir, environment
from gateway.database import disconnect
from gateway.problems import Problem
from gateway.settings import Settings, load_settings

__all__ = ["data_dir", "reached"]


@contextmanager
def reached(folder: Path) -> Iterator[Flask]:
    """The application, in its context. What a user can mend ends as one sentence."""
    try:
        app = create_app(_settings(folder))
        with app.app_context():
            g.actor = f"operator {_user()}"
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


def _user() -> str:
    """Who types; a user of a container may have no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def _settings(folder: Path) -> Settings:
    try:
        return load_settings(environment(folder))
    except FileNotFoundError:
        raise click.ClickException(
            f"No gateway runs on {folder}: start one with `gateway up --data-dir {folder}`, name"
            " its folder with --data-dir, or set GATEWAY_DATABASE__URL."
        ) from None
