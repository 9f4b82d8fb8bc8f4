"""`gateway lines pool`: numbers that are kept ready for the next client."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import click

from gateway.commands import running
from gateway.costs.contract import Money
from gateway.database import tenant
from gateway.onboarding import pool, pool_filling, service
from gateway.onboarding.pool_filling import Kept, Standing
from gateway.tenancy import house


@click.group("pool", invoke_without_command=True)
@running.data_dir
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def command(ctx: click.Context, data_dir: Path, as_json: bool) -> None:
    """Numbers kept ready: wanted, ready, being prepared, failed, and what they cost a month."""
    if ctx.invoked_subcommand is not None:
        return
    with running.reached(data_dir), tenant(house.CLIENT) as session:
        found = pool_filling.standings(session)
        offered = {
            one.target.country: pool_filling.offered(session, one.target.country)
            for one in found
            if one.target.case == pool.PRE_VERIFIED
        }
    if as_json:
        shown = [_shown(one) | {"offered": _offers(one, offered)} for one in found]
        click.echo(json.dumps(shown, indent=2))
        return
    for one in found:
        _tell(one)
    if not found:
        click.echo(
            "No numbers are kept ready: gateway lines pool set MA 5 --budget 20 USD", err=True
        )


@command.command("set")
@click.argument("country")
@click.argument("numbers", type=click.IntRange(0, 1000))
@click.option(
    "--budget",
    type=(str, str),
    required=True,
    metavar="AMOUNT CURRENCY",
    help="What the country's numbers may cost a month in all: 20 USD, say.",
)
@click.option(
    "--pre-verified",
    is_flag=True,
    help="Numbers that Meta's Embedded Signup offers, instead of those for lines of ours.",
)
@running.data_dir
def aim(
    country: str, numbers: int, budget: tuple[str, str], pre_verified: bool, data_dir: Path
) -> None:
    """Keep so many numbers of a country ready, on all hosts: `gateway lines pool set MA 5 …`."""
    target = pool.Target(
        case=pool.PRE_VERIFIED if pre_verified else pool.CASE,
        country=_country(country),
        numbers=numbers,
        budget=_money(*budget),
    )
    with running.reached(data_dir):
        pool.aim(target)
    click.echo(f"{numbers} numbers of {target.country} are kept ready from now on.", err=True)


@command.command()
@click.argument("line_id")
@running.data_dir
def retry(line_id: str, data_dir: Path) -> None:
    """Go on where preparing a number stopped."""
    with running.reached(data_dir), tenant(house.CLIENT) as session:
        service.retry(session, house.CLIENT, line_id)


@command.command()
@click.argument("line_id")
@running.data_dir
def drop(line_id: str, data_dir: Path) -> None:
    """Take a number out: given back, or quarantined where Meta holds it already."""
    with running.reached(data_dir), tenant(house.CLIENT) as session:
        pool_filling.drop(session, line_id)


def _country(text: str) -> str:
    code = text.upper()
    if len(code) != 2 or not code.isascii() or not code.isalpha():
        raise click.BadParameter("a country is two letters, such as MA", param_hint="COUNTRY")
    return code


def _money(amount: str, currency: str) -> Money:
    try:
        value = Decimal(amount)
    except InvalidOperation:
        value = Decimal("NaN")
    code = currency.upper()
    if not value.is_finite() or value < 0 or len(code) != 3 or not code.isalpha():
        raise click.BadParameter(
            "an amount and its currency, such as 20 USD", param_hint="--budget"
        )
    return Money(amount=value, currency=code)


def _tell(one: Standing) -> None:
    target = one.target
    cost = "unknown" if one.cost is None else format(one.cost, "f")
    click.echo(
        f"{target.country}{_kind(one)}  wanted {target.numbers}  ready {len(one.ready)}"
        f"  preparing {len(one.preparing)}  failed {len(one.failed)}"
        f"  cost {cost} of {target.budget.amount:f} {target.budget.currency} a month"
    )
    for state, numbers in (("preparing", one.preparing), ("failed", one.failed)):
        for kept in numbers:
            number = kept.phone_number or "no number yet"
            click.echo(f"    {state}  {kept.line_id}  {number}  {kept.code}: {kept.detail}")


def _offers(one: Standing, offered: Mapping[str, Mapping[str, str]]) -> list[dict[str, str]]:
    """What Embedded Signup may offer there."""
    ids = offered.get(one.target.country, {}) if one.target.case == pool.PRE_VERIFIED else {}
    return [{"pre_verified_id": key, "phone_number": number} for key, number in ids.items()]


def _kind(one: Standing) -> str:
    return "  pre-verified" if one.target.case == pool.PRE_VERIFIED else ""


def _shown(one: Standing) -> dict[str, Any]:
    return {
        "country": one.target.country,
        "pre_verified": one.target.case == pool.PRE_VERIFIED,
        "wanted": one.target.numbers,
        "missing": one.missing,
        "ready": _each(one.ready),
        "preparing": _each(one.preparing),
        "failed": _each(one.failed),
        "monthly_cost": None if one.cost is None else format(one.cost, "f"),
        "monthly_budget": one.target.budget.as_json(),
    }


def _each(numbers: Sequence[Kept]) -> list[dict[str, Any]]:
    return [asdict(kept) for kept in numbers]
