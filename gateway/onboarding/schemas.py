"""Cases and lines at the HTTP border."""

from typing import Any, Final, get_args

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from gateway.errors import Actor
from gateway.onboarding.models import ACTIVATION_STATES, STEP_STATES
from gateway.provisioning import coexistence
from gateway.provisioning.models import LINE_STATES
from gateway.shapes import ErrorShown, Shown

_WHO: Final = validate.OneOf(get_args(Actor))


class LineRequest(Schema):
    case = fields.String(required=True)
    country = fields.String(
        load_default=None,
        validate=validate.Regexp(r"^[A-Z]{2}$(?!\n)", error="Use two capital letters, such as MA."),
    )


class CodeRequest(Schema):
    code = fields.String(
        required=True,
        validate=validate.Regexp(r"^[0-9]{6}$(?!\n)", error="The code has six digits."),
    )


_META_ID: Final = validate.Regexp(r"^[0-9]{1,30}$(?!\n)", error="Must be an id of Meta's.")


class SignupRequest(Schema):
    """What the sign-up said, in one call or in several, in whatever order it came."""

    code = fields.String(validate=validate.Length(min=1, max=2048), load_only=True)
    event = fields.String(
        validate=validate.Regexp(r"^[A-Z_]{1,60}$(?!\n)", error="Must be an event of Meta's.")
    )
    waba_id = fields.String(allow_none=True, validate=_META_ID)
    phone_number_id = fields.String(allow_none=True, validate=_META_ID)
    current_step = fields.String(allow_none=True, validate=validate.Length(max=60))
    error = fields.String(allow_none=True, validate=validate.Length(max=500))
    session_id = fields.String(allow_none=True, validate=validate.Length(max=100))

    @validates_schema
    def _says_something(self, values: dict[str, Any], **_: Any) -> None:
        if not (values.get("code") or values.get("event")):
            raise ValidationError("Give a code, an event, or both.", "code")


class AdviceShown(Shown):
    """What a step's error means for the client and the next step, in the client's language."""

    language = fields.String(validate=validate.OneOf(("ar", "en", "fr")))
    direction = fields.String(validate=validate.OneOf(("ltr", "rtl")))
    means = fields.String()
    do = fields.String()


class StepShown(Shown):
    name = fields.String()
    title = fields.String()
    state = fields.String(validate=validate.OneOf(STEP_STATES))
    attempts = fields.Integer()
    error = fields.Nested(ErrorShown, allow_none=True)
    who = fields.String(
        allow_none=True, validate=_WHO, metadata={"description": "Who must act for it to go on."}
    )
    advice = fields.Nested(
        AdviceShown,
        allow_none=True,
        metadata={"description": "For the client, where the error is about its number."},
    )
    started_at = fields.AwareDateTime(allow_none=True)
    finished_at = fields.AwareDateTime(allow_none=True)


class ActivationShown(Shown):
    id = fields.String()
    state = fields.String(validate=validate.OneOf(ACTIVATION_STATES))
    created_at = fields.AwareDateTime()
    finished_at = fields.AwareDateTime(allow_none=True)
    signup_url = fields.String(
        allow_none=True,
        metadata={
            "description": "Where a person of the client's signs up at Meta; null where nobody has"
            " to. Good for a week: read it again for another."
        },
    )
    steps = fields.List(fields.Nested(StepShown))


class SuspensionShown(Shown):
    """Why nothing leaves a suspended line: a stable code, and what to do."""

    code = fields.String()
    detail = fields.String()
    since = fields.String(metadata={"format": "date-time"})


class NameRefusalShown(ErrorShown):
    """The name of the line's that Meta refused last, why, and what to do."""

    display_name = fields.String()
    at = fields.String(metadata={"format": "date-time"})


class RebrandingShown(Shown):
    """What is asked for and not to be seen yet; until then candidates see what the line shows."""

    display_name = fields.String(
        allow_none=True, metadata={"description": "The new name; null where it stays."}
    )
    display_name_status = fields.String(allow_none=True)
    state = fields.String(validate=validate.OneOf(("asked", "in_review")))
    asked_at = fields.String(metadata={"format": "date-time"})
    error = fields.Nested(ErrorShown, allow_none=True)
    who = fields.String(validate=_WHO)


class AppDataShown(Shown):
    """What the WhatsApp Business app shares of itself, once, within a day of the sign-up."""

    state = fields.String(validate=validate.OneOf(coexistence.STATES))
    progress = fields.Integer(
        allow_none=True, metadata={"description": "Of a hundred, where the app tells."}
    )
    problem = fields.String(allow_none=True, metadata={"description": "Why it does not come."})


class LimitShown(Shown):
    """What such a number cannot do."""

    name = fields.String()
    text = fields.String()
    do = fields.String(metadata={"description": "What to do instead."})


class CoexistenceShown(Shown):
    """The number stays in the WhatsApp Business app: what came from there, what it cannot do."""

    since = fields.AwareDateTime()
    messages_a_second = fields.Integer()
    contacts = fields.Nested(AppDataShown)
    history = fields.Nested(AppDataShown)
    limits = fields.List(fields.Nested(LimitShown))


class LineShown(Shown):
    id = fields.String()
    case = fields.String()
    status = fields.String(validate=validate.OneOf(LINE_STATES))
    country = fields.String()
    supplier = fields.String(allow_none=True)
    phone_number = fields.String(allow_none=True)
    phone_number_id = fields.String(allow_none=True)
    waba_id = fields.String(allow_none=True)
    portfolio_id = fields.String(allow_none=True)
    display_name = fields.String(allow_none=True)
    display_name_status = fields.String(allow_none=True)
    display_name_refusal = fields.Nested(NameRefusalShown, allow_none=True)
    branding = fields.Dict(keys=fields.String(), values=fields.String(), allow_none=True)
    rebranding = fields.Nested(RebrandingShown, allow_none=True)
    paid_by = fields.String()
    replaces = fields.String(
        allow_none=True, metadata={"description": "It prepares a number for this line."}
    )
    suspension = fields.Nested(SuspensionShown, allow_none=True)
    authorisation_expires_at = fields.AwareDateTime(
        allow_none=True,
        metadata={"description": "When the client's own authorisation ends, unless renewed."},
    )
    coexistence = fields.Nested(
        CoexistenceShown,
        allow_none=True,
        metadata={"description": "Null where the number is not in the WhatsApp Business app."},
    )
    created_at = fields.AwareDateTime()
    activated_at = fields.AwareDateTime(allow_none=True)
    release_at = fields.AwareDateTime(
        allow_none=True,
        metadata={"description": "The line is released then; until then that can be taken back."},
    )
    release_error = fields.Nested(
        ErrorShown, allow_none=True, metadata={"description": "Why it is not yet over, if so."}
    )
    released_at = fields.AwareDateTime(allow_none=True)
    activation = fields.Nested(ActivationShown, allow_none=True)


class BlockerShown(Shown):
    code = fields.String()
    detail = fields.String()
    who = fields.String(validate=_WHO)
