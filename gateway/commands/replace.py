"""`gateway lines replace`: give a line another number."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from gateway.commands import running
from gateway.database import platform, tenant
from gateway.errors import ProviderError
from gateway.onboarding import moving, replacing
from gateway.onboarding.replacing import Consequences
from gateway.provisioning import routes
from gateway.registry import UnknownNameError


@click.command("replace")
@click.argument("line_id")
@click.option(
    "--overlap-days",
    default=7,
    show_default=True,
    type=click.IntRange(0, 365),
    help="How long the old number goes on answering.",
)
@click.option("--dry-run", is_flag=True, help="Only say what it would do and cost.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@running.data_dir
def command(
    line_id: str, overlap_days: int, dry_run: bool, yes: bool, as_json: bool, data_dir: Path
) -> None:
    """Have another number prepared for a line, and the old one retire.

    It is one that is kept ready where the pool has one; else it is ordered.

    No candidate knows the new number: every reply window ends, and introductions come again.
    """
    with running.reached(data_dir):
        client_id = _client_of(line_id)
        with tenant(client_id) as session:
            found = replacing.consequences(session, client_id, line_id)
        if not as_json:
            _tell(found, overlap_days)
        if dry_run:
            _say(as_json, found, None)
            return
        if not yes:
            click.confirm("Replace the number?", abort=True, err=True)
        with tenant(client_id) as session:
            prepared = replacing.start(session, client_id, line_id, overlap_days=overlap_days)
        _say(as_json, found, prepared.id)


@click.command("move-rent")
@click.argument("line_id")
@click.option("--supplier", required=True, help="To whom the number was ported.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@running.data_dir
def move_rent(line_id: str, supplier: str, as_json: bool, data_dir: Path) -> None:
    """Note that a line's number is rented of another supplier now, once it is there.

    Its registration with WhatsApp and its conversations stay as they are.
    """
    with running.reached(data_dir):
        try:
            phone_number = moving.move_rent(_client_of(line_id), line_id, supplier)
        except (ProviderError, UnknownNameError) as error:
            raise click.ClickException(getattr(error, "detail", str(error))) from None
    if as_json:
        moved = {"line_id": line_id, "phone_number": phone_number, "supplier": supplier}
        click.echo(json.dumps(moved))
    else:
        click.echo(f"{phone_number} is rented of {supplier} from now on.", err=True)


def _client_of(line_id: str) -> str:
    with platform() as session:
        client_id = routes.client_of(session, line_id)
    if client_id is None:
        raise click.ClickException(f"No line {line_id} has a number.")
    return client_id


def _tell(found: Consequences, overlap_days: int) -> None:
    talks = found.talks
    another = "one that is kept ready" if found.from_pool else "a number that is ordered"
    click.echo(f"{found.phone_number} of {found.supplier} is replaced by {another}.")
    click.echo(
        f"{talks.conversations} conversations: nobody knows the new number, so each begins again"
        " with an introduction when it is written to."
    )
    click.echo(
        f"{talks.open_windows} reply windows are open; they stay with the old number, which answers"
        f" for {overlap_days} days, and close with it."
    )
    click.echo(f"Introductions to all of them cost {_money(talks.price)}.")
    click.echo(
        f"The new number costs {_money(found.monthly_rent)} a month; the old one is rented"
        " on until Meta has deleted it."
    )


def _money(price: dict[str, Any] | None) -> str:
    return f"{price['amount']} {price['currency']}" if price else "an amount that is not known"


def _say(as_json: bool, found: Consequences, prepared_id: str | None) -> None:
    if as_json:
        click.echo(json.dumps({**asdict(found), "prepared_by": prepared_id}, indent=2))
    elif prepared_id:
        click.echo(f"{prepared_id} prepares it; until it is ready nothing changes.", err=True)
