"""`gateway vendors`: the ATS vendors of this installation."""

import json
from pathlib import Path

import click

from gateway.commands import running
from gateway.tenancy import service as tenancy


@click.group("vendors")
def command() -> None:
    """List and create vendors; `gateway keys create` gives one its key."""


@command.command("list")
@running.data_dir
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(data_dir: Path, as_json: bool) -> None:
    """List the vendors."""
    with running.reached(data_dir):
        rows = [{"id": vendor.id, "name": vendor.name} for vendor in tenancy.vendors()]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
    for row in [] if as_json else rows:
        click.echo(f"{row['id']}  {row['name']}")


@command.command()
@click.argument("name")
@running.data_dir
def create(name: str, data_dir: Path) -> None:
    """Create a vendor and print its id."""
    with running.reached(data_dir):
        click.echo(tenancy.create_vendor(name))
