"""Cases and lines at the HTTP border."""

from marshmallow import Schema, fields, validate


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


class StepShown(Schema):
    name = fields.String()
    title = fields.String()
    state = fields.String()
    attempts = fields.Integer()
    error = fields.Dict(allow_none=True)
    who = fields.String(allow_none=True)
    started_at = fields.AwareDateTime(allow_none=True)
    finished_at = fields.AwareDateTime(allow_none=True)


class ActivationShown(Schema):
    id = fields.String()
    state = fields.String()
    created_at = fields.AwareDateTime()
    finished_at = fields.AwareDateTime(allow_none=True)
    steps = fields.List(fields.Nested(StepShown))


class LineShown(Schema):
    id = fields.String()
    case = fields.String()
    status = fields.String()
    country = fields.String()
    supplier = fields.String(allow_none=True)
    phone_number = fields.String(allow_none=True)
    phone_number_id = fields.String(allow_none=True)
    waba_id = fields.String(allow_none=True)
    portfolio_id = fields.String(allow_none=True)
    display_name = fields.String(allow_none=True)
    display_name_status = fields.String(allow_none=True)
    branding = fields.Dict(allow_none=True)
    paid_by = fields.String()
    created_at = fields.AwareDateTime()
    activated_at = fields.AwareDateTime(allow_none=True)
    released_at = fields.AwareDateTime(allow_none=True)
    activation = fields.Nested(ActivationShown, allow_none=True)


class BlockerShown(Schema):
    code = fields.String()
    detail = fields.String()
    who = fields.String()


class CaseShown(Schema):
    case = fields.String()
    title = fields.String()
    setup_ease = fields.String()
    candidate_trust = fields.String()
    technical_complexity = fields.String()
    client_requirement = fields.String()
    number_owner = fields.String()
    when_a_recruiter_leaves = fields.String()
    time_to_live = fields.String()
    pros = fields.List(fields.String())
    cons = fields.List(fields.String())
    paid_by = fields.String()
    startable = fields.Boolean()
    recommended = fields.Boolean()
    recommended_because = fields.List(fields.String())
    monthly_number_cost = fields.Dict(allow_none=True)
    blockers = fields.List(fields.Nested(BlockerShown))
