"""What the API takes and shows of candidates and their consent."""

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from gateway.names import Name
from gateway.shapes import SOMETIMES, Shown


class OptIn(Schema):
    source = fields.String(required=True, validate=validate.Length(1, 200))
    obtained_at = fields.AwareDateTime(required=True, format="iso")
    evidence = fields.String(validate=validate.Length(1, 2000))


class CandidateRequest(Schema):
    name = Name(required=True)
    phone = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 40))
    bsuid = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Regexp(
            r"^[A-Z]{2}\.[A-Za-z0-9.]{1,131}$(?!\n)", error="This is no BSUID."
        ),
    )
    ats_candidate_id = fields.String(load_default=None, allow_none=True)
    language = fields.String(
        load_default=None, allow_none=True, validate=validate.OneOf(("ar", "en", "fr"))
    )
    opt_in = fields.Nested(OptIn, load_default=None, allow_none=True)

    also: ClassVar = {
        "anyOf": [
            {"required": [name], "properties": {name: {"type": "string"}}}
            for name in ("phone", "bsuid")
        ]
    }

    @validates_schema
    def reachable(self, data: dict[str, Any], **_: Any) -> None:
        if not data.get("phone") and not data.get("bsuid"):
            raise ValidationError("Give a phone or a bsuid.", "phone")


class CandidatePatch(Schema):
    name = Name()
    phone = fields.String(validate=validate.Length(1, 40))
    ats_candidate_id = fields.String(allow_none=True)
    language = fields.String(allow_none=True, validate=validate.OneOf(("ar", "en", "fr")))


def evidence(opt_in: Mapping[str, Any]) -> dict[str, Any]:
    """An OptIn that was found right, as it is kept."""
    return {**opt_in, "obtained_at": opt_in["obtained_at"].isoformat()}


class RecordedOptIn(Shown):
    source = fields.String()
    obtained_at = fields.String(metadata={"format": "date-time"})
    evidence = fields.String(metadata=SOMETIMES)


class CandidateShown(Shown):
    id = fields.String()
    name = fields.String()
    other_names = fields.List(fields.String())
    phone = fields.String(allow_none=True)
    wa_id = fields.String(allow_none=True)
    bsuid = fields.String(allow_none=True)
    language = fields.String(allow_none=True)
    ats_candidate_id = fields.String(allow_none=True)
    opt_in = fields.Nested(RecordedOptIn, allow_none=True)
    opted_out_at = fields.AwareDateTime(allow_none=True)
    marketing_stopped_at = fields.AwareDateTime(allow_none=True)


class OptOut(Schema):
    source = fields.String(load_default="client", validate=validate.Length(1, 200))
