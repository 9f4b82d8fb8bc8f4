"""Statements at the HTTP border."""

from marshmallow import fields

from gateway.costs.report_schemas import FiguresShown, LineFiguresShown, RecruiterFiguresShown
from gateway.costs.schemas import ExchangeRateShown, MoneyShown, by_currency
from gateway.shapes import Shown

_OURS = {"description": "What the platform invoices: the exact sum, rounded once."}
_METAS = {"description": "What the client pays to Meta directly; never in the totals."}


class StatementBriefShown(Shown):
    """A client's month. Once closed, its lines, numbers and exchange rates never change; what is
    learned of it later is a correction in the next open statement, named by `corrected_in`."""

    month = fields.String(metadata={"examples": ["2026-11"]})
    status = fields.String(metadata={"enum": ["open", "closed", "corrected"]})
    number = fields.Integer(
        allow_none=True,
        metadata={"description": "Counted over all clients, without gaps; null while open."},
    )
    closed_at = fields.DateTime(allow_none=True)
    corrected_in = fields.List(fields.String(), metadata={"description": "Later months."})
    totals = by_currency(metadata=_OURS)
    paid_to_meta = by_currency(metadata=_METAS)


class StatementListShown(Shown):
    data = fields.List(fields.Nested(StatementBriefShown))
    has_more = fields.Boolean()
    next_cursor = fields.String(allow_none=True)


class StatementLineShown(Shown):
    """`exact` is unrounded, in its own currency; `amounts` are that line's alone, rounded once."""

    month = fields.String(metadata={"description": "An earlier one than the statement's: late."})
    correction = fields.Boolean()
    kind = fields.String(
        metadata={"description": "Such as message, number_month, fee (of a line) or margin."}
    )
    line_id = fields.String(allow_none=True)
    recruiter_id = fields.String(allow_none=True)
    application = fields.String(allow_none=True)
    category = fields.String(allow_none=True)
    paid_to = fields.String(
        allow_none=True, metadata={"description": "platform, or meta directly; null: not known."}
    )
    quantity = fields.Integer()
    free = fields.Integer(metadata={"description": "How many of them cost nothing."})
    exact = fields.Nested(MoneyShown, allow_none=True)
    amounts = by_currency()


class StatementSumShown(Shown):
    quantity = fields.Integer()
    free = fields.Integer()
    totals = by_currency(metadata=_OURS)
    paid_to_meta = by_currency(metadata=_METAS)


class OfLineShown(StatementSumShown):
    line_id = fields.String(allow_none=True)


class OfRecruiterShown(StatementSumShown):
    recruiter_id = fields.String(allow_none=True)


class OfCategoryShown(StatementSumShown):
    category = fields.String(allow_none=True)


class OfApplicationShown(StatementSumShown):
    application = fields.String(allow_none=True)


class StatementSumsShown(Shown):
    by_line_id = fields.List(fields.Nested(OfLineShown))
    by_recruiter_id = fields.List(fields.Nested(OfRecruiterShown))
    by_category = fields.List(fields.Nested(OfCategoryShown))
    by_application = fields.List(fields.Nested(OfApplicationShown))


class StatementShown(StatementBriefShown):
    lines = fields.List(fields.Nested(StatementLineShown))
    sums = fields.Nested(StatementSumsShown)
    unpriced = fields.Integer(metadata={"description": "How many entries the totals lack."})
    exchange_rates = fields.List(
        fields.Nested(ExchangeRateShown), metadata={"description": "Frozen once closed."}
    )


class SpentShown(Shown):
    day = fields.Date()
    category = fields.String(metadata={"description": "Of messages; else what it is for."})
    quantity = fields.Integer()
    free = fields.Integer()
    unpriced = fields.Integer(metadata={"description": "How many of them the amounts lack."})
    amounts = by_currency(metadata={"description": "Whoever is paid; null where none has a price."})


class SpendingShown(FiguresShown):
    """A month day by day, and what its messages brought: in all, by line and by recruiter."""

    month = fields.String()
    days = fields.List(fields.Nested(SpentShown))
    by_line_id = fields.List(fields.Nested(LineFiguresShown))
    by_recruiter_id = fields.List(fields.Nested(RecruiterFiguresShown))
    totals = by_currency(metadata=_OURS)
    paid_to_meta = by_currency(metadata=_METAS)
