"""How a line stands, at the HTTP border."""

from typing import get_args

from marshmallow import fields, validate

from gateway.errors import Actor
from gateway.provisioning.health_rules import STATES
from gateway.shapes import Shown


class HealthErrorShown(Shown):
    """Meta's own words."""

    code = fields.String()
    description = fields.String()
    solution = fields.String(allow_none=True)


class HealthEntityShown(Shown):
    """One of the things that every message passes."""

    kind = fields.String(metadata={"description": "PHONE_NUMBER, WABA, BUSINESS, APP, …"})
    id = fields.String()
    can_send = fields.String(metadata={"description": "AVAILABLE, LIMITED or BLOCKED."})
    errors = fields.List(fields.Nested(HealthErrorShown))


class HealthSeenShown(Shown):
    """What Meta showed at the last look, in Meta's own values."""

    status = fields.String()
    registered = fields.Boolean()
    can_send = fields.String()
    quality_rating = fields.String()
    name_status = fields.String()
    account_review = fields.String()
    entities = fields.List(fields.Nested(HealthEntityShown))


class HealthProblemShown(Shown):
    """What is wrong in plain words, who must act, and what to do."""

    code = fields.String()
    detail = fields.String()
    do = fields.String()
    who = fields.String(validate=validate.OneOf(get_args(Actor)))
    stops = fields.Boolean(metadata={"description": "Nothing leaves the line while it is so."})
    provider_code = fields.String(allow_none=True)


class HealthShown(Shown):
    """How a line stands, as it was seen last; nobody is asked for this answer."""

    line_id = fields.String()
    state = fields.String(validate=validate.OneOf(STATES))
    seen_at = fields.AwareDateTime(allow_none=True)
    age_seconds = fields.Integer(
        allow_none=True, metadata={"description": "How long ago that was."}
    )
    changed_at = fields.AwareDateTime(allow_none=True)
    messaging_limit = fields.Integer(
        allow_none=True,
        metadata={
            "description": "People whom the line's portfolio may write to first in 24 h, all"
            " clients together; null where there is no limit or none is known."
        },
    )
    seen = fields.Nested(HealthSeenShown, allow_none=True)
    problems = fields.List(fields.Nested(HealthProblemShown))
