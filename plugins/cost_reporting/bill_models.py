"""What providers said they charged."""

from datetime import date
from decimal import Decimal

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Date, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from gateway.plugin_api import Base, Json, Moment, String, key, reference


class AskedAccount(Base):
    """An account of a provider that was asked about a month: ids and times, nobody's figures."""

    __tablename__ = "cost_reporting_asked"

    source: Mapped[String] = mapped_column(primary_key=True)
    account: Mapped[String] = mapped_column(primary_key=True)
    month: Mapped[String] = mapped_column(primary_key=True)
    kind: Mapped[String]
    asked_at: Mapped[Moment | None]  # null: it has never answered
    error: Mapped[String | None]  # why it did not answer when it was asked last
    lines: Mapped[Json]  # by phone number, those of whom it was told
    spare: Mapped[int]
    in_one_sum: Mapped[bool] = mapped_column(Boolean)  # it does not tell which number it charged

    __table_args__ = (CheckConstraint("kind IN ('messages', 'numbers')", name="kind"),)


class Reported(Base):
    """What one account charged alike on one day. Of nobody where its number is no line's."""

    __tablename__ = "cost_reporting_reported"

    id: Mapped[str] = key("rep")
    client_id: Mapped[str | None] = reference("cli")
    line_id: Mapped[str | None] = reference("line")
    source: Mapped[String]
    account: Mapped[String]
    month: Mapped[String]
    kind: Mapped[String]
    day: Mapped[date] = mapped_column(Date)
    phone_number: Mapped[String | None]
    country: Mapped[String | None]
    category: Mapped[String | None]
    pricing_type: Mapped[String | None]
    quantity: Mapped[int] = mapped_column(BigInteger)
    amount: Mapped[Decimal | None]
    currency: Mapped[String | None]
    off_midnight: Mapped[bool] = mapped_column(Boolean)  # the account counts other days than we

    __table_args__ = (
        ForeignKeyConstraint(["client_id"], ["clients.client_id"], ondelete="CASCADE"),
        ForeignKeyConstraint(
            ["source", "account", "month"],
            [
                "cost_reporting_asked.source",
                "cost_reporting_asked.account",
                "cost_reporting_asked.month",
            ],
            ondelete="CASCADE",
        ),
        Index(None, "source", "account", "month"),
    )
