"""Conversations and messages at the HTTP border."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from flask_smorest.fields import Upload
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from gateway.costs.schemas import PriceShown
from gateway.messaging import content_schemas
from gateway.messaging.candidate_schemas import CandidateRequest, CandidateShown, evidence
from gateway.messaging.models import STATES
from gateway.messaging.service import Opening
from gateway.shapes import SOMETIMES, ErrorShown, Shown

CONTENTS: Final = ("text", "template", "image", "document", "audio", "reaction", "interactive")


class ConversationRequest(Schema):
    line_id = fields.String(required=True)
    recruiter_id = fields.String(required=True)
    candidate = fields.Nested(CandidateRequest, required=True)
    application_ref = fields.String(load_default=None, allow_none=True)


def opening(values: Mapping[str, Any]) -> Opening:
    """What a ConversationRequest that was found right asks for."""
    person = values["candidate"]
    opt_in = person["opt_in"] and evidence(person["opt_in"])
    return Opening(
        line_id=values["line_id"],
        recruiter_id=values["recruiter_id"],
        application_ref=values["application_ref"],
        **{**person, "opt_in": opt_in},
    )


class MessageRequest(Schema):
    """Meta's own field names: the content stands under its type's name."""

    type = fields.String(required=True, validate=validate.OneOf(CONTENTS))
    text = fields.Nested(content_schemas.TextContent)
    template = fields.Nested(content_schemas.TemplateContent)
    image = fields.Nested(content_schemas.ImageContent)
    document = fields.Nested(content_schemas.DocumentContent)
    audio = fields.Nested(content_schemas.AudioContent)
    reaction = fields.Nested(content_schemas.ReactionContent)
    interactive = fields.Nested(content_schemas.InteractiveContent)
    context = fields.Nested(content_schemas.Quoted)
    hold_until_reply = fields.Boolean(load_default=False)
    expires_at = fields.AwareDateTime(load_default=None, format="iso")

    also: ClassVar = {
        "anyOf": [
            {"required": [kind], "properties": {"type": {"const": kind}}} for kind in CONTENTS
        ]
    }

    @validates_schema
    def content_given(self, data: dict[str, Any], **_: Any) -> None:
        if data["type"] not in data:
            raise ValidationError(
                f"A {data['type']} message needs its {data['type']}.", data["type"]
            )
        if data["type"] == "reaction" and "context" in data:
            raise ValidationError("A reaction names its message by itself.", "context")

    @validates_schema
    def can_wait(self, data: dict[str, Any], **_: Any) -> None:
        if data["hold_until_reply"] and data["type"] == "template":
            raise ValidationError("A template waits for no reply.", "hold_until_reply")
        if data["expires_at"] and not data["hold_until_reply"]:
            raise ValidationError("Only what is held until a reply expires.", "expires_at")


class MessageQuery(Schema):
    dry_run = fields.Boolean(load_default=False)


class ReplyWindowShown(Shown):
    """Until when the candidate may be answered in free text: 24 hours after they last wrote."""

    open = fields.Boolean()
    closes_at = fields.AwareDateTime(allow_none=True)


class TemplateOffered(Shown):
    name = fields.String()
    language = fields.String()
    category = fields.String()


class RehearsedMessage(Shown):
    type = fields.String()
    introduction = fields.Boolean()
    status = fields.String(validate=validate.OneOf(("held", "queued")))
    reason = fields.String(allow_none=True)
    until = fields.AwareDateTime(allow_none=True)
    category = fields.String(allow_none=True)
    price = fields.Nested(PriceShown, allow_none=True)


class Rehearsal(Shown):
    """What sending would do. `price` is the list price of all that would leave; null: unknown.

    `until`: how long what is held would wait, where that is known.
    """

    verdict = fields.String(validate=validate.OneOf(("allowed", "held", "refused")))
    rule = fields.String()
    detail = fields.String()
    until = fields.AwareDateTime(allow_none=True)
    messages = fields.List(fields.Nested(RehearsedMessage))
    price = fields.Nested(PriceShown, allow_none=True)
    reply_window = fields.Nested(ReplyWindowShown, metadata=SOMETIMES)
    templates = fields.List(fields.Nested(TemplateOffered), metadata=SOMETIMES)


class AssignRequest(Schema):
    recruiter_id = fields.String(required=True, allow_none=True)


class IntroductionShown(Shown):
    status = fields.String(validate=validate.OneOf(STATES))
    language = fields.String(allow_none=True)
    message_id = fields.String()
    reason = fields.String(allow_none=True)


class StopSuspectedShown(Shown):
    """The newest message that may mean stop, until somebody says whether it does."""

    message_id = fields.String()
    at = fields.AwareDateTime()


class ConversationShown(Shown):
    id = fields.String()
    line_id = fields.String()
    status = fields.String(validate=validate.OneOf(("open", "unassigned")))
    recruiter_id = fields.String(allow_none=True)
    candidate = fields.Nested(CandidateShown)
    introduction = fields.Nested(IntroductionShown, allow_none=True)
    reply_window = fields.Nested(ReplyWindowShown)
    stop_suspected = fields.Nested(StopSuspectedShown, allow_none=True)
    applications = fields.List(fields.String())
    last_message_at = fields.AwareDateTime()
    created_at = fields.AwareDateTime()


class ConversationQuery(Schema):
    recruiter_id = fields.String()
    line_id = fields.String()


class TemplateShown(Shown):
    id = fields.String()
    waba_id = fields.String()
    name = fields.String()
    language = fields.String()
    category = fields.String()
    status = fields.String()
    components = fields.List(fields.Dict())
    updated_at = fields.AwareDateTime()


class MediaUpload(Schema):
    """The form as it is documented; the file is read from the request itself."""

    file = Upload(required=True)


class MediaShown(Shown):
    """A file. `reason` says why it is not here, or what is odd about it."""

    id = fields.String()
    mime_type = fields.String()
    size = fields.Integer(allow_none=True)
    sha256 = fields.String(allow_none=True)
    filename = fields.String(allow_none=True)
    state = fields.String(validate=validate.OneOf(("pending", "stored", "expired", "failed")))
    reason = fields.String(allow_none=True)


class ContextShown(Shown):
    """What a message quotes or reacts to; `message_id` is ours, null where we do not have it."""

    message_id = fields.String(allow_none=True)
    wamid = fields.String()


class ChangedShown(Shown):
    """By which message it was corrected or taken back. Only numbers of the app know that."""

    how = fields.String(validate=validate.OneOf(("edited", "withdrawn")))
    message_id = fields.String()
    at = fields.AwareDateTime()


class MessageShown(Shown):
    """A message, sent or received: its content stands under its type's name, in Meta's form."""

    id = fields.String()
    conversation_id = fields.String()
    wamid = fields.String(allow_none=True, metadata={"description": "Meta's id of the message."})
    direction = fields.String(validate=validate.OneOf(("inbound", "outbound")))
    type = fields.String(metadata={"description": "What kind it is; new kinds may come."})
    text = fields.Dict(metadata=SOMETIMES)
    template = fields.Dict(metadata=SOMETIMES)
    image = fields.Dict(metadata=SOMETIMES)
    document = fields.Dict(metadata=SOMETIMES)
    audio = fields.Dict(metadata=SOMETIMES)
    video = fields.Dict(metadata=SOMETIMES)
    sticker = fields.Dict(metadata=SOMETIMES)
    location = fields.Dict(metadata=SOMETIMES)
    contacts = fields.Dict(metadata=SOMETIMES)
    reaction = fields.Dict(metadata=SOMETIMES)
    interactive = fields.Dict(metadata=SOMETIMES)
    button = fields.Dict(metadata=SOMETIMES)
    order = fields.Dict(metadata=SOMETIMES)
    system = fields.Dict(metadata=SOMETIMES)
    edit = fields.Dict(metadata=SOMETIMES)
    revoke = fields.Dict(metadata=SOMETIMES)
    media_placeholder = fields.Dict(metadata=SOMETIMES)
    unsupported = fields.Dict(metadata=SOMETIMES)
    context = fields.Nested(ContextShown, allow_none=True)
    changed = fields.Nested(
        ChangedShown,
        allow_none=True,
        metadata={
            "description": "It was corrected or taken back since; its first words stay here."
        },
    )
    media = fields.Nested(MediaShown, allow_none=True)
    preview = fields.String(metadata={"description": "The message in one line."})
    introduction = fields.Boolean()
    status = fields.String(validate=validate.OneOf(STATES))
    reason = fields.String(allow_none=True, metadata={"description": "Why it is held or ended."})
    error = fields.Nested(ErrorShown, allow_none=True)
    source = fields.String(
        allow_none=True,
        validate=validate.OneOf(("business_app", "app_history")),
        metadata={
            "description": "`business_app`: the client wrote it in its app; `app_history`: imported"
            " from there, of either side. Null: written here, or received. Only what is null counts"
            " for the reply window."
        },
    )
    category = fields.String(
        allow_none=True, metadata={"description": "What Meta charges it as; null if received."}
    )
    recruiter_id = fields.String(allow_none=True)
    created_at = fields.AwareDateTime()
    sent_at = fields.AwareDateTime(allow_none=True)
    delivered_at = fields.AwareDateTime(allow_none=True)
    read_at = fields.AwareDateTime(allow_none=True)
