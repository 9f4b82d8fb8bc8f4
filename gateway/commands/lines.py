"""`gateway lines`: hand in the verification code that a person heard."""

from pathlib import Path

import click
from marshmallow import ValidationError

from gateway.commands import look, pool, quarantine, replace, running
from gateway.database import enter_tenant, platform
from gateway.onboarding import service
from gateway.onboarding.schemas import CodeRequest
from gateway.provisioning import routes


@click.group("lines")
def command() -> None:
    """Recruitment lines and their numbers."""


command.add_command(look.command)
command.add_command(pool.command)
command.add_command(replace.command)
command.add_command(quarantine.command)
command.add_command(replace.move_rent)


@command.command()
@click.argument("phone_number")
@click.argument("code")
@running.data_dir
def code(phone_number: str, code: str, data_dir: Path) -> None:
    """Hand in the code that reached a number: `gateway lines code +212612345678 123456`."""
    try:
        given = CodeRequest().load({"code": code})["code"]
    except ValidationError:
        raise click.ClickException("The code is six digits.") from None
    with running.reached(data_dir), platform() as session:
        route = routes.route_of(session, phone_number=phone_number)
        if route is None:
            raise click.ClickException(f"No line has the number {phone_number}.")
        enter_tenant(session, route.client_id)
        service.enter_code(session, route.client_id, route.line_id, given)
