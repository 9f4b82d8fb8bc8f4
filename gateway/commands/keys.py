"""`gateway keys`: let an ATS vendor's software in, and shut it out again."""

import json
from pathlib import Path

import click

from gateway.commands.running import data_dir, reached
from gateway.tenancy import api_keys


@click.group("keys")
def command() -> None:
    """API keys of vendors."""


@command.command()
@click.argument("vendor_id")
@click.option("--name", required=True, help="What the key is for.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@data_dir
def create(vendor_id: str, name: str, as_json: bool, data_dir: Path) -> None:
    """Print a new key. It is shown this once: only its digest is kept."""
    with reached(data_dir):
        key = api_keys.make(vendor_id, name)
        known = api_keys.vendor_of(key)
    if as_json:
        click.echo(json.dumps({"id": known and known[1], "name": name, "key": key}))
        return
    click.echo(f"The id of the key, to revoke it by: {known and known[1]}", err=True)
    click.echo(key)


@command.command()
@click.argument("key_id")
@data_dir
def revoke(key_id: str, data_dir: Path) -> None:
    """Let a key open nothing any more."""
    with reached(data_dir):
        api_keys.revoke(key_id)
    click.echo(f"{key_id} opens nothing any more.", err=True)
