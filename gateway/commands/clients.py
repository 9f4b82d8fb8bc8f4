"""`gateway clients`: who they are, a new one, and the link into the pages of one."""

import json
from pathlib import Path
from typing import Any

import click
from flask import Flask
from marshmallow import ValidationError

from gateway.commands.running import data_dir, reached
from gateway.console import links
from gateway.tenancy import service as tenancy
from gateway.tenancy.models import Client
from gateway.tenancy.schemas import ClientRequest, ClientShown


@click.group("clients")
def command() -> None:
    """Recruiting companies and their pages."""


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@data_dir
def show(as_json: bool, data_dir: Path) -> None:
    """List every client of every vendor."""
    with reached(data_dir):
        found = [
            (vendor, client)
            for vendor in tenancy.vendors()
            for client in tenancy.clients(vendor.id)
        ]
    if as_json:
        click.echo(json.dumps([_shown(client) for _, client in found], indent=2))
        return
    for vendor, client in found:
        click.echo(f"{client.client_id}  {client.name} ({client.country}), of {vendor.name}")
    if not found:
        click.echo("There is no client yet; `gateway clients create` makes one.", err=True)


@command.command()
@click.option("--vendor", "vendor_id", required=True, help="The id of the vendor, vnd_…")
@click.option("--name", required=True, help="The company's name, as candidates read it.")
@click.option("--country", required=True, help="Two capital letters, such as MA.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@data_dir
def create(vendor_id: str, name: str, country: str, as_json: bool, data_dir: Path) -> None:
    """Make a client and print its id."""
    try:
        values: dict[str, Any] = ClientRequest().load({"name": name, "country": country})
    except ValidationError as error:
        field, said = next(iter(error.messages_dict.items()))
        raise click.ClickException(f"--{field}: {said[0]}") from None
    with reached(data_dir):
        if vendor_id not in {vendor.id for vendor in tenancy.vendors()}:
            raise click.ClickException(f"There is no vendor {vendor_id}.")
        client = tenancy.create_client(vendor_id, values)
    click.echo(json.dumps(_shown(client), indent=2) if as_json else client.client_id)


@command.command()
@click.argument("client_id")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@data_dir
def link(client_id: str, as_json: bool, data_dir: Path) -> None:
    """Print a link into the client's pages: it works once, within 15 minutes."""
    with reached(data_dir) as app:
        url = sign_in_url(app, client_id)
    click.echo(json.dumps({"client_id": client_id, "url": url}) if as_json else url)


def sign_in_url(app: Flask, client_id: str) -> str:
    """A one-time link into the pages of a client. Problem where there is no such client."""
    return f"{app.extensions['settings'].web.public_url}/console/?token={links.make(client_id)}"


def _shown(client: Client) -> dict[str, Any]:
    shown: dict[str, Any] = ClientShown().dump(client)
    return {**shown, "vendor_id": client.vendor_id}
