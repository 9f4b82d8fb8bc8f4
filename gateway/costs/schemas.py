"""Prices and totals at the HTTP border. Amounts are exact decimals, hence texts."""

from typing import Any, Final

from marshmallow import Schema, fields, validate

from gateway.shapes import SOMETIMES, Shown

_AMOUNT: Final[dict[str, Any]] = {"format": "decimal", "examples": ["0.0494"]}
_CURRENCY: Final[dict[str, Any]] = {"description": "ISO 4217.", "examples": ["USD"]}


def _count(load_default: int) -> fields.Integer:
    return fields.Integer(
        load_default=load_default, strict=True, validate=validate.Range(min=0, max=10_000_000)
    )


def by_currency(**options: Any) -> fields.Dict:
    """By currency; null where no exchange rate is known, or a price is missing."""
    return fields.Dict(
        keys=fields.String(), values=fields.String(allow_none=True, metadata=_AMOUNT), **options
    )


class MonthQuery(Schema):
    month = fields.String(
        load_default=None,
        validate=validate.Regexp(
            r"^(?!0000)[0-9]{4}-(0[1-9]|1[0-2])$(?!\n)", error="Write a month as 2026-11."
        ),
    )


class EstimateRequest(Schema):
    """A month of so many clients, each with one line; counts are messages a client and month."""

    rate_card = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(min=1, max=100),
        metadata={"description": "Null: the one by which is priced what happens."},
    )
    on = fields.Date(
        load_default=None,
        allow_none=True,
        metadata={"description": "Whose prices count; null: today."},
    )
    country = fields.String(
        load_default="MA",
        validate=validate.Regexp(r"^[A-Z]{2}$(?!\n)", error="Write a country code such as MA."),
        metadata={"description": "Of the candidates and the numbers, ISO 3166 alpha-2."},
    )
    clients = fields.Integer(
        load_default=1, strict=True, validate=validate.Range(min=1, max=100_000)
    )
    introductions = _count(load_default=40)
    marketing = _count(load_default=0)
    utility = _count(load_default=0)
    authentication = _count(load_default=0)
    service = _count(load_default=0)


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
    kind = fields.String(metadata={"description": "Such as message, number_month or set_up."})
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
    totals = by_currency(metadata={"description": "What the platform invoices."})
    paid_to_meta = by_currency(
        metadata={"description": "What the client pays to Meta directly; never in the totals."}
    )
    unpriced = fields.Integer(
        metadata={**SOMETIMES, "description": "How many entries the totals lack."}
    )
    exchange_rates = fields.List(fields.Nested(ExchangeRateShown))


class UnitPriceShown(Shown):
    """What one costs. `rounded` is what people read; null: the card has no such price."""

    item = fields.String(metadata={"description": "number_month, or a category of messages."})
    price = fields.Nested(PriceShown, allow_none=True)
    rounded = by_currency()
    volume_from = fields.Integer()
    volume_to = fields.Integer(allow_none=True)
    free_each_month = fields.Integer(metadata={"description": "For each number."})
    source = fields.String(allow_none=True)


class EstimateLineShown(Shown):
    item = fields.String()
    quantity = fields.Integer()
    charged = fields.Integer(metadata={"description": "Without those that are free."})
    amounts = by_currency()
    paid_to = fields.String()


class EstimateCaseShown(Shown):
    """All clients' month. Who is paid is the platform, or Meta directly, by the client."""

    case = fields.String()
    offered = fields.Boolean()
    introduction = fields.String(metadata={"description": "The category it is priced as."})
    lines = fields.List(fields.Nested(EstimateLineShown))
    invoiced = by_currency()
    paid_to_meta = by_currency()
    invoiced_per_client = by_currency()
    paid_to_meta_per_client = by_currency()
    unpriced = fields.List(
        fields.String(),
        metadata={"description": "The items that the sums lack; then they are null."},
    )
    note = fields.String(allow_none=True)


class MarkupShown(Shown):
    """A figure that somebody states, taken apart: a month of the number, and a part on top."""

    percent = fields.String()
    amounts = by_currency()
    difference = by_currency()
    marketing_messages = fields.String(allow_none=True)
    says = fields.String()
    source = fields.String()


class CardEstimateShown(Shown):
    rate_card = fields.String()
    version = fields.Integer(metadata={"description": "0: as shipped."})
    on = fields.Date()
    country = fields.String()
    market = fields.String(allow_none=True)
    clients = fields.Integer()
    exchange_rate = fields.Nested(ExchangeRateShown, allow_none=True)
    note = fields.String(allow_none=True)
    prices = fields.List(fields.Nested(UnitPriceShown))
    cases = fields.List(fields.Nested(EstimateCaseShown))
    markup = fields.Nested(MarkupShown, allow_none=True)


class EstimateShown(CardEstimateShown):
    """`in_force` is the same on the card by which is priced what happens, where it is another."""

    in_force = fields.Nested(CardEstimateShown, allow_none=True)
