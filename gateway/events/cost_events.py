"""What is told of costs."""

from typing import Any, Final

from marshmallow import fields

from gateway.shapes import Shown

_SUM: Final[dict[str, Any]] = {"description": "By currency; null where no exchange rate is known."}


def _sum() -> fields.Dict:
    return fields.Dict(keys=fields.String(), values=fields.String(allow_none=True), metadata=_SUM)


class AnomalyEvent(Shown):
    """`kind` is `reclassified` (a template) or `spike` (a line's day); the rest is as
    `…/costs/anomalies` shows it, at that moment."""

    kind = fields.String()
    day = fields.Date()
    until = fields.Date(allow_none=True)
    line_id = fields.String(allow_none=True)
    template_id = fields.String(allow_none=True)
    template_name = fields.String(allow_none=True)
    template_language = fields.String(allow_none=True)
    messages = fields.Integer()
    amounts = _sum()
    usual = _sum()
    costs_more = _sum()
    each_costs_more = fields.Dict(
        keys=fields.String(),
        values=fields.String(allow_none=True),
        allow_none=True,
        metadata=_SUM,
    )
