"""What the drawer needs to know."""

from marshmallow import Schema, fields, validate


class OperatorSimSettings(Schema):
    """Of the SIM cards' operator, and of the modem that some of them may be in."""

    monthly_price = fields.Decimal(
        load_default=None, allow_none=True, validate=validate.Range(min=0)
    )
    currency = fields.String(load_default="MAD", validate=validate.Regexp(r"[A-Z]{3}\Z"))
    modem_secret = fields.String(load_default="", load_only=True, validate=validate.Length(min=16))
