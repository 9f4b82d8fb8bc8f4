"""`gateway costs statements`: a client's months, closed one by one, or of all clients at once."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import click

from gateway.plugin_api import CannotClose, UnknownStatement, built
from plugins.cost_reporting import statements as service
from plugins.cost_reporting.pricing import CostReporting

_MONTH = click.argument("month", type=click.DateTime(["%Y-%m"]), metavar="MONTH")
_CLIENT = click.argument("client_id", metavar="CLIENT")
_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("statements")
def statements() -> None:
    """What each client is invoiced for a month (2026-11)."""


@statements.command("list")
@_CLIENT
@_AS_JSON
def list_statements(client_id: str, as_json: bool) -> None:
    """List a client's statements, the newest first."""
    found = built(CostReporting).statements(client_id)
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    for one in found:
        number = one["number"] or "-"
        click.echo(f"{one['month']}  {one['status']:9}  no. {number:>6}  {_totals(one)}")


@statements.command("show")
@_CLIENT
@_MONTH
@_AS_JSON
def show(client_id: str, month: datetime, as_json: bool) -> None:
    """Show one with its lines."""
    with _sentences():
        found = built(CostReporting).statement(client_id, month.date())
    click.echo(json.dumps(found, indent=2) if as_json else _as_text(found))


@statements.command("export")
@_CLIENT
@_MONTH
@_AS_JSON
def export(client_id: str, month: datetime, as_json: bool) -> None:
    """Print one as CSV, a row for each line."""
    with _sentences():
        if as_json:
            found = built(CostReporting).statement(client_id, month.date())
            click.echo(json.dumps(found, indent=2))
        else:
            text = built(CostReporting).statement_csv(client_id, month.date())
            click.echo(text, nl=False)


@statements.command("close")
@_MONTH
@click.option("--client", "client_id", metavar="CLIENT", help="By default every client's.")
@_AS_JSON
def close(month: datetime, client_id: str | None, as_json: bool) -> None:
    """Close a month that is over: its lines and exchange rates stay, and it gets its number."""
    pricing = built(CostReporting)
    refused: dict[str, str] = {}
    with _sentences():
        if client_id:
            pricing.close_statement(client_id, month.date())
            closed = [client_id]
        else:
            closed, refused = service.close_all(pricing, month.date())
    if as_json:
        click.echo(json.dumps({"closed": closed, "refused": refused}, indent=2))
    click.echo(f"{len(closed)} statements of {month:%Y-%m} are closed.", err=True)
    for client, why in refused.items():
        click.echo(f"{client}: {why}", err=True)
    if refused:
        raise SystemExit(1)


@contextmanager
def _sentences() -> Iterator[None]:
    try:
        yield
    except (CannotClose, UnknownStatement) as refused:
        raise click.ClickException(str(refused)) from None


def _as_text(one: Mapping[str, Any]) -> str:
    number = f"no. {one['number']}" if one["number"] else "without a number yet"
    rows = [f"Statement of {one['month']}: {one['status']}, {number}"]
    for line in one["lines"]:
        what = (line["kind"], line["category"], line["line_id"], line["recruiter_id"],
                line["application"], line["correction"] and f"correction of {line['month']}",
                line["paid_to"] == "meta" and "paid to Meta directly")  # fmt: skip
        named = ", ".join(part for part in what if part)
        rows.append(f"  {line['quantity']:>6}  {_read(line['amounts']):>24}  {named}")
    rows.append(f"  Total {_totals(one)}")
    if one["unpriced"]:
        rows.append(f"  {one['unpriced']} have no price and are in neither.")
    return "\n".join(rows)


def _totals(one: Mapping[str, Any]) -> str:
    metas = _read(one["paid_to_meta"])
    return f"{_read(one['totals'])}; paid to Meta directly {metas}"


def _read(amounts: Mapping[str, str | None]) -> str:
    known = [f"{amount} {currency}" for currency, amount in amounts.items() if amount]
    return ", ".join(known) or "no price"
