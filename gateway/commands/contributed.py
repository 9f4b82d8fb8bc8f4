"""The commands that plugins bring: each runs inside the application, found by `--data-dir`."""

import copy
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

import click

from gateway.commands.running import data_dir, reached
from gateway.plugin_host import commands_of
from gateway.registry import StartupError
from gateway.settings import load_settings

_FOLDER: Final = "gateway.data_dir"


def commands(taken: Collection[str]) -> Mapping[str, click.Command]:
    """By name. StartupError where a name is one of the gateway's own."""
    found = commands_of(load_settings())
    for name in found.names():
        if name in taken:
            raise StartupError(f"A plugin's command is called {name!r}, as one of the gateway's.")
    return {name: _inside(found.get(name)) for name in found.names()}


def _inside(command: click.Command) -> click.Command:
    """The same command with `--data-dir`; what is called of it has the application."""
    wrapped = _reaching(command)
    run = wrapped.callback

    def noting(data_dir: Path, **values: Any) -> Any:
        click.get_current_context().meta[_FOLDER] = data_dir
        return run(**values) if run else None

    wrapped.params = [*command.params]
    wrapped.callback = noting
    return data_dir(wrapped)


def _reaching(command: click.Command) -> click.Command:
    """Only a command that is carried out needs the application, not the help on one."""
    wrapped = copy.copy(command)
    if isinstance(command, click.Group) and isinstance(wrapped, click.Group):
        wrapped.commands = {name: _reaching(each) for name, each in command.commands.items()}
        return wrapped
    run = command.callback

    def inside(**values: Any) -> Any:
        context = click.get_current_context()
        context.with_resource(reached(context.meta[_FOLDER]))
        return run(**values) if run else None

    wrapped.callback = inside
    return wrapped
