"""Budgets at the HTTP border."""

from marshmallow import Schema, fields, validate

from gateway.costs.schemas import MoneyShown, by_currency
from gateway.shapes import Shown


class BudgetRequest(Schema):
    """What a calendar month may cost. A client has one budget, and each of its lines may have
    one: another takes its place."""

    line_id = fields.String(
        load_default=None,
        allow_none=True,
        metadata={"description": "Null: all of the client's lines together."},
    )
    amount = fields.String(
        required=True,
        validate=validate.Regexp(
            r"^(?=.*[1-9])[0-9]{1,9}(\.[0-9]{1,6})?$(?!\n)", error="Write it as 250.00, above 0."
        ),
        metadata={"format": "decimal", "examples": ["250.00"]},
    )
    currency = fields.String(
        required=True,
        validate=validate.Regexp(r"^[A-Z]{3}$(?!\n)", error="Write a currency such as MAD."),
        metadata={"description": "ISO 4217.", "examples": ["MAD"]},
    )
    stops_marketing = fields.Boolean(
        load_default=False,
        metadata={"description": "Once it is used up, no marketing is accepted but answers."},
    )


class BudgetShown(Shown):
    """`spent` holds all entries of the month, whoever is paid; unpriced ones are not in it."""

    id = fields.String()
    line_id = fields.String(allow_none=True)
    amount = fields.Nested(MoneyShown)
    stops_marketing = fields.Boolean()
    spent = fields.Nested(MoneyShown)
    percent = fields.Integer(metadata={"description": "Of the budget, rounded down."})
    projected = fields.Nested(
        MoneyShown, metadata={"description": "At the month's end, if it goes on as so far."}
    )


class BudgetsShown(Shown):
    month = fields.String()
    spent = by_currency()
    projected = by_currency(
        metadata={"description": "At the month's end: messages go on as so far, rents are paid."}
    )
    unpriced = fields.Integer(metadata={"description": "How many entries the sums lack."})
    budgets = fields.List(fields.Nested(BudgetShown))
