"""How the story is told: for people on a terminal, or as JSON."""

import json
from dataclasses import asdict

import click

from gateway.demo.reading import BrokenClaim, Claim

INTRODUCTION = """\
The main job of the gateway, end to end, on a real PostgreSQL and a real Redis of its own.
Meta and the number supplier are simulated on this machine. The simulated supplier sells Moroccan
numbers because the demo says so (sandbox.stock); no large supplier is confirmed to.
"""


class Teller:
    """Prints each chapter's claims as they are seen to hold, and keeps them for JSON."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._chapter = ""
        self.claims: list[Claim] = []

    def begin(self) -> None:
        if not self._as_json:
            click.echo(INTRODUCTION)

    def tell(self, claim: Claim) -> None:
        self.claims.append(claim)
        if self._as_json:
            return
        if claim.chapter != self._chapter:
            self._chapter = claim.chapter
            click.echo(click.style(claim.chapter, bold=True))
        click.echo(f"  {click.style('✓', fg='green')} {claim.text}")

    def end(self, broken: BrokenClaim | None) -> None:
        if self._as_json:
            shown = {
                "holds": broken is None,
                "claims": [asdict(claim) for claim in self.claims],
                "broken": broken
                and {"text": broken.text, "source": broken.source, "found": broken.found},
            }
            click.echo(json.dumps(shown, indent=2, default=str, ensure_ascii=False))
        elif broken:
            click.echo(f"  {click.style('✗', fg='red')} {broken.text}")
        else:
            click.echo(f"\nAll {len(self.claims)} claims hold, each read back as --json names it.")
        if broken:
            click.echo(f"This claim broke: {broken}", err=True)
