"""A copy of a process is a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(script: str, *arguments: object) -> str:
    """What a script prints that begins without threads, as pytest does not."""
    preamble = "import os, signal, sys, time; from gateway.embedded.forked import fork\n"
    preamble += "from gateway.problems import Mistake\n"
    preamble += "from pathlib import Path; log = Path(sys.argv[1])\n"
    return subprocess.run(
        [sys.executable, "-c", preamble + script, *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ("print('done')", 0, "done"),
        ("sys.exit(3)", 3, ""),
        ("sys.exit('that cannot be')", 1, "that cannot be"),
        ("raise Mistake('choose another')", 2, "choose another\n"),
        ("1 / 0", 1, "ZeroDivisionError"),
        ("os.kill(os.getpid(), signal.SIGKILL)", -9, ""),
    ],
)
def test_its_status_and_its_words_are_known(
    body: str, status: int, said: str, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    script = f"def body(): {body}\nprint(fork(body, log, env={{}}).wait(30))"
    assert run(script, log) == f"{status}\n"
    assert said in log.read_text()


def test_it_has_its_own_environment_session_and_no_file_of_ours(tmp_path: Path) -> None:
    script = """
ours = open(sys.argv[1] + ".ours", "w"); os.environ["OURS"] = "1"
def body():
    try: os.fstat(ours.fileno())
    except OSError: print("closed")
    print(os.environ.get("OURS"), os.environ["THEIRS"], os.getsid(0) == os.getpid())
fork(body, log, env={"THEIRS": "2"}).wait(30)
print(os.environ["OURS"], ours.closed)
"""
    assert run(script, tmp_path / "log") == "1 False\n"
    assert (tmp_path / "log").read_text() == "closed\nNone 2 True\n"


def test_it_ends_when_asked_though_we_would_not(tmp_path: Path) -> None:
    script = """
signal.signal(signal.SIGTERM, lambda *_: None)
process = fork(signal.pause, log, env={})
process.terminate()
print(process.wait(30), process.poll())
process.kill()
"""
    assert run(script, tmp_path / "log") == "-15 -15\n"


def test_waiting_has_an_end(tmp_path: Path) -> None:
    script = """
import subprocess
process = fork(signal.pause, log, env={})
try: process.wait(0.05)
except subprocess.TimeoutExpired: print(process.poll())
process.kill()
print(process.wait(30))
"""
    assert run(script, tmp_path / "log") == "None\n-9\n"


def test_a_process_with_threads_is_not_copied(tmp_path: Path) -> None:
    script = """
import threading
threading.Thread(target=signal.pause, daemon=True).start()
try: fork(print, log, env={})
except RuntimeError as error: print(error)
"""
    assert "without other threads" in run(script, tmp_path / "log")
