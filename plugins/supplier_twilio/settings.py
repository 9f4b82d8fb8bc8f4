"""What Twilio needs to know of us."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema


def _by_country(sid: str) -> fields.Dict:
    """SIDs of this prefix, one a country."""
    return fields.Dict(
        keys=fields.String(validate=validate.Regexp(r"[A-Z]{2}\Z")),
        values=fields.String(validate=validate.Regexp(rf"{sid}[0-9a-f]{{32}}\Z")),
        load_default=dict,
    )


class TwilioSettings(Schema):
    """One Twilio account. The auth token also signs what Twilio posts to us.

    `bundles` and `addresses` are the platform's own papers that Twilio has approved, by the country
    they are for. In the countries of `client_papers` Twilio wants the papers of whoever uses the
    number: each client's own are handed in, and `papers_email` hears of their review.
    """

    account_sid = fields.String(required=True, validate=validate.Regexp(r"AC[0-9a-f]{32}\Z"))
    auth_token = fields.String(required=True, load_only=True, validate=validate.Length(min=1))
    bundles = _by_country("BU")
    addresses = _by_country("AD")
    client_papers = fields.List(
        fields.String(validate=validate.Regexp(r"[A-Z]{2}\Z")), load_default=list
    )
    papers_email = fields.Email(load_default=None)
    api_url = fields.String(load_default="https://api.twilio.com")
    pricing_url = fields.String(load_default="https://pricing.twilio.com")
    numbers_url = fields.String(load_default="https://numbers.twilio.com")
    numbers_upload_url = fields.String(load_default="https://numbers-upload.twilio.com")

    @validates_schema
    def name_who_hears(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("client_papers") and not data.get("papers_email"):
            raise ValidationError("Give it where clients' papers are handed in.", "papers_email")
