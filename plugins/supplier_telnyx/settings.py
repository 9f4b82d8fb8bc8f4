"""What Telnyx needs to know of us, and we of it."""

import base64
import binascii

from marshmallow import Schema, ValidationError, fields, validate


def _check_public_key(written: str) -> None:
    try:
        sound = len(base64.b64decode(written, validate=True)) == 32
    except binascii.Error:
        sound = False
    if not sound:
        raise ValidationError("Give the 32 bytes of the key in base64, as the portal shows them.")


class TelnyxSettings(Schema):
    """One Telnyx account. `public_key` is what its webhooks are signed for, as the portal shows it.

    `connection_id` is a call control application, `messaging_profile_id` a messaging profile; both
    are pointed at the gateway. `requirement_groups` are the platform's own papers that Telnyx has
    approved, by the country they are for. In the countries of `client_papers` it wants the papers
    of whoever uses the number: each client's own are handed in.
    """

    api_key = fields.String(required=True, load_only=True, validate=validate.Length(min=1))
    public_key = fields.String(required=True, validate=_check_public_key)
    connection_id = fields.String(required=True, validate=validate.Length(min=1))
    messaging_profile_id = fields.String(required=True, validate=validate.Length(min=1))
    requirement_groups = fields.Dict(
        keys=fields.String(validate=validate.Regexp(r"[A-Z]{2}\Z")),
        values=fields.String(),
        load_default=dict,
    )
    client_papers = fields.List(
        fields.String(validate=validate.Regexp(r"[A-Z]{2}\Z")), load_default=list
    )
    api_url = fields.String(load_default="https://api.telnyx.com")
