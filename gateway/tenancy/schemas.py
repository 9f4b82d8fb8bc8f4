"""Tenancy at the HTTP border."""

from flask_smorest.fields import Upload
from marshmallow import Schema, fields, validate

from gateway.names import Name
from gateway.shapes import Shown
from gateway.tenancy.service import DOCUMENT_KINDS

_country = validate.Regexp(r"^[A-Z]{2}$(?!\n)", error="Use two capital letters, such as MA.")


class ClientRequest(Schema):
    name = Name(required=True)
    legal_name = Name(allow_none=True)
    country = fields.String(required=True, validate=_country)
    logo_url = fields.Url(
        allow_none=True,
        require_tld=False,
        schemes={"http", "https"},
        metadata={"format": "uri", "pattern": "^https?://"},
    )
    external_ref = fields.String(allow_none=True, validate=validate.Length(1, 200))
    default_language = fields.String(validate=validate.OneOf(("ar", "en", "fr")))
    hold_introductions_until_named = fields.Boolean()


class ClientPatch(ClientRequest):
    name = Name()
    country = fields.String(validate=_country)


class ClientShown(Shown):
    id = fields.String(attribute="client_id")
    name = fields.String()
    legal_name = fields.String(allow_none=True)
    country = fields.String()
    logo_url = fields.String(allow_none=True)
    external_ref = fields.String(allow_none=True)
    default_language = fields.String()
    hold_introductions_until_named = fields.Boolean()
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


class DocumentForm(Schema):
    kind = fields.String(required=True, validate=validate.OneOf(DOCUMENT_KINDS))


class DocumentUpload(DocumentForm):
    """The whole form, as it is documented; the file is read from the request itself."""

    file = Upload(required=True)


class DocumentShown(Shown):
    id = fields.String()
    kind = fields.String()
    filename = fields.String()
    content_type = fields.String()
    sha256 = fields.String()
    size = fields.Integer()
    created_at = fields.AwareDateTime()
