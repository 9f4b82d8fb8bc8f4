"""Which gateway a command means: the one its settings name, or a `gateway up` nearby."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from gateway.stack import environment_of

F = TypeVar("F", bound=Callable[..., Any])

data_dir: Final[Callable[[F], F]] = click.option(
    "--data-dir",
    type=click.Path(path_type=Path),
    default=Path("var"),
    show_default=True,
    help="Of the `gateway up` to talk to, where GATEWAY_DATABASE__URL is not set.",
)


def environment(folder: Path) -> dict[str, str]:
    """Ours, over that of the `gateway up` on this folder unless we name a database ourselves.

    FileNotFoundError where none runs there.
    """
    nearby = {} if os.environ.get("GATEWAY_DATABASE__URL") else environment_of(folder)
    return {**nearby, **os.environ}
