"""What is told of lines and numbers."""

from marshmallow import fields

from gateway.shapes import Shown


class LineEvent(Shown):
    line_id = fields.String()


class LineActivatedEvent(LineEvent):
    """`assigned_at` is null where the number was rented for this line, not kept ready before."""

    country = fields.String()
    paid_by = fields.String()
    phone_number = fields.String(allow_none=True)
    portfolio_id = fields.String(allow_none=True)
    supplier = fields.String(allow_none=True)
    monthly_amount = fields.String(allow_none=True)
    monthly_currency = fields.String(allow_none=True)
    set_up_amount = fields.String(allow_none=True)
    set_up_currency = fields.String(allow_none=True)
    rented_at = fields.AwareDateTime(allow_none=True)
    assigned_at = fields.AwareDateTime(allow_none=True)


class LineNumberReplacedEvent(LineActivatedEvent):
    """`phone_number` is the new one; the replaced one answers until `retires_at`."""

    replaced_number = fields.String()
    retires_at = fields.AwareDateTime()


class NumberGivenBackEvent(LineEvent):
    """`line_id` is the last line that used it, and used it no more from `unused_since` on."""

    country = fields.String(allow_none=True)
    phone_number = fields.String()
    supplier = fields.String()
    monthly_amount = fields.String(allow_none=True)
    monthly_currency = fields.String(allow_none=True)
    unused_since = fields.AwareDateTime()


class LineSuspendedEvent(LineEvent):
    code = fields.String()
    detail = fields.String()


class LineResumedEvent(LineEvent):
    """`code` is why it was suspended."""

    code = fields.String()


class LineProblemShown(Shown):
    """What is wrong: `detail` for a person, `who` must act, and what they should `do`."""

    code = fields.String()
    detail = fields.String()
    do = fields.String()
    who = fields.String()


class LineHealthEvent(LineEvent):
    """`state` is `good`, `at_risk` or `blocked`; before the first look it was `unknown`."""

    state = fields.String()
    previous_state = fields.String()
    worse = fields.Boolean()
    problems = fields.List(fields.Nested(LineProblemShown))


class LineAuthorisationEvent(LineEvent):
    """Until `expires_at` the client can renew it at `signup_url`, without an interruption."""

    expires_at = fields.AwareDateTime()
    signup_url = fields.String()


class LineReleaseEvent(LineEvent):
    """Until `release_at` it can be taken back."""

    release_at = fields.AwareDateTime()


class LineReleasedEvent(LineEvent):
    """`number_state`: `quarantined` while Meta still holds the number, `released` where it never
    did; null where the line never had one."""

    phone_number = fields.String(allow_none=True)
    number_state = fields.String(allow_none=True)
    activated_at = fields.AwareDateTime(allow_none=True)


class LineNamedEvent(LineEvent):
    name = fields.String()
    status = fields.String()


class LineNameRefusedEvent(LineEvent):
    """`provider_code` is Meta's own reason, where it gave one; `detail` says what to do."""

    display_name = fields.String()
    code = fields.String()
    detail = fields.String()
    provider_code = fields.String(allow_none=True)
