"""What the API's answers have in common."""

from typing import Any, Final

from marshmallow import EXCLUDE, Schema, fields

SOMETIMES: Final = {"sometimes": True}
"""The metadata of a field that an answer may lack."""


class Shown(Schema):
    """An answer: each of its fields is always there, unless marked `SOMETIMES`; more may come."""

    class Meta:
        unknown = EXCLUDE

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        field_obj.required = not field_obj.metadata.get("sometimes", False)


class ErrorShown(Shown):
    """What went wrong with a message or a step; the reference of error codes explains `code`."""

    code = fields.String()
    detail = fields.String(allow_none=True)
    provider_code = fields.String(
        allow_none=True,
        metadata={**SOMETIMES, "description": "The provider's own code, for its support."},
    )
