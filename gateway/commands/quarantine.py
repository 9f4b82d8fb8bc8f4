"""`gateway lines quarantine`: numbers that Meta still holds, and saying that it does no longer."""

import json
from pathlib import Path
from typing import Any

import click

from gateway.commands.running import data_dir, reached
from gateway.database import platform
from gateway.errors import ProviderError
from gateway.onboarding import pool_returning
from gateway.provisioning import quarantine
from gateway.provisioning.models import Number


@click.group("quarantine")
def command() -> None:
    """Numbers that no line uses and Meta still holds. They are rented until they are gone there."""


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@data_dir
def show(as_json: bool, data_dir: Path) -> None:
    """List them, the longest held first."""
    with reached(data_dir), platform() as session:
        rows = [_shown(number) for number in quarantine.held(session)]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        price = f"{row['monthly_amount']} {row['monthly_currency']} a month"
        rent = price if row["monthly_amount"] else "price not known"
        state = "goes back to its supplier" if row["gone_at"] else "held by Meta"
        since = (row["quarantined_at"] or "?")[:10]
        click.echo(
            f"{row['phone_number']}  {row['supplier']}, {rent}, since {since}, {state},"
            f" account {row['waba_id']}"
        )


@command.command()
@click.argument("phone_number")
@data_dir
def confirm(phone_number: str, data_dir: Path) -> None:
    """Say that you deleted a number in the WhatsApp Manager.

    The pool keeps it where it lacks one and its budget allows it, else its supplier gets it back.
    """
    with reached(data_dir):
        try:
            is_kept = pool_returning.confirm(phone_number)
        except ProviderError as error:
            raise click.ClickException(f"Meta does not say: {error.detail}") from None
    where = "is prepared for the next client" if is_kept else "goes back to its supplier"
    click.echo(f"{phone_number} {where}.", err=True)


def _shown(number: Number) -> dict[str, Any]:
    moments = {name: getattr(number, name) for name in ("quarantined_at", "gone_at")}
    amount = number.monthly_amount
    return {
        "phone_number": number.phone_number,
        "supplier": number.supplier,
        "monthly_amount": format(amount, "f") if amount is not None else None,
        "monthly_currency": number.monthly_currency,
        "portfolio_id": number.portfolio_id,
        "waba_id": number.waba_id,
        "client_id": number.client_id,
        "line_id": number.line_id,
        **{name: at and at.isoformat() for name, at in moments.items()},
    }
