"""What a client's days came to, added up by what is asked."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, cast, func, select
from sqlalchemy.orm import Session

from gateway.plugin_api import Money
from plugins.cost_reporting.models import DaySum
from plugins.cost_reporting.periods import last_day
from plugins.cost_reporting.rules import month_of

Query = Select[Any]


def added_up_by(*what: Any, messages: bool = False) -> Query:
    """A question for `of_days` and `of_month`, of all costs or of messages alone.

    To be made once: making it takes as long as asking it.
    """
    quantity = func.sum(DaySum.quantity)
    free = func.coalesce(quantity.filter(DaySum.free), 0)
    query = (
        select(
            *what,
            cast(quantity, BigInteger).label("quantity"),
            cast(free, BigInteger).label("free"),
            func.sum(DaySum.amount).label("amount"),
        )
        .where(
            DaySum.client_id == bindparam("client_id"),
            DaySum.day.between(bindparam("first"), bindparam("last")),
        )
        .group_by(*what)
        .having(quantity != 0)
        .order_by(*what)
    )
    return query.where(DaySum.kind == "message") if messages else query


def of_days(
    session: Session, query: Query, client_id: str, first: date, last: date
) -> Sequence[Any]:
    """Rows of what it is added up by, with `quantity`, how much of it is `free`, and `amount`; the
    `currency`, which is one of what it is added up by, is None where nothing has a price."""
    values = {"client_id": client_id, "first": first, "last": last}
    return session.execute(query, values).all()


def of_month(session: Session, query: Query, client_id: str, day: date) -> Sequence[Any]:
    """Those of the whole month that a day is in."""
    return of_days(session, query, client_id, day.replace(day=1), last_day(month_of(day)))


def money(row: Any) -> Money | None:
    return Money(amount=row.amount, currency=row.currency) if row.currency else None
