"""Conversations and messages at the HTTP border."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from gateway.names import Name


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

    @validates_schema
    def reachable(self, data: dict[str, Any], **_: Any) -> None:
        if not data.get("phone") and not data.get("bsuid"):
            raise ValidationError("Give a phone or a bsuid.", "phone")


class CandidatePatch(Schema):
    name = Name()
    phone = fields.String(validate=validate.Length(1, 40))
    ats_candidate_id = fields.String(allow_none=True)
    language = fields.String(allow_none=True, validate=validate.OneOf(("ar", "en", "fr")))


class ConversationRequest(Schema):
    line_id = fields.String(required=True)
    recruiter_id = fields.String(required=True)
    candidate = fields.Nested(CandidateRequest, required=True)
    application_ref = fields.String(load_default=None, allow_none=True)


class Text(Schema):
    body = fields.String(required=True, validate=validate.Length(1, 4096))
    preview_url = fields.Boolean()


class TemplateLanguage(Schema):
    code = fields.String(required=True)


class TemplateParameter(Schema):
    type = fields.String(required=True, validate=validate.OneOf(("text",)))
    text = fields.String(required=True, validate=validate.Length(1, 1024))


class TemplateComponent(Schema):
    type = fields.String(required=True, validate=validate.OneOf(("body",)))
    parameters = fields.List(fields.Nested(TemplateParameter), required=True)


class TemplateContent(Schema):
    name = fields.String(required=True)
    language = fields.Nested(TemplateLanguage, required=True)
    components = fields.List(fields.Nested(TemplateComponent), load_default=list)


class MessageRequest(Schema):
    """Meta's own field names: the content stands under its type's name."""

    type = fields.String(required=True, validate=validate.OneOf(("text", "template")))
    text = fields.Nested(Text)
    template = fields.Nested(TemplateContent)

    @validates_schema
    def content_given(self, data: dict[str, Any], **_: Any) -> None:
        if data["type"] not in data:
            raise ValidationError(
                f"A {data['type']} message needs its {data['type']}.", data["type"]
            )


class MessageQuery(Schema):
    dry_run = fields.Boolean(load_default=False)


class Rehearsal(Schema):
    """What sending would do. `price` is the list price of all that would leave; null: unknown."""

    verdict = fields.String(validate=validate.OneOf(("allowed", "refused")))
    rule = fields.String()
    detail = fields.String()
    messages = fields.List(fields.Dict())
    price = fields.Dict(allow_none=True)


class AssignRequest(Schema):
    recruiter_id = fields.String(required=True, allow_none=True)


class CandidateShown(Schema):
    id = fields.String()
    name = fields.String()
    other_names = fields.List(fields.String())
    phone = fields.String(allow_none=True)
    wa_id = fields.String(allow_none=True)
    bsuid = fields.String(allow_none=True)
    language = fields.String(allow_none=True)
    ats_candidate_id = fields.String(allow_none=True)
    opt_in = fields.Dict(allow_none=True)
    opted_out_at = fields.AwareDateTime(allow_none=True)
    marketing_stopped_at = fields.AwareDateTime(allow_none=True)


class OptOut(Schema):
    source = fields.String(load_default="client", validate=validate.Length(1, 200))


class IntroductionShown(Schema):
    status = fields.String()
    language = fields.String(allow_none=True)
    message_id = fields.String()
    reason = fields.String(allow_none=True)


class ReplyWindowShown(Schema):
    open = fields.Boolean()
    closes_at = fields.AwareDateTime(allow_none=True)


class ConversationShown(Schema):
    id = fields.String()
    line_id = fields.String()
    status = fields.String()
    recruiter_id = fields.String(allow_none=True)
    candidate = fields.Nested(CandidateShown)
    introduction = fields.Nested(IntroductionShown, allow_none=True)
    reply_window = fields.Nested(ReplyWindowShown)
    applications = fields.List(fields.String())
    last_message_at = fields.AwareDateTime()
    created_at = fields.AwareDateTime()


class ConversationQuery(Schema):
    recruiter_id = fields.String()
    line_id = fields.String()


class TemplateShown(Schema):
    id = fields.String()
    waba_id = fields.String()
    name = fields.String()
    language = fields.String()
    category = fields.String()
    status = fields.String()
    components = fields.List(fields.Dict())
    updated_at = fields.AwareDateTime()
