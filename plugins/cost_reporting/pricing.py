"""Prices before, out of the rate cards; totals after, out of the ledger."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from marshmallow import Schema
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gateway.plugin_api import Cost, MessageFacts, Money, Pricing, tenant
from plugins.cost_reporting.models import Entry
from plugins.cost_reporting.rate_cards import Rate, shipped
from plugins.cost_reporting.statement import MAD, Sum, statement


class NoSettings(Schema):
    """Nothing to configure: the prices are data of this release."""


class CostReporting(Pricing):
    name = "cost-reporting"
    settings_schema = NoSettings

    def quote_message(self, facts: MessageFacts) -> Cost | None:
        return _cost(shipped().message(facts.country, facts.category, facts.on), facts.on)

    def quote_number(self, country: str, on: date) -> Cost | None:
        return _cost(shipped().number(country, on), on)

    def month(self, client_id: str, month: date) -> Mapping[str, Any]:
        with tenant(client_id) as session:
            sums = _sums(session, client_id, month.strftime("%Y-%m"))
        return statement(shipped(), month, sums)


def _cost(rate: Rate | None, on: date) -> Cost | None:
    if rate is None:
        return None
    mad = shipped().convert(rate.money, MAD, on)
    return Cost(money=rate.money, converted={MAD: mad} if mad else {}, source=rate.source)


def _sums(session: Session, client_id: str, month: str) -> list[Sum]:
    by = (Entry.line_id, Entry.kind, Entry.category, Entry.paid_to, Entry.currency)
    rows = session.execute(
        select(*by, func.count().label("quantity"), func.sum(Entry.amount).label("amount"))
        .where(Entry.client_id == client_id, Entry.month == month)
        .group_by(*by)
        .order_by(*by)
    )
    return [
        Sum(
            line_id=row.line_id,
            kind=row.kind,
            category=row.category,
            paid_to=row.paid_to,
            quantity=row.quantity,
            money=Money(amount=row.amount, currency=row.currency) if row.currency else None,
        )
        for row in rows
    ]
