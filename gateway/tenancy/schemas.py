"""Tenancy at the HTTP border."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from gateway.names import Name
from gateway.shapes import Shown
from gateway.tenancy import quiet_hours

_country = validate.Regexp(r"^[A-Z]{2}$(?!\n)", error="Use two capital letters, such as MA.")


def _is_timezone(name: str) -> None:
    if not quiet_hours.is_timezone(name):
        raise ValidationError("This is no timezone; write it as Africa/Casablanca.")


_time = validate.Regexp(r"^([01]\d|2[0-3]):[0-5]\d$(?!\n)", error="Write a time such as 21:00.")
_QuietTimes = Schema.from_dict(
    {
        "from": fields.String(required=True, validate=_time),
        "to": fields.String(required=True, validate=_time),
    },
    name="QuietTimes",
)


class QuietHours(_QuietTimes):  # type: ignore[misc,valid-type]
    """When no template is to wake a candidate; by the client's country where no zone is given."""

    timezone = fields.String(validate=_is_timezone)

    @validates_schema
    def differ(self, data: dict[str, str], **_: Any) -> None:
        if data["from"] == data["to"]:
            raise ValidationError("Quiet hours begin and end at different times.", "to")


def _address(longest: int | None = None) -> fields.Url:
    return fields.Url(
        allow_none=True,
        require_tld=False,
        schemes={"http", "https"},
        validate=validate.Length(max=longest) if longest else None,
        metadata={"format": "uri", "pattern": "^https?://"},
    )


class RegisteredAddress(Schema):
    """Where the company is registered, as its papers say; in the client's country."""

    street = Name(required=True)
    city = Name(required=True)
    postal_code = fields.String(validate=validate.Regexp(r"^[A-Z0-9 -]{1,12}$(?!\n)"))
    region = Name()


class ClientRequest(Schema):
    name = Name(required=True)
    legal_name = Name(allow_none=True)
    country = fields.String(required=True, validate=_country)
    display_name = Name(allow_none=True)
    logo_url = _address()
    website = _address(longest=256)
    email = fields.Email(allow_none=True, validate=validate.Length(max=128))
    registered_address = fields.Nested(RegisteredAddress, allow_none=True)
    external_ref = fields.String(allow_none=True, validate=validate.Length(1, 200))
    default_language = fields.String(validate=validate.OneOf(("ar", "en", "fr")))
    hold_introductions_until_named = fields.Boolean()
    quiet_hours = fields.Nested(QuietHours, allow_none=True)


class ClientPatch(ClientRequest):
    name = Name()
    country = fields.String(validate=_country)


class LogoError(Shown):
    code = fields.String()
    detail = fields.String()


class ClientShown(Shown):
    id = fields.String(attribute="client_id")
    name = fields.String()
    legal_name = fields.String(allow_none=True)
    display_name = fields.String(
        allow_none=True,
        metadata={"description": "What candidates see; null: the name and `Recruitment`."},
    )
    country = fields.String()
    logo_url = fields.String(allow_none=True)
    logo_error = fields.Nested(
        LogoError,
        allow_none=True,
        metadata={"description": "Why what is at `logo_url` cannot be the lines' picture."},
    )
    website = fields.String(allow_none=True)
    email = fields.String(allow_none=True)
    registered_address = fields.Nested(RegisteredAddress, allow_none=True)
    external_ref = fields.String(allow_none=True)
    default_language = fields.String()
    hold_introductions_until_named = fields.Boolean()
    quiet_hours = fields.Nested(QuietHours, allow_none=True)
    created_at = fields.AwareDateTime()


class RecruiterRequest(Schema):
    name = Name(required=True)
    email = fields.Email(required=True)


class RecruiterShown(Shown):
    id = fields.String()
    name = fields.String()
    email = fields.String()
    created_at = fields.AwareDateTime()
    left_at = fields.AwareDateTime(allow_none=True)


class LeaveRequest(Schema):
    hand_over_to = fields.String(allow_none=True, load_default=None)


class LeaveShown(RecruiterShown):
    moved_conversations = fields.Integer()
