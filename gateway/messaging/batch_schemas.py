"""Many conversations by one request, at the HTTP border."""

from typing import Any, Final

from marshmallow import Schema, fields, validate

from gateway.idempotency import KEY
from gateway.messaging.schemas import ConversationRequest, ConversationShown
from gateway.openapi import Problem
from gateway.shapes import SOMETIMES, Shown

MOST_ENTRIES: Final = 1000


class BatchEntryRequest(ConversationRequest):
    idempotency_key = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Regexp(KEY, error="Give 1 to 255 printable ASCII characters."),
        metadata={"description": "Sent again with the same key, the entry takes effect once."},
    )


class Entries(fields.List[Any]):
    """A list whose entries are judged later, each by itself."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> list[Any]:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        return value


class BatchRequest(Schema):
    conversations = Entries(
        fields.Nested(BatchEntryRequest), required=True, validate=validate.Length(max=MOST_ENTRIES)
    )


class BatchResultShown(Shown):
    """What an entry came to: `conversation` as it is now (201: new), or `error`.

    `replayed`: its key was sent before; this is what it was answered then.
    """

    index = fields.Integer()
    status = fields.Integer()
    replayed = fields.Boolean()
    conversation = fields.Nested(ConversationShown, metadata=SOMETIMES)
    error = fields.Nested(Problem, metadata=SOMETIMES)


class BatchShown(Shown):
    data = fields.List(fields.Nested(BatchResultShown))
