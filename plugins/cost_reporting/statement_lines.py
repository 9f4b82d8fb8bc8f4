"""The lines of a statement out of the ledger, in one query whether it is shown or closed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from sqlalchemy import (
    CTE,
    BigInteger,
    Numeric,
    Select,
    bindparam,
    column,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session

from gateway.plugin_api import Money
from plugins.cost_reporting.arrays import is_any
from plugins.cost_reporting.models import ClosedLines, Entry, Rent
from plugins.cost_reporting.periods import Period

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
_SUMS: Final = ("quantity", "free")
_COLUMNS: Final = (*_WHAT, *_SUMS, "amount")
_TYPED: Final = [
    column("of_month", Entry.month.type),
    *(column(name, getattr(Entry, name).type) for name in _WHAT[1:]),
    *(column(name, BigInteger()) for name in _SUMS),
    column("amount", Numeric()),
]


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

    @cached_property
    def money(self) -> Money | None:
        if self.amount is None or self.currency is None:
            return None
        return Money(amount=self.amount, currency=self.currency)


def closed(session: Session, client_id: str, month: str) -> list[Line]:
    """As they were when the statement was closed."""
    return _read(session, _CLOSED, {"client_id": client_id, "month": month})


def of_now(session: Session, period: Period, terms: Terms) -> list[Line]:
    """Those of the period's one client, as they would be if it were closed now."""
    lines = _lines(period, terms)
    columns = [lines.c[name] for name in _COLUMNS]
    return _read(session, select(*columns).order_by(*_order(lines.c)))


def keep(session: Session, period: Period, terms: Terms) -> None:
    """Keep them as those of closed statements, all of a statement in one row."""
    lines = _lines(period, terms)
    client_id = lines.c.client_id
    named = (it for name in _COLUMNS for it in (name, lines.c[name]))
    session.execute(
        insert(ClosedLines).from_select(
            ["client_id", "month", "lines"],
            select(
                client_id, literal(period.month), func.json_agg(func.json_build_object(*named))
            ).group_by(client_id),
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
    what = (getattr(Entry, name) for name in _WHAT[1:])
    by = [Entry.client_id, Entry.month.label("of_month"), *what]
    quantity, amount = func.sum(Entry.quantity), func.sum(Entry.amount)
    free = func.coalesce(quantity.filter(Entry.amount == 0), 0)
    return (
        select(*by, quantity.label("quantity"), free.label("free"), amount.label("amount"))
        .where(is_any(Entry.client_id, period.clients), Entry.billed_in == period.month)
        .group_by(*by)
        .having(or_(quantity != 0, amount != 0))
        .cte("entered")
    )


def _fees(period: Period, fee: Money) -> Select[Any]:
    """One for each line that a client had in the month."""
    currency = literal(fee.currency)
    return select(
        Rent.client_id,
        *_own(period, "fee", line=Rent.line_id, currency=currency),
        literal(fee.amount),
    ).where(
        is_any(Rent.client_id, period.clients),
        Rent.since < period.ends,
        or_(Rent.until.is_(None), Rent.until >= period.begins),
    )


def _margin(period: Period, entered: CTE, share: Decimal) -> Select[Any]:
    """On what we invoice; what the client pays to Meta directly is none of our business."""
    amount = func.sum(entered.c.amount)
    return (
        select(
            entered.c.client_id,
            *_own(period, "margin", line=null(), currency=entered.c.currency),
            amount * literal(share),
        )
        .where(entered.c.currency.is_not(None), entered.c.paid_to.is_distinct_from("meta"))
        .group_by(entered.c.client_id, entered.c.currency)
        .having(amount != 0)
    )


def _own(period: Period, kind: str, *, line: Any, currency: Any) -> Sequence[Any]:
    """All of a line of ours but whose it is and its amount."""
    nothing = null(), null(), null()
    return [literal(period.month), literal(kind), line, *nothing, literal("platform"), currency,
            literal(1), literal(0)]  # fmt: skip


def _order(lines: Any) -> list[Any]:
    """Each month's together; of a line, what is not a recruiter's first."""
    names = ("of_month", "line_id", "kind", "category", "recruiter_id", "application")
    return [getattr(lines, name).nulls_last() for name in (*names, "paid_to", "currency")]


def _read(
    session: Session, query: Select[Any], values: Mapping[str, str] | None = None
) -> list[Line]:
    return [Line(**row._mapping) for row in session.execute(query, values)]


def _of_closed() -> Select[Any]:
    kept = func.json_to_recordset(ClosedLines.lines).table_valued(*_TYPED, name="kept")
    lines = kept.render_derived(with_types=True)
    return (
        select(*lines.c)
        .select_from(ClosedLines)
        .join(lines, true())
        .where(
            ClosedLines.client_id == bindparam("client_id"),
            ClosedLines.month == bindparam("month"),
        )
        .order_by(*_order(lines.c))
    )


_CLOSED: Final = _of_closed()  # made once: making it takes as long as asking it
