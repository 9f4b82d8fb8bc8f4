"""What Twilio needs to know of us."""

from marshmallow import Schema, fields, validate


class TwilioSettings(Schema):
    """One Twilio account. The auth token also signs what Twilio posts to us."""

    account_sid = fields.String(required=True, validate=validate.Regexp(r"AC[0-9a-f]{32}\Z"))
    auth_token = fields.String(required=True, load_only=True, validate=validate.Length(min=1))
    api_url = fields.String(load_default="https://api.twilio.com")
    pricing_url = fields.String(load_default="https://pricing.twilio.com")
