"""`gateway costs`: what a month would cost, and the cards that say so."""

import json
from datetime import datetime
from typing import Any

import click

from gateway.plugin_api import EstimateFacts, UnknownRateCard, built, now
from plugins.cost_reporting import repricing
from plugins.cost_reporting.anomaly_commands import anomalies
from plugins.cost_reporting.budget_commands import budgets
from plugins.cost_reporting.card_commands import cards
from plugins.cost_reporting.estimate_text import as_text
from plugins.cost_reporting.pricing import CostReporting
from plugins.cost_reporting.reconcile_commands import reconcile
from plugins.cost_reporting.spending_commands import spending
from plugins.cost_reporting.statement_commands import statements

_COUNT = click.IntRange(min=0, max=10_000_000)


@click.group("costs")
def costs() -> None:
    """What lines and messages cost."""


costs.add_command(anomalies)
costs.add_command(budgets)
costs.add_command(cards)
costs.add_command(spending)
costs.add_command(statements)
costs.add_command(reconcile)


def _country(_ctx: click.Context, _option: click.Parameter, given: str) -> str:
    if len(given) != 2 or not given.isascii() or not given.isalpha():
        raise click.BadParameter("write a country code such as MA.")
    return given.upper()


@costs.command("estimate")
@click.option("--rate-card", metavar="NAME", help="By default the one the ledger prices by.")
@click.option(
    "--on", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="Whose prices count; today's."
)
@click.option(
    "--country",
    default="MA",
    show_default=True,
    callback=_country,
    help="Of candidates and numbers.",
)
@click.option("--clients", type=click.IntRange(1, 100_000), default=1, show_default=True)
@click.option("--introductions", type=_COUNT, default=40, show_default=True)
@click.option("--marketing", type=_COUNT, default=0, show_default=True)
@click.option("--utility", type=_COUNT, default=0, show_default=True)
@click.option("--authentication", type=_COUNT, default=0, show_default=True)
@click.option("--service", type=_COUNT, default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def estimate(as_json: bool, on: datetime | None, **asked: Any) -> None:
    """A month as each case, side by side. Counts are messages a client and month."""
    facts = EstimateFacts(on=(on or now()).date(), **asked)
    try:
        figures = built(CostReporting).estimate(facts)
    except UnknownRateCard as unknown:
        raise click.ClickException(f"{unknown} See `gateway costs cards list`.") from None
    click.echo(json.dumps(figures, indent=2) if as_json else as_text(figures))


@costs.command("reprice")
@click.argument("month", type=click.DateTime(["%Y-%m"]), metavar="MONTH")
def reprice(month: datetime) -> None:
    """Price a month (2026-11) again by the card as it is now, after an import that reaches back.

    Nothing is changed in the ledger: what differs is reversed and entered anew.
    """
    corrected = repricing.reprice(month.date(), built(CostReporting))
    click.echo(f"{corrected} entries of {month:%Y-%m} were corrected.", err=True)
