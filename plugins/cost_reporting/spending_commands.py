"""`gateway costs spending`: a month of every client, or of one day by day."""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import click

from gateway.plugin_api import built
from plugins.cost_reporting import statements
from plugins.cost_reporting.pricing import CostReporting


@click.command("spending")
@click.argument("month", type=click.DateTime(["%Y-%m"]), metavar="MONTH")
@click.option("--client", "client_id", metavar="CLIENT", help="Day by day, of this one.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def spending(month: datetime, client_id: str | None, as_json: bool) -> None:
    """Where a month's (2026-11) money went: client by client, the dearest first."""
    pricing = built(CostReporting)
    if client_id:
        found = pricing.spending(client_id, month.date())
        click.echo(json.dumps(found, indent=2) if as_json else "\n".join(map(_day, found["days"])))
        return
    everybody: list[dict[str, Any]] = []
    for one in statements.clients():
        shown = pricing.spending(one, month.date())
        names = ("totals", "paid_to_meta", "messages", "free")
        everybody.append({"client_id": one, **{name: shown[name] for name in names}})
    everybody.sort(key=_whole, reverse=True)
    if as_json:
        click.echo(json.dumps(everybody, indent=2))
        return
    for it in everybody:
        click.echo(
            f"{it['client_id']}  {it['totals']['USD']:>10} USD  to Meta"
            f" {it['paid_to_meta']['USD']:>10} USD  {it['messages']:>7} messages,"
            f" {it['free']} free"
        )


def _whole(one: Mapping[str, Any]) -> Decimal:
    return Decimal(one["totals"]["USD"]) + Decimal(one["paid_to_meta"]["USD"])


def _day(row: Mapping[str, Any]) -> str:
    usd = f"{row['amounts']['USD']} USD" if row["amounts"]["USD"] else "no price"
    return f"{row['day']}  {usd:>14}  {row['quantity']:>7}  {row['category']}"
