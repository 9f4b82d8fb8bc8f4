"""`gateway doctor`: what is wrong, and what mends it."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from gateway.commands import running
from gateway.doctor import examine

_COLOURS = {"ok": "green", "warn": "yellow", "FAIL": "red"}


@click.command("doctor")
@running.data_dir
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(data_dir: Path, as_json: bool) -> None:
    """Check the installation; exit status 1 when something fails."""
    with running.reached(data_dir):
        findings = examine()
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        for finding in findings:
            verdict = click.style(f"{finding.verdict:>4}", fg=_COLOURS[finding.verdict])
            click.echo(f"{verdict}  {finding.check}: {finding.detail}")
            if finding.remedy:
                click.echo(f"      {finding.remedy}")
    sys.exit(any(finding.verdict == "FAIL" for finding in findings))
