"""docs/quickstart.md, word by word: what it says is typed, and what is shown is what it says."""

import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psutil
import requests

from tests.harness import pauses
from tests.processes import eventually

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "quickstart.md"
MOST_COMMANDS = 12
PATIENCE = 60.0

# What is another one each time: the page shows one, any of its kind is as good.
KINDS: Final = (r"_[0-9a-z]{26}", r"127\.0\.0\.1:\d+", r"wamid\.\w+", r"token=\S+")


@dataclass(frozen=True, kw_only=True)
class Step:
    """A command, and the lines that the page shows before the next one."""

    command: str
    shown: list[str] = field(default_factory=list)


class Terminal:
    """Bash in a terminal of its own, which ends at the first command that fails."""

    def __init__(self, folder: Path) -> None:
        self._screen, shell_side = pty.openpty()
        self.shell = subprocess.Popen(
            ["bash", "-e"],
            cwd=folder,
            env={"PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": str(folder)},
            stdin=subprocess.PIPE,
            stdout=shell_side,
            stderr=shell_side,
            text=True,
            start_new_session=True,
        )
        os.close(shell_side)
        os.set_blocking(self._screen, False)
        self._new = b""

    def do(self, step: Step) -> list[str]:
        """Type the command, and wait until it has shown what it should, in whatever order."""
        assert self.shell.stdin
        self.shell.stdin.write(step.command)
        self.shell.stdin.flush()
        for pause in pauses(PATIENCE):
            has_ended = self.shell.poll() is not None
            lines = self._look()
            missing, others = _compare(step.shown, lines)
            if not missing or has_ended or others:
                break
            time.sleep(pause)
        assert (missing, others) == ([], []), f"{step.command}showed {lines}"
        self._new = self._new.rpartition(b"\n")[2]
        return lines

    def close(self, how: signal.Signals) -> None:
        """End all that runs here, by the signal of a key or of a window that is closed."""
        family = self._family()
        with suppress(ProcessLookupError):
            os.killpg(self.shell.pid, how)
        assert self.shell.stdin
        self.shell.stdin.close()
        self.shell.wait(PATIENCE)
        eventually(lambda: list(filter(_lives, family)), lambda alive: not alive)
        os.close(self._screen)

    def _family(self) -> set[psutil.Process]:
        """What was started here, whether the shell still lives or not."""
        found: set[psutil.Process] = set()
        for process in psutil.process_iter():
            with suppress(ProcessLookupError, psutil.NoSuchProcess):
                if os.getsid(process.pid) == self.shell.pid:
                    found |= {process, *process.children(recursive=True)}
        return found

    def _look(self) -> list[str]:
        """The whole lines that were not there when the last command was done."""
        with suppress(OSError):  # nothing new, or nothing any more
            while new := os.read(self._screen, 65_536):
                self._new += new
        return self._new.decode(errors="replace").replace("\r\n", "\n").split("\n")[:-1]


def test_the_quickstart_works_as_it_is_written(folder: Path) -> None:
    begin, *steps = _steps()
    assert len(steps) + 1 <= MOST_COMMANDS

    clone = _clone(folder)
    with _terminal(clone, signal.SIGINT) as first, _terminal(clone, signal.SIGHUP) as second:
        first.do(begin)
        shown = [line for step in steps for line in second.do(step)]

        [receiver] = [line.split()[-1] for line in shown if line.startswith("Events are received")]
        forged = {
            "webhook-id": "evt_1",
            "webhook-timestamp": str(int(time.time())),
            "webhook-signature": "v1,bm90IG91cnM=",
        }
        assert requests.post(receiver, b"{}", headers=forged, timeout=9).status_code == 401
        assert "Atlas Logistics" in requests.get(shown[-1], timeout=9).text
        second.do(Step(command="echo done\n", shown=["done"]))


def _steps() -> list[Step]:
    """What the page says to type, each command with what it shows."""
    steps: list[Step] = []
    page = PAGE.read_text(encoding="utf-8")
    for kind, block in re.findall(r"^```(\w*)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        assert kind in ("bash", "text")
        if kind == "bash":
            steps += [Step(command=command) for command in _commands(block)]
        else:
            steps[-1].shown.extend(block.splitlines())
    return steps


def _commands(block: str) -> Iterator[str]:
    """The commands of a block; each ends with the line that makes it whole to bash."""
    command = ""
    for line in block.splitlines(keepends=True):
        command += line
        if not line.endswith("\\\n") and _is_whole(command):
            yield command
            command = ""
    assert not command, f"{command} does not end"


def _is_whole(command: str) -> bool:
    checked = subprocess.run(["bash", "-n"], input=command, capture_output=True, text=True)
    return not checked.stderr


def _compare(expected: list[str], shown: list[str]) -> tuple[list[str], list[str]]:
    """Which lines are missing, and which are there that nobody spoke of."""
    missing, others = [], list(shown)
    for line in expected:
        fits = [other for other in others if re.fullmatch(_pattern(line), other)]
        if fits:
            others.remove(fits[0])
        else:
            missing.append(line)
    return missing, others


def _pattern(line: str) -> str:
    pieces = re.split(f"(…|{'|'.join(KINDS)})", line)
    return "".join(".*" if piece == "…" else _any_of_its_kind(piece) for piece in pieces)


def _any_of_its_kind(piece: str) -> str:
    return next((kind for kind in KINDS if re.fullmatch(kind, piece)), re.escape(piece))


def _clone(folder: Path) -> Path:
    """The repository after `make setup`, with a `var/` of its own."""
    clone = folder / "clone"
    clone.mkdir(mode=0o711)
    (clone / ".venv").mkdir()
    for entry in (*ROOT.iterdir(), *Path(sys.prefix).iterdir()):
        place = clone / ".venv" if entry.parent == Path(sys.prefix) else clone
        if entry.name not in (".venv", ".ready", "var"):
            (place / entry.name).symlink_to(entry)
    (clone / ".venv" / ".ready").touch()
    return clone


def _lives(process: psutil.Process) -> bool:
    """Whether it runs; who adopts it may be slow to bury it."""
    with suppress(psutil.NoSuchProcess):
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    return False


@contextmanager
def _terminal(folder: Path, ends_by: signal.Signals) -> Iterator[Terminal]:
    terminal = Terminal(folder)
    try:
        yield terminal
    finally:
        terminal.close(ends_by)
