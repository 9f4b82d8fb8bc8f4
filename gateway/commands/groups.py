"""`gateway groups`: what groups would be for a line, and an experiment in the sandbox."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from gateway.commands import running
from gateway.database import enter_tenant, platform
from gateway.errors import ProviderError
from gateway.groups import lab, service
from gateway.provisioning import numbers, routes
from gateway.provisioning import service as provisioning
from gateway.provisioning.models import Line, Number

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("groups")
def command() -> None:
    """WhatsApp groups: investigated, not offered."""


@command.command()
@click.argument("phone_number")
@_JSON
@running.data_dir
def investigate(phone_number: str, as_json: bool, data_dir: Path) -> None:
    """Say whether a line may use groups, why, and what they can and cannot do."""
    with running.reached(data_dir):
        number, line = _number(phone_number)
        if number.phone_number_id is None:
            raise click.ClickException(f"{phone_number} is not at WhatsApp yet.")
        with _refusals():
            report = service.investigate(number, line.client_id)
    click.echo(json.dumps(report, indent=2) if as_json else _told(phone_number, report))


@command.command()
@click.argument("phone_number")
@click.option("--pairs", default=5, show_default=True, help="Candidates, each with a recruiter.")
@click.option("--messages", default=5, show_default=True, help="Messages to each group.")
@_JSON
@running.data_dir
def experiment(phone_number: str, pairs: int, messages: int, as_json: bool, data_dir: Path) -> None:
    """Try groups on a line of the sandbox, against writing 1-on-1. No real person is reached."""
    with running.reached(data_dir):
        number, line = _number(phone_number)
        with _refusals():
            trial = lab.experiment(number, line, pairs=pairs, messages=messages)
    if as_json:
        click.echo(json.dumps(trial, indent=2))
        return
    click.echo(
        f"{trial['groups']} groups: {trial['joined']} of {trial['invited']} people followed the"
        f" link, {trial['refused']} groups stayed empty.\n"
        f"{trial['messages']} messages reached {trial['deliveries']} people:"
        f" {_money(trial['group_cost'])} with the invitations.\n"
        f"1-on-1 the same takes {trial['one_to_one_messages']} messages:"
        f" {_money(trial['one_to_one_cost'])}."
    )


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except ProviderError as error:
        raise click.ClickException(error.detail) from None


def _number(phone_number: str) -> tuple[Number, Line]:
    """The number's row, and its line."""
    with platform() as session:
        route = routes.route_of(session, phone_number=phone_number)
        if route is None:
            raise click.ClickException(f"No line has the number {phone_number}.")
        enter_tenant(session, route.client_id)
        number = numbers.number_of(session, route.line_id)
        line = provisioning.line(session, route.client_id, route.line_id)
        if number is None:
            raise click.ClickException(f"No line has the number {phone_number} any more.")
        return number, line


def _told(phone_number: str, report: Mapping[str, Any]) -> str:
    verdict = "may use groups" if report["eligible"] else "may not use groups"
    lines = [f"{phone_number} {verdict}."]
    lines += [f"  {reason['code']}: {reason['detail']}" for reason in report["reasons"]]
    lines += ["", "What groups offer:", *(f"  {it}" for it in report["offers"])]
    lines += ["", "What they do not allow:", *(f"  {it}" for it in report["forbids"])]
    lines += ["", "What is said of them:"]
    for finding in report["findings"]:
        lines.append(f"  {finding['verdict']}: {finding['statement']} {finding['why']}")
        lines.append(f"    ({finding['source']}, {finding['as_of']})")
    return "\n".join(lines)


def _money(cost: Mapping[str, str] | None) -> str:
    return f"{cost['amount']} {cost['currency']}" if cost else "price not known"
