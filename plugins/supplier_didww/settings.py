"""What DIDWW needs to know of us, and we of it."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

_LONG = validate.Length(min=32)


class DidwwSettings(Schema):
    """One DIDWW account.

    Numbers are routed to trunks that exist: `sms_trunk_id` is an HTTP IN trunk, whose requests
    carry `sms_token`; `voice_trunk_id` one that brings calls to where they are heard. What a trunk
    of neither kind takes is not offered. `callback_secret` signs what becomes of orders; without
    it nothing is called back. `addresses` are registered addresses by country, the papers of
    numbers there. DIDWW names no currency with its prices: `currency` is that of the account.
    """

    api_key = fields.String(required=True, load_only=True, validate=validate.Length(min=1))
    callback_secret = fields.String(load_default="", load_only=True)
    sms_trunk_id = fields.String(load_default="")
    sms_token = fields.String(load_default="", load_only=True, validate=_LONG)
    voice_trunk_id = fields.String(load_default="")
    addresses = fields.Dict(
        keys=fields.String(validate=validate.Regexp(r"[A-Z]{2}\Z")),
        values=fields.String(),
        load_default=dict,
    )
    currency = fields.String(load_default="USD", validate=validate.Regexp(r"[A-Z]{3}\Z"))
    api_url = fields.String(load_default="https://api.didww.com")
    auth_url = fields.String(load_default="https://auth.didww.com")

    @validates_schema
    def _hears_something(self, given: Mapping[str, Any], **_: object) -> None:
        if bool(given.get("sms_trunk_id")) != bool(given.get("sms_token")):
            raise ValidationError("A trunk of texts and its token come together.", "sms_token")
        if not given.get("sms_trunk_id") and not given.get("voice_trunk_id"):
            raise ValidationError("Without a trunk no code would be heard.", "sms_trunk_id")
