"""What keeps a process from outliving the one that started it."""

import signal
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.embedded.processes import spawn

StartParent = Callable[..., tuple[subprocess.Popen[str], str]]

PARENT = "import subprocess, sys; subprocess.run([sys.executable, '-c', *sys.argv[1:]])"
CHILD = """
import sys
sys.platform = sys.argv[1]
import signal
from gateway.embedded.processes import die_with_parent
die_with_parent(*map(int, sys.argv[2:]))
print("ready", flush=True)
signal.pause()
"""


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_a_child_of_ours_ends_when_its_parent_is_killed(
    platform: str,
    start_parent: StartParent,
    kill_and_await_end: Callable[[subprocess.Popen[str]], None],
) -> None:
    parent, line = start_parent(PARENT, CHILD, platform)
    assert line == "ready"
    kill_and_await_end(parent)


@pytest.mark.parametrize("platform", ["linux", "darwin"])
def test_a_child_whose_parent_is_gone_already_ends_at_once(
    platform: str, start_parent: StartParent
) -> None:
    ended, _ = start_parent("")
    ended.wait()
    process, _ = start_parent(CHILD, platform, ended.pid)
    assert process.wait(10) == -signal.SIGKILL


def test_only_the_main_thread_may_start_children(tmp_path: Path) -> None:
    failures: list[RuntimeError] = []

    def run() -> None:
        try:
            spawn(["true"], log=tmp_path / "log", env={})
        except RuntimeError as error:
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert "main thread" in str(failures)
