"""Prices before, out of the rate cards; totals after, out of the ledger."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

from marshmallow import Schema, fields, validate
from sqlalchemy.orm import Session

from gateway.plugin_api import (
    Bill,
    BudgetWanted,
    Cost,
    EstimateFacts,
    IssuesStatements,
    KeepsBudgets,
    MessageFacts,
    Money,
    Pricing,
    Reconciles,
    ReportsSpending,
    SpendFacts,
    SpendPolicy,
    tenant,
)
from plugins.cost_reporting import (
    anomalies,
    bills,
    budgets,
    estimates,
    figures,
    figures_csv,
    reconciliation,
    spending,
    statements,
)
from plugins.cost_reporting.card_store import Cards
from plugins.cost_reporting.day_sums import added_up_by, money, of_month
from plugins.cost_reporting.models import DaySum
from plugins.cost_reporting.rate_cards import Rate, RateCard
from plugins.cost_reporting.statement import MAD, Sum, statement
from plugins.cost_reporting.statement_csv import as_csv
from plugins.cost_reporting.statement_lines import Terms

_MONTH: Final = added_up_by(
    DaySum.line_id, DaySum.kind, DaySum.category, DaySum.paid_to, DaySum.currency
)


class CostReportingSettings(Schema):
    """By which card the ledger prices, in which time zone Meta counts days and months, and what
    statements ask beside the costs.

    Meta counts in the time zone of the WhatsApp Business Account, which it does not tell us: set
    it as it is set over there. `line_fee` is for each line and month; `margin_percent` is added to
    what we invoice, never to what a client pays to Meta directly.
    """

    rate_card = fields.String(load_default="meta", validate=validate.Length(min=1))
    time_zone = fields.String(
        load_default="UTC",
        validate=validate.OneOf(
            available_timezones(), error="is no time zone; write one such as Africa/Casablanca"
        ),
    )
    line_fee = fields.String(
        load_default="",
        validate=validate.Regexp(
            r"([0-9]{1,9}(\.[0-9]{1,6})? [A-Z]{3})?\Z", error="Write it as 50.00 MAD."
        ),
    )
    margin_percent = fields.Decimal(
        load_default=Decimal(0), validate=validate.Range(min=0, max=1000)
    )


class CostReporting(
    Pricing, IssuesStatements, ReportsSpending, Reconciles, KeepsBudgets, SpendPolicy
):
    name = "cost-reporting"
    settings_schema = CostReportingSettings

    @cached_property
    def cards(self) -> Cards:
        return Cards()

    @property
    def card(self) -> RateCard:
        """The card by which is priced what happens."""
        return self.cards.of(self.settings["rate_card"])

    def card_in(self, session: Session) -> RateCard:
        """The same, asked for in a transaction that is open already."""
        return self.cards.of(self.settings["rate_card"], within=session)

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.settings["time_zone"])

    @property
    def terms(self) -> Terms:
        amount, _, currency = self.settings["line_fee"].partition(" ")
        fee = Money(amount=Decimal(amount), currency=currency) if amount else None
        return Terms(line_fee=fee, margin_percent=self.settings["margin_percent"])

    def day(self, at: datetime) -> date:
        """The day that a moment is in for Meta's bill."""
        return at.astimezone(self.zone).date()

    def quote_message(self, facts: MessageFacts) -> Cost | None:
        card = self.card
        return _cost(card, card.message(facts.country, facts.category, facts.on), facts.on)

    def quote_number(self, country: str, on: date) -> Cost | None:
        card = self.card
        return _cost(card, card.number(country, on), on)

    def estimate(self, facts: EstimateFacts) -> Mapping[str, Any]:
        asked = self.cards.of(facts.rate_card) if facts.rate_card else self.card
        return estimates.estimate(asked, self.card, facts)

    def month(self, client_id: str, month: date) -> Mapping[str, Any]:
        with tenant(client_id) as session:
            card = self.card_in(session)
            sums = _sums(session, client_id, month)
        return statement(card, month, sums)

    def spending(self, client_id: str, month: date) -> Mapping[str, Any]:
        with tenant(client_id) as session:
            card = self.card_in(session)
            found = spending.parts(session, client_id, month)
            brought = figures.of_month(session, card, self.zone, client_id, month)
        return {**spending.shown(card, month, found), **brought}

    def spending_csv(self, client_id: str, month: date) -> str:
        return figures_csv.as_csv(client_id, self.spending(client_id, month))

    def spending_of(self, client_ids: Sequence[str], month: date) -> Sequence[Mapping[str, Any]]:
        parts = ("days", "by_line_id", "by_recruiter_id")
        return [
            {"client_id": it, **{name: value for name, value in self.spending(it, month).items()
                                 if name not in parts}}
            for it in client_ids
        ]  # fmt: skip

    def anomalies(self, client_id: str, month: date) -> Sequence[Mapping[str, Any]]:
        return anomalies.of_month(self, client_id, month)

    def statements(self, client_id: str) -> Sequence[Mapping[str, Any]]:
        return statements.listed(self, client_id)

    def statement(self, client_id: str, month: date) -> Mapping[str, Any]:
        return statements.one(self, client_id, month)

    def statement_csv(self, client_id: str, month: date) -> str:
        return as_csv(self.statement(client_id, month))

    def close_statement(self, client_id: str, month: date) -> None:
        statements.close(self, client_id, month)

    def hear(self, bill: Bill) -> None:
        bills.keep(bill, self.zone)

    def reconciliation(self, month: date, client_id: str | None = None) -> Mapping[str, Any]:
        return reconciliation.reconciliation(self, month, client_id)

    def budgets(self, client_id: str) -> Mapping[str, Any]:
        return budgets.overview(self, client_id)

    def set_budget(self, client_id: str, wanted: BudgetWanted) -> Mapping[str, Any]:
        return budgets.set_to(self, client_id, wanted)

    def remove_budget(self, client_id: str, budget_id: str) -> bool:
        return budgets.remove(client_id, budget_id)

    def used_up(self, client_id: str) -> frozenset[str | None]:
        return budgets.used_up(self, client_id)

    def allows(self, facts: SpendFacts) -> bool:
        return facts.answers or not facts.used_up & {None, facts.line_id}


def _cost(card: RateCard, rate: Rate | None, on: date) -> Cost | None:
    if rate is None:
        return None
    mad = card.convert(rate.money, MAD, on)
    return Cost(money=rate.money, converted={MAD: mad} if mad else {}, source=rate.source)


def _sums(session: Session, client_id: str, month: date) -> list[Sum]:
    return [
        Sum(
            line_id=row.line_id,
            kind=row.kind,
            category=row.category,
            paid_to=row.paid_to,
            quantity=row.quantity,
            money=money(row),
        )
        for row in of_month(session, _MONTH, client_id, month)
    ]
