"""The comparison of the cases at the HTTP border."""

from typing import get_args

from marshmallow import Schema, fields, validate

from gateway.costs.schemas import EstimateCaseShown, SourcedPriceShown
from gateway.onboarding.case_contract import ClaimState
from gateway.onboarding.cases import USUAL
from gateway.onboarding.schemas import BlockerShown
from gateway.shapes import Shown


def _count(kind: str) -> fields.Integer:
    return fields.Integer(load_default=USUAL[kind], validate=validate.Range(min=0, max=10_000_000))


class VolumeQuery(Schema):
    """The messages that a client expects to send in a month."""

    introductions = _count("introductions")
    marketing = _count("marketing")
    utility = _count("utility")
    authentication = _count("authentication")
    service = _count("service")


class LinkShown(Shown):
    title = fields.String()
    url = fields.String(metadata={"format": "uri"})


class CaseBlockerShown(BlockerShown):
    stops = fields.Boolean(
        metadata={"description": "No line can be asked for; else one that is waits at this."}
    )
    seen_at = fields.AwareDateTime(
        allow_none=True,
        metadata={"description": "When it was looked at; null: read as it stands now."},
    )


class ReasonShown(Shown):
    """A reason to recommend the case, as it stands today."""

    statement = fields.String()
    state = fields.String(validate=validate.OneOf(get_args(ClaimState)))
    why = fields.String()
    seen_at = fields.AwareDateTime(
        allow_none=True,
        metadata={"description": "When that was looked at; null: read as it stands now."},
    )


class CaseShown(Shown):
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
    links = fields.List(fields.Nested(LinkShown))
    paid_by = fields.String()
    startable = fields.Boolean()
    recommended = fields.Boolean()
    recommended_because = fields.List(fields.String())
    reasons = fields.List(fields.Nested(ReasonShown))
    monthly_number_cost = fields.Nested(SourcedPriceShown, allow_none=True)
    monthly_cost = fields.List(
        fields.Nested(EstimateCaseShown),
        allow_none=True,
        metadata={
            "description": "The expected month, once for each category that Meta may put the"
            " introduction into; null where no plugin knows prices of this case."
        },
    )
    blockers = fields.List(fields.Nested(CaseBlockerShown))
