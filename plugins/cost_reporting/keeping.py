"""What everything about costs has to know of whoever keeps the ledger."""

from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from plugins.cost_reporting.card_store import Cards
from plugins.cost_reporting.rate_cards import RateCard
from plugins.cost_reporting.statement_lines import Terms


class Ledger(Protocol):
    """By which prices, terms and calendar it is kept."""

    @property
    def cards(self) -> Cards: ...

    @property
    def card(self) -> RateCard:
        """The card by which is priced what happens."""

    def card_in(self, session: Session) -> RateCard:
        """The same, asked for in a transaction that is open already."""

    @property
    def zone(self) -> ZoneInfo: ...

    @property
    def terms(self) -> Terms: ...

    def day(self, at: datetime) -> date:
        """The day that a moment is in for Meta's bill."""
