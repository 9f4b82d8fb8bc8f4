"""The lines of a statement out of the ledger, in one query whether it is shown or closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import CTE, Select, func, insert, literal, null, or_, select, union_all
from sqlalchemy.orm import Session

from gateway.plugin_api import Money
from plugins.cost_reporting.models import Entry, Rent, StatementLine

_WHAT: Final = (
    "of_month",
    "kind",
    "line_id",
    "recruiter_id",
    "application",
    "category",
    "paid_to",
    "currency",
)
_COLUMNS: Final = (*_WHAT, "quantity", "free", "amount")


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What we ask beside what things cost: for each line and month, and on what we invoice."""

    line_fee: Money | None
    margin_percent: Decimal


@dataclass(frozen=True, kw_only=True)
class Line:
    """What belongs together, its amount exact; None where it has no price."""

    of_month: str
    kind: str
    line_id: str | None
    recruiter_id: str | None
    application: str | None
    category: str | None
    paid_to: str | None
    currency: str | None
    quantity: int
    free: int
    amount: Decimal | None

    @property
    def money(self) -> Money | None:
        if self.amount is None or self.currency is None:
            return None
        return Money(amount=self.amount, currency=self.currency)


@dataclass(frozen=True, kw_only=True)
class Period:
    """A client's month, with where it begins and ends."""

    client_id: str
    month: str
    begins: datetime
    ends: datetime


def closed(session: Session, client_id: str, month: str) -> list[Line]:
    """As they were when the statement was closed."""
    mine = StatementLine.client_id == client_id, StatementLine.month == month
    names = [getattr(StatementLine, name) for name in _COLUMNS]
    return _read(session, select(*names).where(*mine).order_by(StatementLine.position))


def of_now(session: Session, period: Period, terms: Terms) -> list[Line]:
    """As they would be if the statement were closed now."""
    lines = _lines(period, terms)
    return _read(session, select(*lines.c).order_by(*_order(lines)))


def keep(session: Session, period: Period, terms: Terms) -> None:
    """Keep them as those of a closed statement."""
    lines = _lines(period, terms)
    position = func.row_number().over(order_by=_order(lines))
    values = [lines.c[name] for name in _COLUMNS]
    mine = literal(period.client_id, StatementLine.client_id.type), literal(period.month)
    session.execute(
        insert(StatementLine).from_select(
            ["client_id", "month", "position", *_COLUMNS], select(*mine, position, *values)
        )
    )


def _lines(period: Period, terms: Terms) -> CTE:
    entered = _entered(period)
    parts: list[Select[Any]] = [select(*entered.c)]
    if terms.line_fee:
        parts.append(_fees(period, terms.line_fee))
    if terms.margin_percent:
        parts.append(_margin(period, entered, terms.margin_percent.scaleb(-2)))
    return union_all(*parts).cte("lines")


def _entered(period: Period) -> CTE:
    by = [Entry.month.label("of_month"), *(getattr(Entry, name) for name in _WHAT[1:])]
    quantity, amount = func.sum(Entry.quantity), func.sum(Entry.amount)
    free = func.coalesce(quantity.filter(Entry.amount == 0), 0)
    return (
        select(*by, quantity.label("quantity"), free.label("free"), amount.label("amount"))
        .where(Entry.client_id == period.client_id, Entry.billed_in == period.month)
        .group_by(*by)
        .having(or_(quantity != 0, amount != 0))
        .cte("entered")
    )


def _fees(period: Period, fee: Money) -> Select[Any]:
    """One for each line that the client had in the month."""
    return select(
        *_own(period, "fee", line=Rent.line_id, currency=literal(fee.currency)),
        literal(fee.amount),
    ).where(
        Rent.client_id == period.client_id,
        Rent.since < period.ends,
        or_(Rent.until.is_(None), Rent.until >= period.begins),
    )


def _margin(period: Period, entered: CTE, share: Decimal) -> Select[Any]:
    """On what we invoice; what the client pays to Meta directly is none of our business."""
    amount = func.sum(entered.c.amount)
    return (
        select(
            *_own(period, "margin", line=null(), currency=entered.c.currency),
            amount * literal(share),
        )
        .where(entered.c.currency.is_not(None), entered.c.paid_to.is_distinct_from("meta"))
        .group_by(entered.c.currency)
        .having(amount != 0)
    )


def _own(period: Period, kind: str, *, line: Any, currency: Any) -> Sequence[Any]:
    """All of a line of ours but its amount."""
    nothing = null(), null(), null()
    return [literal(period.month), literal(kind), line, *nothing, literal("platform"), currency,
            literal(1), literal(0)]  # fmt: skip


def _order(lines: CTE) -> list[Any]:
    """Each month's together; of a line, what is not a recruiter's first."""
    names = ("of_month", "line_id", "kind", "category", "recruiter_id", "application")
    return [lines.c[name].nulls_last() for name in (*names, "paid_to", "currency")]


def _read(session: Session, query: Select[Any]) -> list[Line]:
    return [Line(**row._mapping) for row in session.execute(query)]
