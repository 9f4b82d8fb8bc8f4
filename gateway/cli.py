"""The command `gateway`: one module a command, and one place where a user's mistake ends."""

from typing import Any

import click

from gateway import __version__
from gateway.commands import (
    clients,
    config,
    db,
    demo,
    doctor,
    inbound,
    keys,
    plugins,
    processes,
    up,
    vendors,
)
from gateway.embedded.processes import ServerError
from gateway.registry import StartupError
from gateway.settings import SettingsError
from gateway.stack import StackError

COMMANDS = (
    clients.command,
    config.command,
    db.command,
    demo.command,
    doctor.command,
    inbound.command,
    keys.command,
    plugins.command,
    processes.sandbox,
    processes.scheduling,
    processes.web,
    processes.worker,
    up.command,
    vendors.command,
)


class _Group(click.Group):
    """Shows what the user can mend as it is written, without a traceback, and exits with 2."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (ServerError, SettingsError, StackError, StartupError) as error:
            click.echo(str(error), err=True)
            ctx.exit(2)


@click.group(cls=_Group)
@click.version_option(__version__, prog_name="gateway")
def main() -> None:
    """Recruitment lines on WhatsApp, one per client."""


for command in COMMANDS:
    main.add_command(command)
