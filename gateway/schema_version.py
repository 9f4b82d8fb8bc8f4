"""Which migration the core's code expects."""

from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).resolve().parent.parent / "migrations"


def expected() -> str:
    """The newest migration's revision: the number its file's name begins with."""
    newest = max(path.name for path in (FOLDER / "versions").glob("[0-9]*.py"))
    return newest.partition("_")[0]
