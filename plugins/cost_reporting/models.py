"""The ledger, the lines whose costs it keeps, and the cards that were imported."""

from datetime import date
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from gateway.plugin_api import Base, ClientId, Moment, String, key, reference


def _of_client() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["client_id"], ["clients.client_id"], ondelete="CASCADE")


class Entry(Base):
    """One fact that costs something, entered once, at the price of its day. Never changed."""

    __tablename__ = "cost_reporting_entries"

    client_id: Mapped[ClientId]
    id: Mapped[str] = key("cost")
    fact: Mapped[String]  # message:<id>, number:<line>:<month>
    kind: Mapped[String]
    line_id: Mapped[str] = reference("line")
    category: Mapped[String | None]
    country: Mapped[String | None]
    month: Mapped[String]  # 2026-11
    occurred_at: Mapped[Moment]
    amount: Mapped[Decimal | None]
    currency: Mapped[String | None]
    reason: Mapped[String]
    paid_to: Mapped[String | None]
    source: Mapped[String | None]

    __table_args__ = (
        _of_client(),
        UniqueConstraint("client_id", "fact"),
        Index(None, "client_id", "month", "line_id", "category"),
        CheckConstraint("kind IN ('message', 'number_month')", name="kind"),
        CheckConstraint("paid_to IN ('platform', 'meta')", name="paid_to"),
        CheckConstraint("(amount IS NULL) = (currency IS NULL)", name="amount_has_currency"),
    )


class Rent(Base):
    """An activated line: who pays for it and, where the platform does, the rent of its number."""

    __tablename__ = "cost_reporting_rents"

    client_id: Mapped[ClientId]
    line_id: Mapped[str] = reference("line", primary_key=True)
    country: Mapped[String]
    paid_by: Mapped[String]
    supplier: Mapped[String | None]
    monthly_amount: Mapped[Decimal | None]
    monthly_currency: Mapped[String | None]
    since: Mapped[Moment]
    until: Mapped[Moment | None]
    entered_through: Mapped[str | None] = mapped_column(Text)  # the last month in the ledger

    __table_args__ = (
        _of_client(),
        CheckConstraint("paid_by IN ('platform', 'client')", name="paid_by"),
    )


class Card(Base):
    """A card that was imported. Importing again adds a version; none is ever changed."""

    __tablename__ = "cost_reporting_cards"

    name: Mapped[String] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    imported_at: Mapped[Moment]


class CardRow(Base):
    """A row of an imported card, as `rate_cards.Row` has it."""

    __tablename__ = "cost_reporting_card_rows"

    name: Mapped[String] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[String]
    market: Mapped[String]
    countries: Mapped[list[str]] = mapped_column(ARRAY(Text))
    category: Mapped[String]
    volume_from: Mapped[int] = mapped_column(BigInteger)
    volume_to: Mapped[int | None] = mapped_column(BigInteger)
    amount: Mapped[Decimal]
    currency: Mapped[String]
    per: Mapped[String]
    since: Mapped[date] = mapped_column(Date)
    through: Mapped[date | None] = mapped_column(Date)
    source: Mapped[String]

    __table_args__ = (
        ForeignKeyConstraint(
            ["name", "version"], ["cost_reporting_cards.name", "cost_reporting_cards.version"]
        ),
    )
