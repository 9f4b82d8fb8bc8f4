"""Events and webhook endpoints at the HTTP border; an event looks the same pulled and pushed."""

import json
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from gateway.events.catalogue import TYPES
from gateway.events.endpoints import EVERYTHING
from gateway.events.models import EventRow
from gateway.registry import did_you_mean
from gateway.shapes import Shown

_limit = validate.Range(1, 500)


class EventShown(Shown):
    id = fields.String()
    type = fields.String()
    timestamp = fields.AwareDateTime(attribute="occurred_at")
    client_id = fields.String()
    sequence = fields.Integer(allow_none=True)
    data = fields.Dict()


def body_of(event: EventRow) -> bytes:
    """The body of a push."""
    return json.dumps(EventShown().dump(event), ensure_ascii=False, separators=(",", ":")).encode()


class EventQuery(Schema):
    after = fields.String(load_default=None)
    limit = fields.Integer(load_default=100, validate=_limit)


class _KnownType(validate.OneOf):
    def __call__(self, value: Any) -> Any:
        if value not in self.choices:
            near = did_you_mean(str(value), list(TYPES))
            raise ValidationError(f"No event type is called {value!r}{near}.")
        return value


def _types(**options: Any) -> Any:
    each = fields.String(validate=_KnownType((EVERYTHING, *TYPES)))
    return fields.List(each, validate=validate.Length(1), **options)


def _url(**options: Any) -> Any:
    return fields.Url(
        require_tld=False,
        schemes={"http", "https"},
        validate=validate.Length(1, 2000),
        **options,
    )


class EndpointPatch(Schema):
    url = _url()
    description = fields.String(validate=validate.Length(0, 200))
    events = _types()
    enabled = fields.Boolean()


class EndpointRequest(Schema):
    url = _url(required=True)
    description = fields.String(load_default="", validate=validate.Length(0, 200))
    events = _types(load_default=lambda: [EVERYTHING])


class EndpointShown(Shown):
    id = fields.String()
    url = fields.String()
    description = fields.String()
    events = fields.List(fields.String())
    enabled = fields.Boolean()
    disabled_reason = fields.String(allow_none=True)
    previous_secret_until = fields.AwareDateTime(allow_none=True)
    created_at = fields.AwareDateTime()


class EndpointWithSecret(EndpointShown):
    """The secret is shown when it is made, and never again."""

    secret = fields.String()


class DeliveryQuery(Schema):
    status = fields.String(
        load_default=None, validate=validate.OneOf(("pending", "delivered", "failed"))
    )
    after = fields.String(load_default=None)
    limit = fields.Integer(load_default=100, validate=_limit)


class AttemptShown(Shown):
    at = fields.String()
    status_code = fields.Integer(allow_none=True)
    error = fields.String(allow_none=True)
    duration_ms = fields.Integer()


class DeliveryShown(Shown):
    event_id = fields.String()
    type = fields.String()
    client_id = fields.String()
    status = fields.String()
    attempts = fields.List(fields.Nested(AttemptShown))
    next_attempt_at = fields.AwareDateTime(allow_none=True)
    created_at = fields.AwareDateTime()


class ResendRequest(Schema):
    """One event, or what happened after a time and before another (now, if not given)."""

    also: ClassVar = {"oneOf": [{"required": ["event_id"]}, {"required": ["after"]}]}
    event_id = fields.String()
    after = fields.AwareDateTime(format="iso")
    before = fields.AwareDateTime(format="iso", load_default=None)

    @validates_schema
    def one_or_many(self, data: dict[str, Any], **_: Any) -> None:
        if ("event_id" in data) == ("after" in data):
            raise ValidationError("Give either an event_id or after, not both.", "event_id")


class ResendShown(Shown):
    events = fields.Integer()
