"""The drawer: every SIM card of ours, and for whom it was taken out."""

from decimal import Decimal

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gateway.plugin_api import Base, Moment, String


class Sim(Base):
    """A SIM card. It belongs to the platform; `reference` is the order that has it now."""

    __tablename__ = "operator_sim_numbers"

    phone_number: Mapped[String] = mapped_column(primary_key=True)  # E.164
    country: Mapped[String] = mapped_column(index=True)
    label: Mapped[String]  # what a person finds it by
    monthly_amount: Mapped[Decimal | None]
    monthly_currency: Mapped[String | None]
    reference: Mapped[String | None] = mapped_column(unique=True)
    added_at: Mapped[Moment]
    ordered_at: Mapped[Moment | None]

    __table_args__ = (
        CheckConstraint(
            "(monthly_amount IS NULL) = (monthly_currency IS NULL)", name="amount_has_currency"
        ),
        CheckConstraint("(reference IS NULL) = (ordered_at IS NULL)", name="ordered_has_reference"),
    )
