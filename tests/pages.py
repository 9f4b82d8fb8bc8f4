"""Executes a page of the documentation: its commands run, and show what it says."""

import os
import re
import shlex
from pathlib import Path
from typing import Final

from click.testing import CliRunner

from gateway.cli import main

ROOT: Final = Path(__file__).resolve().parent.parent
_BLOCK: Final = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: str) -> list[tuple[str, str]]:
    """Kind and text of each block of a page, in order."""
    return _BLOCK.findall((ROOT / "docs" / page).read_text(encoding="utf-8"))


def execute(page: str) -> None:
    """Run each block of commands in this process; what it prints is the block of text after it."""
    found = blocks(page)
    for (kind, commands), (_, shown) in zip(found, [*found[1:], ("", "")], strict=True):
        if kind == "bash":
            said = "".join(map(_run, commands.splitlines()))
            pattern = re.escape(shown).replace("…", ".*")
            assert re.fullmatch(pattern, said), f"{commands} showed\n{said}"


def _run(command: str) -> str:
    name, *arguments = shlex.split(os.path.expandvars(command))
    assert name == "gateway"
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == ("Error:" in result.output), result.output
    return result.output
