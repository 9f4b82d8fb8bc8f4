"""What a client says of its ATS: where an event holds what, and which events count."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema

from .pointers import is_well_formed


def _pointer(value: str) -> None:
    if not is_well_formed(value):
        raise ValidationError("Must be a JSON pointer (RFC 6901), such as /candidate/phone.")


def _conditions(value: dict[str, Any]) -> None:
    wrong: dict[str, list[str]] = {}
    for pointer, allowed in value.items():
        if not is_well_formed(pointer):
            wrong[pointer] = ["The name must be a JSON pointer (RFC 6901), such as /event."]
        elif not isinstance(allowed, list) or not allowed or not all(map(_is_plain, allowed)):
            wrong[pointer] = [
                "Must list at least one text, whole number or boolean, and nothing else."
            ]
    if wrong:
        raise ValidationError(wrong)


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int)  # booleans are whole numbers to Python


class Mapping(Schema):
    """Where in an event each of these stands. What may stand nowhere may be left out."""

    name = fields.String(required=True, data_key="candidate.name", validate=_pointer)
    phone = fields.String(required=True, data_key="candidate.phone", validate=_pointer)
    ats_candidate_id = fields.String(data_key="candidate.ats_candidate_id", validate=_pointer)
    language = fields.String(data_key="candidate.language", validate=_pointer)
    opt_in_source = fields.String(data_key="candidate.opt_in.source", validate=_pointer)
    opt_in_obtained_at = fields.String(data_key="candidate.opt_in.obtained_at", validate=_pointer)
    opt_in_evidence = fields.String(data_key="candidate.opt_in.evidence", validate=_pointer)
    application_ref = fields.String(data_key="application_ref", validate=_pointer)
    recruiter_email = fields.String(data_key="recruiter.email", validate=_pointer)

    @validates_schema
    def opt_in_is_whole(self, data: dict[str, Any], **_: Any) -> None:
        needed = ("opt_in_source", "opt_in_obtained_at")
        if any(name.startswith("opt_in_") for name in data):
            for name in needed:
                if name not in data:
                    raise ValidationError("An opt-in needs its source and its time.", name)


class Settings(Schema):
    mapping = fields.Nested(Mapping, required=True)
    conditions = fields.Dict(keys=fields.String(), data_key="only", validate=_conditions)
