"""The commands that plugins bring: each runs inside the application, found by `--data-dir`."""

import copy
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import click

from gateway.commands.running import data_dir, reached
from gateway.plugin_host import commands_of
from gateway.registry import StartupError
from gateway.settings import load_settings


def commands(taken: Collection[str]) -> Mapping[str, click.Command]:
    """By name. StartupError where a name is one of the gateway's own."""
    found = commands_of(load_settings())
    for name in found.names():
        if name in taken:
            raise StartupError(f"A plugin's command is called {name!r}, as one of the gateway's.")
    return {name: _inside(found.get(name)) for name in found.names()}


def _inside(command: click.Command) -> click.Command:
    """The same command with `--data-dir`; it, and what it groups, has the application."""
    wrapped = copy.copy(command)
    wrapped.params = [*command.params]

    def run(data_dir: Path, **values: Any) -> Any:
        click.get_current_context().with_resource(reached(data_dir))
        return command.callback(**values) if command.callback else None

    wrapped.callback = run
    return data_dir(wrapped)
