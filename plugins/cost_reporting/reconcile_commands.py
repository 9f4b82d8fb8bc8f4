"""`gateway costs reconcile`: the ledger beside what Meta and the suppliers say they charged."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import click

from gateway.plugin_api import built, now
from plugins.cost_reporting.pricing import CostReporting

REASONS: Final[Mapping[str, str]] = {
    "late_status": "the statuses of the last two days may still come",
    "other_day": "counted on the day beside it",
    "time_zone": "the account counts its days in another time zone than the setting says",
    "reclassified": "counted in another category: Meta judged the template anew",
    "free_allowance": "other messages were free",
    "other_card": "another rate card has exactly this price",
    "other_currency": "charged in another currency",
    "no_price_here": "the ledger knows no price",
    "number_without_line": "a number that is no line's: kept ready, or in quarantine",
    "line_released": "the line was released, the number is still rented",
    "kept_ready": "the number was kept ready before it was the line's",
    "released_before_charge": "given back before the supplier charged the month",
}


@click.command("reconcile")
@click.option(
    "--month", type=click.DateTime(["%Y-%m"]), metavar="MONTH", help="By default this one."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def reconcile(month: datetime | None, as_json: bool) -> None:
    """Compare a month (2026-11) of the ledger with what Meta and the suppliers charged.

    They are asked every three hours; days that are not over are left out, numbers until the month
    is over.
    """
    found = built(CostReporting).reconciliation((month or now()).date())
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    for account in found["accounts"]:
        click.echo(_account(account), err=True)
    if not found["accounts"]:
        click.echo("Nobody was asked about this month.", err=True)
    for one in found["differences"]:
        click.echo(_difference(one))
    click.echo(f"{found['matched']} match, {len(found['differences'])} differ.")


def _account(account: Mapping[str, Any]) -> str:
    said = f"as of {account['asked_at']}" if account["asked_at"] else "has not answered yet"
    error = f", the last time refused: {account['error']}" if account["error"] else ""
    return f"{account['source']} {account['account']}: {said}{error}"


def _difference(one: Mapping[str, Any]) -> str:
    where = [one["day"], one["line_id"] or one["phone_number"] or one["source"]]
    what = one["category"] or one["kind"]
    reason = f" ({REASONS[one['reason']]})" if one["reason"] else ""
    finding = one["finding"].replace("_", " ")
    return f"{' '.join(where)} {what}: {finding}{reason}; {_sides(one)}"


def _sides(one: Mapping[str, Any]) -> str:
    return ", ".join(f"{side} {_tally(one[side])}" for side in ("ours", "theirs"))


def _tally(tally: Mapping[str, Any]) -> str:
    amounts = [f"{amount} {currency}" for currency, amount in tally["amounts"].items()]
    free = f" ({tally['free']} free)" if tally["free"] else ""
    return " ".join([f"{tally['quantity']}{free}", *amounts])
