"""A place for embedded servers, and small parents of theirs to kill."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder; what root's servers put under the temporary folder is removed afterwards."""
    temporary = Path(tempfile.mkdtemp(prefix="gateway-test-"))
    temporary.chmod(0o711)
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield tmp_path / "data"
    shutil.rmtree(temporary)


StartParent = Callable[..., tuple[subprocess.Popen[str], str]]


@pytest.fixture
def start_parent() -> Iterator[StartParent]:
    """Runs a script in a process of its own and gives that process and the line it printed."""
    started: list[subprocess.Popen[str]] = []

    def start(script: str, *arguments: object) -> tuple[subprocess.Popen[str], str]:
        process = subprocess.Popen(
            [sys.executable, "-c", script, *map(str, arguments)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout is not None
        return process, process.stdout.readline().strip()

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def kill_and_await_end() -> Callable[[subprocess.Popen[str]], None]:
    """Kills a process by SIGKILL and fails unless everything that it started ends with it."""

    def kill(process: subprocess.Popen[str]) -> None:
        family = psutil.Process(process.pid).children(recursive=True)
        assert family
        process.kill()
        process.wait()
        _, alive = psutil.wait_procs(family, timeout=60)
        for orphan in alive:
            orphan.kill()
        assert not alive

    return kill
