"""The ledger, its statements, the lines whose costs it keeps, and the cards that were imported."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSON, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from gateway.plugin_api import Base, ClientId, Moment, String, key, reference


def _of_client() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["client_id"], ["clients.client_id"], ondelete="CASCADE")


class Entry(Base):
    """A fact that costs something, at the price of its day. Never changed: what turns out to be
    otherwise is reversed by an entry of its own (`reversal`) and entered anew (`revision`)."""

    __tablename__ = "cost_reporting_entries"

    client_id: Mapped[ClientId]
    id: Mapped[str] = key("cost")
    fact: Mapped[String]  # message:<id>, number:<line>:<month>, set_up:<line>:<number>
    revision: Mapped[int]
    reversal: Mapped[bool] = mapped_column(Boolean)  # of this very revision
    kind: Mapped[String]
    line_id: Mapped[str] = reference("line")
    recruiter_id: Mapped[str | None] = reference("rec")
    application: Mapped[String | None]
    category: Mapped[String | None]
    country: Mapped[String | None]
    pricing_type: Mapped[String | None]
    occurred_at: Mapped[Moment]
    day: Mapped[date] = mapped_column(Date)  # in Meta's time zone
    month: Mapped[String]  # 2026-11
    billed_in: Mapped[String]  # the month of its statement: a later one where that was closed
    quantity: Mapped[int]  # -1 in a reversal
    amount: Mapped[Decimal | None]
    currency: Mapped[String | None]
    reason: Mapped[String]
    paid_to: Mapped[String | None]
    source: Mapped[String | None]
    card: Mapped[String | None]  # meta@0
    entered_at: Mapped[Moment]

    __table_args__ = (
        _of_client(),
        UniqueConstraint("client_id", "fact", "revision", "reversal"),
        Index(None, "client_id", "month", "line_id", "category"),
        Index(None, "client_id", "billed_in"),
        Index(
            "ix_cost_reporting_entries_late",
            "client_id",
            "month",
            postgresql_where="month <> billed_in",
        ),
        CheckConstraint("kind IN ('message', 'number_month', 'set_up', 'fee')", name="kind"),
        CheckConstraint("paid_to IN ('platform', 'meta')", name="paid_to"),
        CheckConstraint("(amount IS NULL) = (currency IS NULL)", name="amount_has_currency"),
    )


class Statement(Base):
    """A month of a client that has entries, or was closed; ids, months and numbers alone.

    `rates` are the exchange rates that its closing froze.
    """

    __tablename__ = "cost_reporting_statements"

    client_id: Mapped[ClientId]
    month: Mapped[String] = mapped_column(primary_key=True)  # 2026-11
    number: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    closed_at: Mapped[Moment | None]
    rates: Mapped[list[dict[str, str]] | None] = mapped_column(JSONB(none_as_null=True))

    __table_args__ = (
        _of_client(),
        CheckConstraint("(number IS NULL) = (closed_at IS NULL)", name="closed_has_number"),
    )


class ClosedLines(Base):
    """The lines of a closed statement, as its closing found them. Never changed."""

    __tablename__ = "cost_reporting_closed_lines"

    client_id: Mapped[ClientId]
    month: Mapped[String] = mapped_column(primary_key=True)
    lines: Mapped[Any] = mapped_column(JSON)  # objects, in no order; amounts exact

    __table_args__ = (
        ForeignKeyConstraint(
            ["client_id", "month"],
            ["cost_reporting_statements.client_id", "cost_reporting_statements.month"],
            ondelete="CASCADE",
        ),
    )


class Numbering(Base):
    """The number given last. Whoever takes the next holds it until the transaction ends."""

    __tablename__ = "cost_reporting_numbering"

    series: Mapped[String] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(BigInteger)


class DaySum(Base):
    """The entries of a day in one row for each of what they are told apart by; kept with them."""

    __tablename__ = "cost_reporting_days"

    client_id: Mapped[ClientId]
    id: Mapped[str] = key("day")
    day: Mapped[date] = mapped_column(Date)
    line_id: Mapped[str] = reference("line")
    recruiter_id: Mapped[str | None] = reference("rec")
    kind: Mapped[String]
    category: Mapped[String | None]
    paid_to: Mapped[String | None]
    currency: Mapped[String | None]  # null: without a price
    free: Mapped[bool] = mapped_column(Boolean)
    quantity: Mapped[int] = mapped_column(BigInteger)
    amount: Mapped[Decimal]

    __table_args__ = (
        _of_client(),
        UniqueConstraint(
            "client_id",
            "day",
            "line_id",
            "recruiter_id",
            "kind",
            "category",
            "paid_to",
            "currency",
            "free",
            name="uq_cost_reporting_days_what",
            postgresql_nulls_not_distinct=True,
        ),
    )


class Counted(Base):
    """A message whose price hangs on how many came before it, by Meta's time of delivery.

    `past` is the highest of its counter's limits that was used up before it; `entered_past` the
    one that its entry was priced by. The two differ while a late message has moved it.
    """

    __tablename__ = "cost_reporting_counted"

    client_id: Mapped[ClientId]
    fact: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    counter: Mapped[String]
    occurred_at: Mapped[Moment]
    past: Mapped[int] = mapped_column(BigInteger)
    entered_past: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (
        _of_client(),
        Index(None, "counter", "occurred_at", "fact"),
        Index(
            "ix_cost_reporting_counted_moved",
            "client_id",
            postgresql_where="entered_past <> past",
        ),
    )


class Rent(Base):
    """An activated line: who pays for it and, where the platform does, the rent of its number."""

    __tablename__ = "cost_reporting_rents"

    client_id: Mapped[ClientId]
    line_id: Mapped[str] = reference("line", primary_key=True)
    country: Mapped[String]
    paid_by: Mapped[String]
    portfolio_id: Mapped[String | None]
    supplier: Mapped[String | None]
    monthly_amount: Mapped[Decimal | None]
    monthly_currency: Mapped[String | None]
    since: Mapped[Moment]
    until: Mapped[Moment | None]
    entered_through: Mapped[str | None] = mapped_column(Text)  # the last month in the ledger
    terms_since: Mapped[Moment | None]  # when its number, or the number's supplier, came

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
