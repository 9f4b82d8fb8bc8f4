"""ATS connections at the HTTP border."""

from marshmallow import Schema, fields

from gateway.shapes import Shown


class AtsConnectionRequest(Schema):
    adapter = fields.String(required=True)
    line_id = fields.String(required=True)
    recruiter_id = fields.String(required=True)
    settings = fields.Dict(keys=fields.String(), load_default=dict)


class AtsConnectionShown(Shown):
    id = fields.String()
    adapter = fields.String()
    line_id = fields.String()
    recruiter_id = fields.String()
    settings = fields.Dict()
    webhook_url = fields.String()
    created_at = fields.AwareDateTime()


class AtsConnectionMade(AtsConnectionShown):
    """`secret` is what the ATS signs with; it is shown this once."""

    secret = fields.String()


class AtsFailure(Shown):
    code = fields.String()
    detail = fields.String()


class AtsDeliveryShown(Shown):
    id = fields.String()
    event_id = fields.String()
    state = fields.String()
    error = fields.Nested(AtsFailure, allow_none=True)
    conversation_id = fields.String(allow_none=True)
    received_at = fields.AwareDateTime()
    settled_at = fields.AwareDateTime(allow_none=True)
