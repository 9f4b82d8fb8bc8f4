"""`gateway cases`: the ways to a line side by side, as they stand now."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from gateway.commands.running import data_dir, reached
from gateway.database import platform, tenant
from gateway.ids import InvalidId
from gateway.onboarding import cases
from gateway.onboarding.case_facts import Asker
from gateway.onboarding.case_schemas import CaseShown
from gateway.onboarding.cases import USUAL
from gateway.tenancy import service as tenancy

_COUNT = click.IntRange(0, 10_000_000)


@click.command("cases")
@click.option("--client", "client_id", help="What blocks each for this client, cli_…")
@click.option("--introductions", type=_COUNT, default=USUAL["introductions"], show_default=True)
@click.option("--marketing", type=_COUNT, default=0, show_default=True)
@click.option("--utility", type=_COUNT, default=0, show_default=True)
@click.option("--authentication", type=_COUNT, default=0, show_default=True)
@click.option("--service", type=_COUNT, default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@data_dir
def command(client_id: str | None, as_json: bool, data_dir: Path, **volume: int) -> None:
    """Compare the ways to a line. Counts are messages that are expected in a month."""
    with reached(data_dir):
        found = _of_client(client_id, volume) if client_id else _of_anybody(volume)
    shown = [CaseShown().dump(case) for case in found]
    click.echo(json.dumps(shown, indent=2) if as_json else "\n".join(_lines(shown)))


def _of_anybody(volume: Mapping[str, int]) -> list[dict[str, Any]]:
    with platform() as session:
        return cases.comparison(session, Asker(country="MA"), volume)


def _of_client(client_id: str, volume: Mapping[str, int]) -> list[dict[str, Any]]:
    try:
        with tenant(client_id) as session:
            country = tenancy.client(session, client_id).country
            return cases.comparison(session, Asker(country=country, client_id=client_id), volume)
    except InvalidId:
        raise click.ClickException(
            f"{client_id} is no client; `gateway clients list` shows them."
        ) from None


def _lines(shown: list[dict[str, Any]]) -> Iterator[str]:
    for case in shown:
        best = " (recommended)" if case["recommended"] else ""
        yield f"{case['title']}{best}: {case['case']}"
        yield (
            f"  setup {case['setup_ease']}, trust {case['candidate_trust']},"
            f" complexity {case['technical_complexity']}"
        )
        yield f"  it takes: {case['client_requirement']}"
        yield f"  time to live: {case['time_to_live']}"
        yield f"  the number's owner: {case['number_owner']}"
        yield f"  when a recruiter leaves: {case['when_a_recruiter_leaves']}"
        for month in case["monthly_cost"] or ():
            yield f"  a month, introductions as {month['introduction']}: {_sums(month)}"
        for reason in case["reasons"]:
            state = reason["state"].replace("_", " ")
            yield f"  because: {reason['statement']} [{state}] {reason['why']}"
        for blocker in case["blockers"]:
            seen = f"; seen {blocker['seen_at']}" if blocker["seen_at"] else ""
            who = f"{blocker['code']}; who must act: {blocker['who']}{seen}"
            yield f"  blocked: {blocker['detail']} ({who})"
        for link in case["links"]:
            yield f"  see {link['title']}: {link['url']}"


def _sums(month: Mapping[str, Any]) -> str:
    """What is invoiced, and what is paid to Meta beside it; in each currency that is known."""
    if month["unpriced"]:
        return f"not known: no price for {', '.join(month['unpriced'])}"
    parts = [f"invoiced {_money(month['invoiced'])}"]
    if any(line["paid_to"] == "meta" for line in month["lines"]):
        parts.append(f"paid to Meta directly {_money(month['paid_to_meta'])}")
    return ", ".join(parts)


def _money(amounts: Mapping[str, str | None]) -> str:
    return " = ".join(f"{amount} {currency}" for currency, amount in amounts.items() if amount)
