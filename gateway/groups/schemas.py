"""A line's report on groups at the HTTP border."""

from marshmallow import fields

from gateway.onboarding.schemas import BlockerShown
from gateway.shapes import ErrorShown, Shown


class FindingShown(Shown):
    """What is said about groups: `confirmed`, `overtaken` or `in part`, with its source."""

    statement = fields.String()
    verdict = fields.String()
    why = fields.String()
    source = fields.String()
    as_of = fields.String(metadata={"format": "date"})


class GroupsReportShown(Shown):
    eligible = fields.Boolean()
    reasons = fields.List(fields.Nested(BlockerShown))
    offers = fields.List(fields.String())
    forbids = fields.List(fields.String())
    findings = fields.List(fields.Nested(FindingShown))


class GroupsLookShown(Shown):
    """`report` is null until the number was looked at, or where `error` says why it was not."""

    line_id = fields.String()
    asked_at = fields.AwareDateTime()
    seen_at = fields.AwareDateTime(allow_none=True)
    report = fields.Nested(GroupsReportShown, allow_none=True)
    error = fields.Nested(ErrorShown, allow_none=True)
