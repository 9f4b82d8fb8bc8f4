"""What a client, or one of its lines, may cost in a month."""

from decimal import Decimal

from sqlalchemy import Boolean, CheckConstraint, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gateway.plugin_api import Base, ClientId, String, key, reference


class Budget(Base):
    """`month`, `spent` and `told` are of the last look: other months' stop nothing."""

    __tablename__ = "cost_reporting_budgets"

    client_id: Mapped[ClientId]
    id: Mapped[str] = key("bud")
    line_id: Mapped[str | None] = reference("line")  # null: all of the client's
    amount: Mapped[Decimal]
    currency: Mapped[String]
    stops_marketing: Mapped[bool] = mapped_column(Boolean)
    month: Mapped[String]
    spent: Mapped[Decimal]
    told: Mapped[int]  # per cent: the highest that was told of in this month

    __table_args__ = (
        ForeignKeyConstraint(["client_id"], ["clients.client_id"], ondelete="CASCADE"),
        UniqueConstraint(
            "client_id",
            "line_id",
            name="uq_cost_reporting_budgets_line",
            postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint("amount > 0", name="amount"),
    )
