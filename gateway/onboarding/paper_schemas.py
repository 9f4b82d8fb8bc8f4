"""Papers at the HTTP border."""

from typing import Final, get_args

from flask_smorest.fields import Upload
from marshmallow import Schema, fields, validate

from gateway.errors import Actor
from gateway.names import Name
from gateway.shapes import Shown
from gateway.tenancy.addresses import Verdict
from gateway.tenancy.papers import DOCUMENT_KINDS, PAPER_STATES

_VERDICTS: Final = get_args(Verdict)


class DocumentForm(Schema):
    """What stands on the paper beside the file: a paper that does not say it counts for nothing."""

    kind = fields.String(required=True, validate=validate.OneOf(DOCUMENT_KINDS))
    number = fields.String(
        validate=validate.Length(1, 40),
        metadata={"description": "Of the register (RC); the ICE (15 digits) or the IF."},
    )
    court = Name(metadata={"description": "The city of the court that keeps the register."})
    issued_on = fields.Date()
    expires_on = fields.Date()
    address = Name(metadata={"description": "The address as the paper shows it."})


class DocumentUpload(DocumentForm):
    """The whole form, as it is documented; the file is read from the request itself."""

    file = Upload(required=True)


class ComparisonShown(Shown):
    """Two addresses side by side, for a person to judge; accents, abbreviations and the order of
    words are seen through."""

    verdict = fields.String(validate=validate.OneOf(_VERDICTS))
    registered = fields.String()
    on_paper = fields.String()
    only_registered = fields.List(fields.String())
    only_on_paper = fields.List(fields.String())


class ConfirmationShown(Shown):
    at = fields.String(metadata={"format": "date-time"})
    by = fields.String()


class DocumentShown(Shown):
    id = fields.String(attribute="paper.id")
    kind = fields.String(attribute="paper.kind")
    state = fields.String(
        validate=validate.OneOf(PAPER_STATES),
        metadata={"description": "Only an accepted paper counts; a replaced one is history."},
    )
    detail = fields.String(allow_none=True)
    who = fields.String(
        allow_none=True,
        validate=validate.OneOf(get_args(Actor)),
        metadata={"description": "Who must act for it to count."},
    )
    filename = fields.String(attribute="paper.filename")
    content_type = fields.String(attribute="paper.content_type")
    sha256 = fields.String(attribute="paper.sha256")
    size = fields.Integer(attribute="paper.size")
    number = fields.String(attribute="paper.number", allow_none=True)
    court = fields.String(attribute="paper.court", allow_none=True)
    issued_on = fields.Date(attribute="paper.issued_on", allow_none=True)
    expires_on = fields.Date(attribute="paper.expires_on", allow_none=True)
    address = fields.String(attribute="paper.address", allow_none=True)
    comparison = fields.Nested(ComparisonShown, allow_none=True)
    confirmation = fields.Nested(ConfirmationShown, attribute="paper.confirmation", allow_none=True)
    created_at = fields.AwareDateTime(attribute="paper.created_at")
