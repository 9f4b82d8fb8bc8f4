"""The demo tells the truth: it holds on a sound gateway and names what broke on another."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.copies import Command
from tests.harness import environment

ROOT = Path(__file__).resolve().parent.parent

# Run before the demo, in the process whose copies its gateway is; the product itself has no hook
# for faults.
QUICK = """
import gateway.demo.reading
gateway.demo.reading.PATIENCE_SECONDS = 20.0
"""
SABOTAGES = {
    "introduction skipped": (
        """
import gateway.messaging.introducing as introducing
introducing.begin = lambda *_: None
""",
        "The introduction reached her phone, alone",
    ),
    "plain text let through outside the window": (
        """
import gateway.messaging.policy as policy
policy.window_is_open = lambda last_inbound_at, now: True
""",
        "free text is refused",
    ),
    "branding skipped": (
        """
from gateway.onboarding.step_contract import Done
from gateway.onboarding.steps.brand import Brand
Brand.look = lambda self, ctx: Done()
""",
        "with the client's logo as its picture",  # or before it, that nobody followed the name
        "A candidate sees it as",
    ),
    "row-level security off": (
        """
import gateway.row_security
gateway.row_security._force = lambda table: None
""",
        "In the database itself, its scope shows no row of anybody else's",
    ),
    "ledger off": (
        """
import os
os.environ["GATEWAY_PLUGINS"] = '["virtual-number", "embedded-signup", "group-investigation",' \\
    ' "whatsapp-cloud", "supplier-twilio"]'
""",
        "This month cost",
    ),
    "history lost on handover": (
        """
import sqlalchemy
import gateway.messaging.service as service
from gateway.messaging.models import Message
keep = service.hand_over
def lose(session, client_id, recruiter_id, to):
    session.execute(sqlalchemy.delete(Message).where(Message.introduction.is_(False)))
    return keep(session, client_id, recruiter_id, to)
service.hand_over = lose
""",
        "He has the whole history",
    ),
}


def test_every_claim_holds_and_names_the_request_it_was_read_from(folder: Path) -> None:
    """… and nothing is left anywhere but in the temporary folder, which is empty again."""
    home, temporary = folder / "home", folder / "tmp"
    home.mkdir()
    temporary.mkdir(mode=0o711)
    before = _outside()
    told = subprocess.run(
        [sys.executable, "-m", "gateway", "demo", "--json"],
        cwd=temporary,
        env={**environment(), "HOME": str(home), "TMPDIR": str(temporary)},
        capture_output=True,
        text=True,
        timeout=280,
    )
    story = json.loads(told.stdout)
    assert told.returncode == 0, told.stderr
    assert story["holds"]
    assert len(story["claims"]) == 21
    sources = {claim["source"].split(" ")[0] for claim in story["claims"]}
    assert sources == {"GET", "POST", "SQL:"}
    assert _outside() == before
    assert list(home.iterdir()) == list(temporary.iterdir()) == []


@pytest.mark.parametrize("sabotage", SABOTAGES)
def test_a_sabotaged_gateway_fails_and_the_claim_is_named(
    sabotage: str, folder: Path, request: pytest.FixtureRequest
) -> None:
    code, *claims = SABOTAGES[sabotage]
    in_migrations = sabotage == "row-level security off"
    given = request.getfixturevalue("given" if in_migrations else "migrated")
    told = Command(
        words=("demo",),
        env={**environment(), "TMPDIR": str(folder), **given},
        folder=folder,
        out=folder / "told",
        err=folder / "broken",
        sabotage=QUICK + code,
    ).run(280)
    assert told.returncode == 1, told.stdout + told.stderr
    assert any(claim in told.stderr for claim in claims), told.stderr
    assert "✗" in told.stdout


def _outside() -> dict[str, object]:
    """What a demo must not touch: accounts, the modes above the clone, files of the clone."""
    return {
        "accounts": [Path(name).read_bytes() for name in ("/etc/passwd", "/etc/group")],
        "modes": {str(parent): parent.stat().st_mode for parent in ROOT.parents},
        "files": sorted(_files()),
    }


def _files() -> Iterator[str]:
    for place, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name[0] != "." and name != "__pycache__"]
        yield from (f"{place}/{name}" for name in names)
