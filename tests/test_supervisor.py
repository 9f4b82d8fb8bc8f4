"""The supervisor, over real processes."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
import pytest

from gateway import supervisor
from gateway.embedded.processes import free_port, spawn
from gateway.supervisor import ChildSpec, Supervisor, write_ready_file
from tests.processes import eventually

ROOT = Path(__file__).parents[1]
PAUSE = "import signal; signal.pause()"
Pids = dict[str, list[int]]


class Limit(threading.Event):
    """Fails the test instead of letting it wait for ever."""

    def __init__(self, until: Callable[[], bool] = lambda: False) -> None:
        super().__init__()
        self.until = until
        self.deadline = time.monotonic() + 150

    def wait(self, timeout: float | None = None) -> bool:
        assert time.monotonic() < self.deadline
        if self.until():
            self.set()
        return super().wait(timeout)


class Told:
    """Keeps what the supervisor tells and does the next of `acts` each time."""

    def __init__(self, *acts: Callable[[Pids], object]) -> None:
        self.pids: list[Pids] = []
        self.acts = list(acts)

    def __call__(self, pids: Pids) -> None:
        self.pids.append(pids)
        if self.acts:
            self.acts.pop(0)(pids)


def child(name: str, script: str = PAUSE, *arguments: object, **changes: Any) -> ChildSpec:
    return program(name, (sys.executable, "-c", script, *map(str, arguments)), **changes)


def program(
    name: str, argv: tuple[str, ...], env: dict[str, str] | None = None, **changes: Any
) -> ChildSpec:
    def start(log: Path) -> subprocess.Popen[bytes]:
        return spawn(argv, log=log, env={**os.environ, **(env or {})})

    values: dict[str, Any] = {"essential": False, "ready": None, **changes}
    return ChildSpec(name=name, start=start, **values)


def alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)


def kill_first(name: str) -> Callable[[Pids], None]:
    return lambda pids: os.kill(pids[name][0], signal.SIGKILL)


def gone(pids: list[int]) -> bool:
    left = [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]
    return not psutil.wait_procs(left, timeout=60)[1]


@pytest.fixture
def run_script() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []

    def run(script: str, *arguments: object) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", script, *map(str, arguments)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def test_a_child_that_dies_is_started_again_and_its_new_pid_told(tmp_path: Path) -> None:
    until = Limit()
    told = Told(kill_first("worker"), lambda _: until.set())
    children = [child("worker"), child("scheduler"), child("worker")]
    assert Supervisor(children, tmp_path, told).run(until) == 0
    before, after = told.pids
    assert [len(before["worker"]), len(before["scheduler"])] == [2, 1]
    assert after["worker"][0] != before["worker"][0]
    assert after["worker"][1:] == before["worker"][1:]
    assert after["scheduler"] == before["scheduler"]
    assert not any(alive(pid) for pids in told.pids for group in pids.values() for pid in group)


def test_nothing_is_told_before_everything_is_ready(tmp_path: Path) -> None:
    until = Limit()
    answers = [True, False, False]
    told = Told(lambda _: until.set())
    children = [child("web", ready=answers.pop), child("worker", ready=lambda: True)]
    assert Supervisor(children, tmp_path, told).run(until) == 0
    assert not answers
    assert len(told.pids) == 1


def test_what_never_gets_ready_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    before = psutil.Process().children()
    monkeypatch.setattr(supervisor, "_READY_SECONDS", 0.0)
    told = Told()
    children = [child("web", ready=lambda: False), child("worker")]
    assert Supervisor(children, tmp_path, told).run(Limit()) == 1
    assert "web-1 was not ready in time" in caplog.text
    assert not told.pids
    assert psutil.Process().children() == before


def test_the_death_of_an_essential_child_ends_everything(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    told = Told(kill_first("sandbox"))
    children = [child("worker"), child("sandbox", essential=True)]
    assert Supervisor(children, tmp_path, told).run(Limit()) == 1
    assert "sandbox-1 died" in caplog.text
    assert not alive(told.pids[0]["worker"][0])


def test_a_child_that_keeps_dying_is_started_less_and_less_often(tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    script = "import sys, time; print(time.monotonic(), file=open(sys.argv[1], 'a'))"

    def times() -> list[float]:
        return [float(line) for line in starts.read_text().split()] if starts.exists() else []

    until = Limit(lambda: len(times()) >= 5)
    assert Supervisor([child("worker", script, starts)], tmp_path / "logs", Told()).run(until) == 0
    gaps = [later - sooner for sooner, later in zip(times(), times()[1:], strict=False)]
    # Each gap also holds the start of a Python and the supervisor's tick.
    assert gaps[1] >= 0.25
    assert gaps[2] >= 0.5
    assert gaps[3] >= 1.0
    assert gaps[0] < gaps[3]


ON_TERM = """
import pathlib, signal, sys
name, diary = sys.argv[1], pathlib.Path(sys.argv[2])
def note(what):
    with diary.open("a") as file:
        print(name, what, file=file)
