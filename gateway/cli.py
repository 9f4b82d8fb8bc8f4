"""The command `gateway`: each command a module of its own, and one place where a mistake ends.

A command's module is imported when it is called: the web server's main process, say, needs nothing
of the application.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final

import click

from gateway import __version__
from gateway.ids import InvalidId
from gateway.problems import Mistake

COMMANDS: Final[Mapping[str, str]] = {
    "cases": "cases:command",
    "clients": "clients:command",
    "config": "config:command",
    "db": "db:command",
    "demo": "demo:command",
    "doctor": "doctor:command",
    "events": "events:command",
    "groups": "groups:command",
    "inbound": "inbound:command",
    "keys": "keys:command",
    "lines": "lines:command",
    "plugins": "plugins:command",
    "sandbox": "serving:sandbox",
    "scheduler": "working:scheduling",
    "suppliers": "suppliers:command",
    "up": "up:command",
    "vendors": "vendors:command",
    "web": "serving:web",
    "worker": "working:worker",
}


class _Group(click.Group):
    """Shows what the user can mend as it is written, without a traceback, and exits with 2."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        try:
            return [*COMMANDS, *_contributed()]
        except Mistake:  # told by whatever needs the configuration
            return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return _contributed().get(cmd_name)
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(f"gateway.commands.{module}"), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (Mistake, InvalidId) as mistake:
            click.echo(str(mistake), err=True)
            ctx.exit(2)


def _contributed() -> Mapping[str, click.Command]:
    """What plugins add, without which most commands start sooner."""
    commands: Mapping[str, click.Command] = import_module("gateway.commands.contributed").commands(
        COMMANDS
    )
    return commands


@click.group(cls=_Group)
@click.version_option(__version__, prog_name="gateway")
def main() -> None:
    """Recruitment lines on WhatsApp, one per client."""
