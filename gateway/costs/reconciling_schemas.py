"""The comparison of the ledger with what providers charged, at the HTTP border."""

from marshmallow import fields

from gateway.costs.schemas import by_currency
from gateway.shapes import Shown


class AskedAccountShown(Shown):
    """`asked_at` is null where it has never answered; `error` is why it did not, the last time."""

    source = fields.String(metadata={"description": "The provider's name."})
    account = fields.String()
    asked_at = fields.AwareDateTime(allow_none=True)
    error = fields.String(allow_none=True)


class ComparedShown(Shown):
    """An amount that is not known is in none of `amounts`."""

    quantity = fields.Integer()
    free = fields.Integer()
    amounts = by_currency()


class DifferenceShown(Shown):
    """What differs on a day; for numbers the day is the first of the month."""

    source = fields.String()
    line_id = fields.String(
        allow_none=True, metadata={"description": "Null: of a number that is no line's."}
    )
    phone_number = fields.String(allow_none=True)
    day = fields.Date()
    kind = fields.String(metadata={"description": "message, number_month or set_up."})
    category = fields.String(allow_none=True)
    finding = fields.String(
        metadata={
            "description": "missing_here, missing_there, quantity_differs or price_differs; here is"
            " the ledger."
        }
    )
    reason = fields.String(
        allow_none=True,
        metadata={
            "description": "Null where it is not known: late_status, other_day, time_zone,"
            " reclassified, free_allowance, other_card, other_currency, no_price_here,"
            " number_without_line, line_released, kept_ready or released_before_charge."
        },
    )
    ours = fields.Nested(ComparedShown)
    theirs = fields.Nested(ComparedShown)


class ReconciliationShown(Shown):
    """Days that are over are compared; numbers once the month is."""

    month = fields.String()
    accounts = fields.List(fields.Nested(AskedAccountShown))
    matched = fields.Integer(metadata={"description": "By line, day and category."})
    differences = fields.List(fields.Nested(DifferenceShown))
