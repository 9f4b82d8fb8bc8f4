"""`gateway lines look`: have a line looked at now, after something was mended at Meta."""

from pathlib import Path

import click

from gateway.commands.running import data_dir, reached
from gateway.database import platform
from gateway.provisioning import health, routes


@click.command("look")
@click.argument("phone_number")
@data_dir
def command(phone_number: str, data_dir: Path) -> None:
    """Look at a line now: one that Meta lets send again is resumed."""
    with reached(data_dir), platform() as session:
        route = routes.route_of(session, phone_number=phone_number)
        if route is None or route.waba_id is None:
            raise click.ClickException(f"No line has the number {phone_number}.")
        health.ask(session, route.waba_id)
    click.echo("It is looked at, at most every 90 seconds.", err=True)
