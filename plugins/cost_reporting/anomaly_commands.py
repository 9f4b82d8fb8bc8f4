"""`gateway costs anomalies`: what stands out in a client's month."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import click

from gateway.plugin_api import built, now
from plugins.cost_reporting.pricing import CostReporting


@click.command("anomalies")
@click.argument("client_id", metavar="CLIENT")
@click.option("--month", type=click.DateTime(["%Y-%m"]), metavar="MONTH", help="By default this.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def anomalies(client_id: str, month: datetime | None, as_json: bool) -> None:
    """Templates that Meta charges as marketing now, and days far dearer than usual."""
    found = built(CostReporting).anomalies(client_id, (month or now()).date())
    click.echo(json.dumps(found, indent=2) if as_json else "\n".join(map(_read, found)))


def _read(one: Mapping[str, Any]) -> str:
    more = one["costs_more"]["USD"] or "not known how much"
    what = (
        f"{one['template_name']} ({one['template_language']}) is marketing"
        if one["kind"] == "reclassified"
        else f"{one['line_id']} cost {one['amounts']['USD']} USD"
    )
    return f"{one['day']}  {what}: {one['messages']} messages, {more} USD more"
