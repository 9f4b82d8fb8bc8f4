"""The command `gateway` as a process that begins as a copy of one which has loaded everything.

Only what a test says of a process counts here, not how long Python takes to load it; that
`python -m gateway` works is seen where the demo is run as a user runs it.
"""

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from gateway.cli import main

_ORIGINALS = multiprocessing.get_context("forkserver")
_ORIGINALS.set_forkserver_preload(["gateway.commands.whole", "gateway.commands.demo"])


@dataclass(frozen=True, kw_only=True)
class Command:
    """`gateway` with these words, this environment and this folder; its output goes to files."""

    words: tuple[str, ...]
    env: Mapping[str, str]
    folder: Path
    out: Path
    err: Path
    sabotage: str = ""  # Python, run before the command

    def start(self) -> ForkServerProcess:
        process = _ORIGINALS.Process(target=self._be)
        process.start()
        return process

    def run(self, patience: float) -> "subprocess.CompletedProcess[str]":
        process = self.start()
        process.join(patience)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise AssertionError(f"it does not end: {self.err.read_text()}")
        return subprocess.CompletedProcess(
            self.words, process.exitcode, self.out.read_text(), self.err.read_text()
        )

    def _be(self) -> None:
        multiprocessing.set_start_method("fork", force=True)  # the web server's, as without us
        os.environ.clear()
        os.environ.update(self.env)
        os.chdir(self.folder)
        tempfile.tempdir = None
        for path, standard in ((self.out, 1), (self.err, 2)):
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            os.dup2(file, standard)
            os.close(file)
        sys.argv = ["gateway", *self.words]
        exec(self.sabotage, {})
        main(prog_name="gateway")
