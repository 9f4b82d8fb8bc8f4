"""`gateway costs cards`: which there are, what is in them, and new ones out of CSV files."""

import json
import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from gateway.plugin_api import UnknownRateCard, built
from plugins.cost_reporting import card_files, card_store
from plugins.cost_reporting.card_files import COLUMNS, WrongCard
from plugins.cost_reporting.pricing import CostReporting
from plugins.cost_reporting.rate_cards import RateCard, Row

_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("cards")
def cards() -> None:
    """Rate cards: dated prices and exchange rates, each with its source."""


@cards.command("list")
@_AS_JSON
def list_cards(as_json: bool) -> None:
    """List every card. The one in force is the setting `rate_card` of `cost-reporting`."""
    in_force = built(CostReporting).settings["rate_card"]
    found = [
        {
            "name": name,
            "version": version,
            "imported_at": at and at.isoformat(),
            "in_force": name == in_force,
        }
        for name, version, at in card_store.listed()
    ]
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    for one in found:
        origin = f"version {one['version']}, {one['imported_at']}" if one["version"] else "shipped"
        click.echo(f"{one['name']}  {origin}{'  in force' if one['in_force'] else ''}")


@cards.command("show")
@click.argument("name")
@click.option(
    "--on", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="Only what holds on that day."
)
@_AS_JSON
def show(name: str, on: datetime | None, as_json: bool) -> None:
    """Show the rows of a card."""
    rows = [row for row in _card(name).rows if on is None or row.covers(on.date())]
    if as_json:
        found = [dict(zip(COLUMNS, card_files.cells(row), strict=True)) for row in rows]
        click.echo(json.dumps(found, indent=2))
        return
    for row in rows:
        click.echo(_read(row))


@cards.command("export")
@click.argument("name")
def export(name: str) -> None:
    """Write a card as CSV, as `import` takes it."""
    click.echo(card_files.write(_card(name).rows), nl=False)


@cards.command("import")
@click.argument("file", type=_FILE)
@click.option("--name", required=True, help="A new name, or that of a card it takes over from.")
def put_in(file: Path, name: str) -> None:
    """Import a whole card. If any line is wrong, each is named and nothing is imported.

    What the ledger has entered keeps its price.
    """
    if not re.fullmatch(r"[a-z0-9]+([.-][a-z0-9]+)*", name) or len(name) > 100:
        raise click.ClickException("A card's name is lower-case letters, digits, '-' and '.'.")
    version = card_store.put_in(name, _rows(file))
    click.echo(f"{name} is version {version} now.", err=True)


@cards.command("diff")
@click.argument("name")
@click.argument("other")
@_AS_JSON
def diff(name: str, other: str, as_json: bool) -> None:
    """Show what differs between a card and another, or a CSV file."""
    path = Path(other)
    theirs = _rows(path) if path.is_file() else _card(other).rows
    ours = _card(name).rows
    removed, added = _without(ours, theirs), _without(theirs, ours)
    if as_json:
        shown = {"removed": _dicts(removed), "added": _dicts(added)}
        click.echo(json.dumps(shown, indent=2))
        return
    for sign, rows in (("-", removed), ("+", added)):
        for row in rows:
            click.echo(f"{sign} {_read(row)}")
    if not removed and not added:
        click.echo("They are the same.", err=True)


def _card(name: str) -> RateCard:
    try:
        return built(CostReporting).cards.of(name)
    except UnknownRateCard as unknown:
        raise click.ClickException(str(unknown)) from None


def _rows(file: Path) -> tuple[Row, ...]:
    try:
        return card_files.read(file.read_bytes())
    except WrongCard as wrong:
        raise click.ClickException(
            "\n".join(["The card was not taken.", *wrong.problems])
        ) from None


def _without(rows: Iterable[Row], others: Iterable[Row]) -> list[Row]:
    there = {card_files.cells(row) for row in others}
    return [row for row in rows if card_files.cells(row) not in there]


def _dicts(rows: Iterable[Row]) -> list[dict[str, Any]]:
    return [dict(zip(COLUMNS, card_files.cells(row), strict=True)) for row in rows]


def _read(row: Row) -> str:
    """A row as a person reads it: what its kind has, then when it holds and its source."""
    through = row.through.isoformat() if row.through else "on"
    named = [row.kind, row.market, " ".join(row.countries), row.category]
    if (row.volume_from, row.volume_to) != (1, None):
        named.append(f"{row.volume_from}–{row.volume_to or ''}")
    if row.kind != "market":
        named.append(f"{row.amount:f}{' %' if row.kind == 'markup' else ''}")
    named += [row.currency, row.per and f"per {row.per}"]
    what = " ".join(part for part in named if part)
    return f"{what}, from {row.since} {through} ({row.source})"
