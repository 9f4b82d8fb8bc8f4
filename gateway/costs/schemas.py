"""Prices and totals at the HTTP border. Amounts are exact decimals, hence texts."""

from typing import Any, Final

from marshmallow import Schema, fields, validate

from gateway.shapes import SOMETIMES, Shown

_AMOUNT: Final[dict[str, Any]] = {"format": "decimal", "examples": ["0.0494"]}
_CURRENCY: Final[dict[str, Any]] = {"description": "ISO 4217.", "examples": ["USD"]}


class MonthQuery(Schema):
    month = fields.String(
        load_default=None,
        validate=validate.Regexp(
            r"^(?!0000)[0-9]{4}-(0[1-9]|1[0-2])$(?!\n)", error="Write a month as 2026-11."
        ),
    )


class MoneyShown(Shown):
    amount = fields.String(metadata=_AMOUNT)
    currency = fields.String(metadata=_CURRENCY)


class PriceShown(MoneyShown):
    """A price, and what it is in other currencies by the rate of its day."""

    converted = fields.Dict(keys=fields.String(), values=fields.Nested(MoneyShown))


class SourcedPriceShown(PriceShown):
    source = fields.String(metadata={"description": "Where the price comes from."})


class CostLine(Shown):
    line_id = fields.String()
    kind = fields.String(metadata={"description": "Such as message or number_month."})
    category = fields.String(allow_none=True)
    quantity = fields.Integer()
    amount = fields.Nested(MoneyShown, allow_none=True)
    paid_to = fields.String(allow_none=True)


class ExchangeRateShown(Shown):
    source_currency = fields.String(data_key="from", metadata=_CURRENCY)
    target_currency = fields.String(data_key="to", metadata=_CURRENCY)
    rate = fields.String(metadata=_AMOUNT)
    as_of = fields.Date()
    source = fields.String()


class MonthShown(Shown):
    """A calendar month of a client. A total is null where its exchange rate is not known."""

    month = fields.String()
    lines = fields.List(fields.Nested(CostLine))
    totals = fields.Dict(
        keys=fields.String(), values=fields.String(allow_none=True, metadata=_AMOUNT)
    )
    unpriced = fields.Integer(
        metadata={**SOMETIMES, "description": "How many entries the totals lack."}
    )
    exchange_rates = fields.List(fields.Nested(ExchangeRateShown))
