"""`gateway suppliers`: who sells us numbers, in which order, and who is paused."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from flask import Flask

from gateway.commands.running import data_dir, reached
from gateway.errors import ProviderError
from gateway.onboarding import dependents
from gateway.provisioning import checking, codes, overview, suppliers
from gateway.provisioning.checking import Sold
from gateway.registry import UnknownNameError

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("suppliers")
def command() -> None:
    """Who sells us numbers. What is decided here holds on every host at once, without a restart."""


@command.command("list")
@as_json
@data_dir
def show(as_json: bool, data_dir: Path) -> None:
    """List the suppliers in the order in which they are asked."""
    with _at_the_gateway(data_dir):
        found = overview.overview()
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], indent=2, default=str))
        return
    for one in found:
        place = f"{one.position}." if one.position else "-"
        said = [one.status, one.health, f"{one.numbers} numbers"]
        if not one.is_heard:
            said.append("a person hears its codes")
        click.echo(f"{place:3} {one.name}  {', '.join(said)}")
        if one.last_act:
            click.echo(f"    {one.last_act}")


@command.command()
@click.argument("name")
@click.option("--country", default="MA", show_default=True, help="Whose numbers are searched.")
@as_json
@data_dir
def check(name: str, country: str, as_json: bool, data_dir: Path) -> None:
    """Log in, search and ask prices with the real key. Nothing is bought.

    Ends with 1 where no number could be bought there now.
    """
    with _at_the_gateway(data_dir) as app:
        supplier = app.extensions["plugin_host"].suppliers.get(name)
        is_heard = bool(codes.listened(app.extensions["plugin_host"].code_captures, name))
        try:
            sold = list(checking.check(supplier, country, suppliers.policy_of(country)))
        except ProviderError as error:
            raise click.ClickException(f"{error.detail} ({error.code})") from None
    if as_json:
        types = [_shown(one) for one in sold]
        answer = {"supplier": name, "country": country, "is_heard": is_heard, "types": types}
        click.echo(json.dumps(answer, indent=2))
    else:
        for one in sold:
            click.echo(_line(one))
        if not is_heard:
            click.echo("No enabled code capture hears its numbers: a person enters codes.")
    if all(one.refused for one in sold):
        raise SystemExit(1)


@command.command()
@click.argument("names", nargs=-1, required=True)
@as_json
@data_dir
def prefer(names: tuple[str, ...], as_json: bool, data_dir: Path) -> None:
    """Ask these first, in this order, also where the configuration lists none of them."""
    with _at_the_gateway(data_dir):
        suppliers.prefer(names)
    _say(as_json, {"preferred": names}, f"{', then '.join(names)} will be asked first.")


@command.command()
@click.argument("name")
@click.option("--because", default="", help="Why, for whoever reads the list.")
@as_json
@data_dir
def pause(name: str, because: str, as_json: bool, data_dir: Path) -> None:
    """Order nothing there. What was ordered goes on; so do its codes, releases and invoices."""
    with _at_the_gateway(data_dir):
        suppliers.pause(name, because)
    _say(as_json, {"paused": name}, f"Nothing is ordered at {name} any more.")


@command.command()
@click.argument("name")
@as_json
@data_dir
def resume(name: str, as_json: bool, data_dir: Path) -> None:
    """Order there again, at once also where it failed lately."""
    with _at_the_gateway(data_dir):
        suppliers.resume(name)
    _say(as_json, {"resumed": name}, f"{name} is asked again.")


@command.command()
@click.argument("name")
@as_json
@data_dir
def remove(name: str, as_json: bool, data_dir: Path) -> None:
    """Take a paused supplier off the offer, once no number and no activation depends on it.

    `gateway suppliers prefer` puts it back.
    """
    with _at_the_gateway(data_dir):
        dependents.remove(name)
    _say(as_json, {"removed": name}, f"{name} is off the offer; its plugin can be disabled.")


@contextmanager
def _at_the_gateway(folder: Path) -> Iterator[Flask]:
    with reached(folder) as app:
        try:
            yield app
        except UnknownNameError as unknown:
            raise click.ClickException(str(unknown)) from None


def _say(as_json: bool, answer: Mapping[str, Any], sentence: str) -> None:
    if as_json:
        click.echo(json.dumps(answer))
    else:
        click.echo(sentence, err=True)


def _shown(sold: Sold) -> dict[str, Any]:
    prices = vars(sold.quote) if sold.quote else dict.fromkeys(("monthly", "set_up"))
    return {
        **asdict(sold),
        "quote": {name: money and money.as_json() for name, money in prices.items()},
    }


def _line(sold: Sold) -> str:
    if sold.refused and not sold.offered:
        return f"{sold.number_type}: {sold.detail} ({sold.refused})"
    monthly = sold.quote.monthly if sold.quote else None
    price = f"{monthly.amount:f} {monthly.currency} a month" if monthly else "price unknown"
    said = [f"{sold.offered} offered", f"code by {' or '.join(sold.hears)}", price]
    if sold.papers:
        said.append(f"papers: {', '.join(sold.papers)}")
    if sold.refused:
        said.append(f"not bought: {sold.detail} ({sold.refused})")
    return f"{sold.number_type}: {'; '.join(said)}"
