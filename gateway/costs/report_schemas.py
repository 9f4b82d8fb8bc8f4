"""Reports of costs at the HTTP border."""

from typing import Any, Final

from marshmallow import fields, validate

from gateway.costs.schemas import MonthQuery, by_currency
from gateway.shapes import Shown

MOST: Final = 100  # each client is read in a transaction of its own
_OURS: Final = {"description": "What the platform invoices, before fees; rounded once."}
_METAS: Final = {"description": "What the client pays to Meta directly; never in the totals."}


def per(what: str) -> fields.Dict:
    return by_currency(
        allow_none=True,
        metadata={"description": f"For each of `{what}`; null where there are none."},
    )


class FiguresShown(Shown):
    """What messages cost beside what they brought. Conversations are those in which a message of
    ours was delivered in the month, replies what candidates wrote in it."""

    messages = fields.Integer(metadata={"description": "Delivered."})
    free = fields.Integer(metadata={"description": "How many of them cost nothing."})
    free_percent = fields.String(
        allow_none=True,
        metadata={
            "format": "decimal",
            "examples": ["66.7"],
            "description": "Of the messages, rounded to a tenth; null where there is none.",
        },
    )
    unpriced = fields.Integer(metadata={"description": "How many of them the sums lack."})
    conversations = fields.Integer()
    replies = fields.Integer()
    spent_on_messages = by_currency(metadata={"description": "Whoever is paid."})
    per_conversation = per("conversations")
    per_reply = per("replies")


class LineFiguresShown(FiguresShown):
    line_id = fields.String()


class RecruiterFiguresShown(FiguresShown):
    recruiter_id = fields.String(
        allow_none=True, metadata={"description": "Null: of conversations that were nobody's."}
    )


class ClientSpendingShown(FiguresShown):
    """A client's month in one row."""

    client_id = fields.String()
    name = fields.String()
    external_ref = fields.String(allow_none=True)
    month = fields.String()
    totals = by_currency(metadata=_OURS)
    paid_to_meta = by_currency(metadata=_METAS)


class AnomalyShown(Shown):
    """`reclassified`: a template that was utility and that Meta charges as marketing since `day`;
    `usual` is what its messages of the month would have cost as utility. `spike`: a `day` on which
    the messages of a line cost more than three times what its dearer days do (the third dearest of
    the 28 before, `usual`), and at least a dollar more. Entries that come late change both."""

    kind = fields.String(metadata={"enum": ["reclassified", "spike"]})
    day = fields.Date()
    until = fields.Date(allow_none=True, metadata={"description": "When Meta took it back."})
    line_id = fields.String(allow_none=True)
    template_id = fields.String(allow_none=True)
    template_name = fields.String(allow_none=True)
    template_language = fields.String(allow_none=True)
    messages = fields.Integer()
    amounts = by_currency()
    usual = by_currency()
    costs_more = by_currency()
    each_costs_more = by_currency(
        allow_none=True,
        metadata={"description": "One message of the template, by list, to the lines' country."},
    )


class ClientsQuery(MonthQuery):
    after: Any = fields.String(load_default=None)
    limit = fields.Integer(load_default=50, validate=validate.Range(1, MOST))
