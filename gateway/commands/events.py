"""`gateway events`: have a vendor's endpoint told again what happened."""

import json
from pathlib import Path
from typing import Any

import click
from marshmallow import ValidationError

from gateway.commands.running import data_dir, reached
from gateway.database import working_for
from gateway.events import deliveries, endpoints
from gateway.events.schemas import ResendRequest
from gateway.tenancy import service as tenancy


@click.group("events")
def command() -> None:
    """What happened, and who is told of it."""


@command.command()
@click.argument("endpoint_id")
@click.option("--vendor", "vendor_id", required=True, help="The id of the vendor, vnd_…")
@click.option("--event-id", help="This event, whether or not the endpoint subscribes to its type.")
@click.option("--after", help="What happened since then, such as 2026-11-10T12:00:00Z.")
@click.option("--before", help="And before then; now if not given.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@data_dir
def resend(endpoint_id: str, vendor_id: str, as_json: bool, data_dir: Path, **asked: str) -> None:
    """Push again, under the same webhook-id, by a schedule that begins anew."""
    try:
        given = {name: value for name, value in asked.items() if value is not None}
        wanted: dict[str, Any] = ResendRequest().load(given)
    except ValidationError as error:
        field, said = next(iter(error.messages_dict.items()))
        raise click.ClickException(f"--{field.replace('_', '-')}: {said[0]}") from None
    with reached(data_dir):
        if vendor_id not in {vendor.id for vendor in tenancy.vendors()}:
            raise click.ClickException(f"There is no vendor {vendor_id}.")
        with working_for(vendor_id) as session:
            endpoint = endpoints.endpoint(session, vendor_id, endpoint_id)
            events = deliveries.resend(session, endpoint, wanted)
    if as_json:
        click.echo(json.dumps({"events": events}))
    else:
        click.echo(f"{events} will be pushed again.", err=True)