def end(*_):
    note("asked")
    note("ends")
    sys.exit()
signal.signal(signal.SIGTERM, end)
note("ready")
while True:
    signal.pause()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_children_in_the_order_given(
    tmp_path: Path, number: signal.Signals
) -> None:
    diary = tmp_path / "diary"
    names = ["web", "worker", "scheduler", "sandbox"]

    def is_ready(name: str) -> Callable[[], bool]:
        return lambda: diary.exists() and f"{name} ready" in diary.read_text()

    children = [child(name, ON_TERM, name, diary, ready=is_ready(name)) for name in names]
    told = Told(lambda _: os.kill(os.getpid(), number))
    before = signal.getsignal(number)
    assert Supervisor(children, tmp_path / "logs", told).run(Limit()) == 0
    assert signal.getsignal(number) is before
    lines = [line for line in diary.read_text().splitlines() if not line.endswith("ready")]
    assert lines == [f"{name} {what}" for name in names for what in ("asked", "ends")]


def test_a_child_that_does_not_stop_is_killed_and_the_next_still_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "_STOP_SECONDS", 0.5)
    diary, ignoring, until = tmp_path / "diary", tmp_path / "ignoring", Limit()
    deaf = (
        "import pathlib, signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "pathlib.Path(sys.argv[1]).touch(); signal.pause()"
    )
    children = [
        child("web", deaf, ignoring, ready=ignoring.exists),
        child("worker", ON_TERM, "worker", diary, ready=diary.exists),
    ]
    told = Told(lambda _: until.set())
    assert Supervisor(children, tmp_path / "logs", told).run(until) == 0
    assert not alive(told.pids[0]["web"][0])
    assert "worker ends" in diary.read_text()


def test_a_killed_supervisor_leaves_no_orphan(
    tmp_path: Path, run_script: Callable[..., subprocess.Popen[str]]
) -> None:
    script = """
import sys, threading
from pathlib import Path
from gateway.embedded.forked import fork
from gateway.supervisor import ChildSpec, Supervisor
import signal
start = lambda log: fork(signal.pause, log, env={})
spec = ChildSpec(name="worker", start=start, essential=False, ready=None)
tell = lambda pids: print(*pids["worker"], flush=True)
Supervisor([spec, spec], Path(sys.argv[1]), tell).run(threading.Event())
"""
    process = run_script(script, tmp_path)
    assert process.stdout is not None
    pids = [int(word) for word in process.stdout.readline().split()]
    assert len(pids) == 2
    assert all(alive(pid) for pid in pids)
    process.kill()
    process.wait()
    assert gone(pids)


APPLICATION = """
from gateway.embedded.processes import die_with_parent
die_with_parent()
def app(environ, start_response):
    start_response("200 OK", [])
    return [b"here"]
"""


def test_web_workers_are_told_respawned_and_end_with_their_main_process(tmp_path: Path) -> None:
    (tmp_path / "application.py").write_text(APPLICATION)
    port = free_port()
    argv = (sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port))
    respawn = ("--workers", "2", "--respawn-failed-workers", "--respawn-interval", "0.1")

    def answers() -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60) as response:
                return bool(response.read() == b"here")
        except OSError:
            return False

    web = program(
        "web",
        (*argv, *respawn, "application:app"),
        env={"PYTHONPATH": f"{tmp_path}:{ROOT}"},
        ready=answers,
    )
    until = Limit()
    full: list[list[int]] = []

    def act(pids: Pids) -> None:
        if len(pids["web"]) < 3:
            return  # between a death and its repair
        eventually(answers)
        full.append(pids["web"])
        if len(full) == 1:
            os.kill(pids["web"][1], signal.SIGKILL)
        elif len(full) == 2:
            os.kill(pids["web"][0], signal.SIGKILL)
        else:
            until.set()

    assert Supervisor([web], tmp_path / "logs", act).run(until) == 0
    first, respawned, restarted = full
    assert respawned[0] == first[0]
    assert first[1] not in respawned
    assert len(set(respawned) & set(first)) == 2
    assert not set(restarted) & set(respawned)
    assert gone([*first, *respawned, *restarted])


def test_the_ready_file_is_replaced_in_one_step_and_private(tmp_path: Path) -> None:
    path = tmp_path / "ready.json"
    path.write_text("old")
    path.chmod(0o644)
    with path.open() as reader:
        write_ready_file(path, {"processes": {"web": [1, 2]}})
        assert reader.read() == "old"
    assert json.loads(path.read_text()) == {"processes": {"web": [1, 2]}}
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(TypeError):
        write_ready_file(path, {"unknown": object()})
    assert [entry.name for entry in tmp_path.iterdir()] == ["ready.json"]
    assert json.loads(path.read_text()) == {"processes": {"web": [1, 2]}}
