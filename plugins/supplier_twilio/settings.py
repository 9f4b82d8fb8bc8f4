"""What Twilio needs to know of us."""

from marshmallow import Schema, fields, validate


def _by_country(sid: str) -> fields.Dict:
    """SIDs of this prefix, one a country."""
    return fields.Dict(
        keys=fields.String(validate=validate.Regexp(r"[A-Z]{2}\Z")),
        values=fields.String(validate=validate.Regexp(rf"{sid}[0-9a-f]{{32}}\Z")),
        load_default=dict,
    )


class TwilioSettings(Schema):
    """One Twilio account. The auth token also signs what Twilio posts to us.

    `bundles` and `addresses` are papers that Twilio has approved, by the country they are for.
    """

    account_sid = fields.String(required=True, validate=validate.Regexp(r"AC[0-9a-f]{32}\Z"))
    auth_token = fields.String(required=True, load_only=True, validate=validate.Length(min=1))
    bundles = _by_country("BU")
    addresses = _by_country("AD")
    api_url = fields.String(load_default="https://api.twilio.com")
    pricing_url = fields.String(load_default="https://pricing.twilio.com")
    numbers_url = fields.String(load_default="https://numbers.twilio.com")
