"""`gateway costs budgets`: what a client or a line may cost in a month."""

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import click
from sqlalchemy.exc import IntegrityError

from gateway.plugin_api import BudgetRefused, BudgetWanted, Money, built
from plugins.cost_reporting.pricing import CostReporting

_MOST: Final = Decimal(1_000_000_000)


@click.group("budgets")
def budgets() -> None:
    """What a client, or one of its lines, may cost in a calendar month."""


@budgets.command("list")
@click.argument("client_id")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(client_id: str, as_json: bool) -> None:
    """Show this month, what it will cost at its end, and the budgets."""
    found = built(CostReporting).budgets(client_id)
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    click.echo(f"{found['month']}: {_read(found['spent'])} so far, {_read(found['projected'])}"
               " at its end.")  # fmt: skip
    for one in found["budgets"]:
        click.echo(_line(one))


@budgets.command("set")
@click.argument("client_id")
@click.argument("amount")
@click.argument("currency")
@click.option("--line", "line_id", metavar="LINE", help="By default all of the client's lines.")
@click.option(
    "--stop-marketing", is_flag=True, help="Once it is used up, accept no marketing but answers."
)
def put(
    client_id: str, amount: str, currency: str, line_id: str | None, stop_marketing: bool
) -> None:
    """Set the budget of a client or a line: 250 MAD, say. The one that was is replaced."""
    money = Money(amount=_amount(amount), currency=currency.upper())
    wanted = BudgetWanted(line_id=line_id, money=money, stops_marketing=stop_marketing)
    try:
        click.echo(_line(built(CostReporting).set_budget(client_id, wanted)))
    except BudgetRefused as refused:
        raise click.ClickException(str(refused)) from None
    except IntegrityError:
        raise click.ClickException(
            f"There is no client {client_id}; see `gateway clients list`."
        ) from None


@budgets.command("remove")
@click.argument("client_id")
@click.argument("budget_id")
def remove(client_id: str, budget_id: str) -> None:
    """Take a budget away."""
    if not built(CostReporting).remove_budget(client_id, budget_id):
        raise click.ClickException("There is no such budget; see `gateway costs budgets list`.")


def _amount(written: str) -> Decimal:
    try:
        amount = Decimal(written)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not (amount.is_finite() and 0 < amount <= _MOST):
        raise click.ClickException(f"{written!r} is no amount above 0; write 250.00, say.")
    return amount


def _read(amounts: Mapping[str, Any]) -> str:
    return ", ".join(f"{amount} {currency}" for currency, amount in amounts.items() if amount)


def _line(one: Mapping[str, Any]) -> str:
    whose = one["line_id"] or "all lines"
    stops = ", stops marketing" if one["stops_marketing"] else ""
    spent, ends = one["spent"], one["projected"]
    return (
        f"{one['id']}  {whose}: {spent['amount']} of {one['amount']['amount']}"
        f" {spent['currency']} ({one['percent']} %), {ends['amount']} at the month's end{stops}"
    )
