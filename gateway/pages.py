"""The shape of every list."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from marshmallow import Schema, fields

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
