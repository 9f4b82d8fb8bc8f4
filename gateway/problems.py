"""What a caller did wrong, in a form every border can show: HTTP, command line, page."""

from collections.abc import Mapping
from typing import Any


class Mistake(Exception):
    """What whoever runs the gateway can mend; the message is one sentence that says how."""


class Problem(Exception):
    """A refusal with a stable code. `extra` is shown beside it (the window, the templates, …)."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        pointer: str | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.status = status
        self.code = code
        self.detail = detail
        self.pointer = pointer
        self.extra = dict(extra or {})


def not_found(what: str) -> Problem:
    """Somebody else's looks like nobody's: ids of others answer the same."""
    return Problem(404, "not_found", f"There is no such {what}.")
