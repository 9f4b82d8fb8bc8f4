"""`gateway inbound`: what came in and was not understood, and how to have it read again."""

import json
from pathlib import Path

import click

from gateway.commands import running
from gateway.messaging import inbound, routing


@click.group("inbound")
def command() -> None:
    """Webhook changes that were kept: count them, replay them."""


@command.command()
@click.argument("client_id", required=False)
@running.data_dir
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def counts(client_id: str | None, data_dir: Path, as_json: bool) -> None:
    """Changes by field and state: of a client, or of nobody where none is named."""
    with running.reached(data_dir):
        found = inbound.counts(client_id)
    rows = [
        {"field": field, "state": state, "count": count} for (field, state), count in found.items()
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
    for row in [] if as_json else rows:
        click.echo(f"{row['count']:>8}  {row['state']:<8} {row['field']}")


@command.command()
@click.argument("client_id", required=False)
@running.data_dir
def replay(client_id: str | None, data_dir: Path) -> None:
    """Read a client's kept and failed changes again; without a client, route nobody's again."""
    with running.reached(data_dir):
        again = inbound.replay(client_id) if client_id else routing.replay_unrouted()
    click.echo(f"{again} will be read again.", err=True)
