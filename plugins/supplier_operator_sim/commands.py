"""`gateway sims`: what is in the drawer, a new stock, a card that is thrown away."""

import json
from pathlib import Path

import click

from plugins.supplier_operator_sim import drawer, stock
from plugins.supplier_operator_sim.models import Sim


@click.group("sims")
def sims() -> None:
    """SIM cards in the drawer, for lines on an operator's own numbers."""


@sims.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def put_in(file: Path) -> None:
    """Put a stock in: a CSV with the columns phone_number, label, monthly_price, currency.

    Only the first must be there. If any line is wrong, every such line is named and nothing is
    put in.
    """
    try:
        cards = stock.read(file.read_bytes())
    except stock.WrongStock as wrong:
        raise _refusal(list(wrong.problems)) from None
    if known := drawer.put_in(cards):
        raise _refusal(
            [f"Line {card.line}: {card.phone_number} is in the drawer already." for card in known]
        )
    click.echo(f"{len(cards)} SIM cards were put in.", err=True)


@sims.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(as_json: bool) -> None:
    """List every card, and the line that has it."""
    cards = drawer.all_sims()
    if as_json:
        click.echo(json.dumps([_shown(sim) for sim in cards], indent=2))
        return
    for sim in cards:
        click.echo(f"{sim.phone_number}  {sim.reference or 'in the drawer'}  {sim.label}".rstrip())
    if not cards:
        click.echo("The drawer is empty; `gateway sims import` puts cards in.", err=True)


@sims.command("remove")
@click.argument("phone_number")
def remove(phone_number: str) -> None:
    """Throw a card away that no line has."""
    if not drawer.throw_away(phone_number):
        raise click.ClickException(
            f"{phone_number} is not in the drawer: no such card, or a line has it (`gateway sims"
            " list`)."
        )


def _refusal(problems: list[str]) -> click.ClickException:
    return click.ClickException("\n".join(["Nothing was put in.", *problems]))


def _shown(sim: Sim) -> dict[str, object]:
    return {
        "phone_number": sim.phone_number,
        "country": sim.country,
        "label": sim.label,
        "monthly_amount": sim.monthly_amount and format(sim.monthly_amount, "f"),
        "monthly_currency": sim.monthly_currency,
        "reference": sim.reference,
        "added_at": sim.added_at.isoformat(),
        "ordered_at": sim.ordered_at and sim.ordered_at.isoformat(),
    }
