"""The shape of every list."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from marshmallow import Schema, fields

from gateway.problems import Problem
from gateway.shapes import Shown


@cache
def listed(item: type[Schema]) -> type[Schema]:
    """The schema of a page of these."""
    return type(
        f"{item.__name__}Page",
        (Shown,),
        {
            "data": fields.List(fields.Nested(item)),
            "has_more": fields.Boolean(),
            "next_cursor": fields.String(allow_none=True),
        },
    )


def whole(rows: Sequence[Any]) -> dict[str, Any]:
    """A list that fits on one page."""
    return {"data": rows, "has_more": False, "next_cursor": None}


def cursor(position: int | None) -> str | None:
    """Where a page ends, for the next to begin there. Nobody should read it."""
    return None if position is None else f"p{position:x}"


def position(cursor: str | None, *, bits: int = 63) -> int | None:
    """Where a cursor points to, a number of so many bits; None for none."""
    if cursor is None:
        return None
    try:
        found = int(cursor.removeprefix("p"), 16)
    except ValueError:
        found = -1
    if cursor != f"p{found:x}" or not 0 <= found < 2**bits:
        raise Problem(
            400,
            "invalid_cursor",
            "Give `after` as an earlier page's next_cursor.",
            pointer="/after",
        )
    return found
