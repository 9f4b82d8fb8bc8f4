"""Statements: a client's month, open until it is closed, then never changed.

What becomes known of a closed month goes into the next open statement, as a correction.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import islice
from typing import Any, Final

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from gateway.plugin_api import CannotClose, now, platform, tenant
from plugins.cost_reporting import closing, periods, statement_lines
from plugins.cost_reporting.frozen_rates import as_card, frozen
from plugins.cost_reporting.keeping import Ledger
from plugins.cost_reporting.models import Entry, Rent, Statement
from plugins.cost_reporting.rules import month_of
from plugins.cost_reporting.statement_shape import Facts, brief, shape

AT_ONCE: Final = 500  # clients whose month is closed in one transaction
_LATE: Final = (
    select(Entry.month, Entry.billed_in)
    .where(Entry.client_id == bindparam("client_id"), Entry.month != Entry.billed_in)
    .distinct()
    .order_by(Entry.month, Entry.billed_in)
)
_LATE_OF_ONE: Final = _LATE.where(Entry.month == bindparam("month"))


def listed(pricing: Ledger, client_id: str) -> Sequence[Mapping[str, Any]]:
    """Every statement of a client, the newest first, without its lines."""
    with tenant(client_id) as session:
        corrected = _corrected_in(session, client_id)
        rows = periods.statements(session, client_id, pricing.day, now())
        found = [_facts(session, pricing, row, corrected) for row in reversed(rows)]
    return [brief(_shown(pricing, facts)) for facts in found]


def one(pricing: Ledger, client_id: str, month: date) -> Mapping[str, Any]:
    """A statement with its lines. UnknownStatement where there is none of that month."""
    name = month_of(month)
    with tenant(client_id) as session:
        mine = session.get(Statement, (client_id, name))
        if mine is None:  # there may have been a line, and nothing entered yet
            rows = periods.statements(session, client_id, pricing.day, now())
            mine = next((row for row in rows if row.month == name), None)
        if mine is None:
            raise closing.unknown(name)
        found = _facts(session, pricing, mine, _corrected_in(session, client_id, name))
    return _shown(pricing, found)


def close(pricing: Ledger, client_id: str, month: date) -> None:
    """Freeze a statement's lines and exchange rates and number it; once, however often asked."""
    refusal = closing.close(pricing, [client_id], month)[client_id]
    if refusal:
        raise refusal


def close_all(pricing: Ledger, month: date) -> tuple[list[str], dict[str, str]]:
    """Close every client's that has one: whose it is now, and whose not, with the reason.

    CannotClose where the month is not over, whoever has one.
    """
    if month_of(month) >= month_of(pricing.day(now())):
        raise closing.not_over(month_of(month))
    found: dict[str, closing.Refusal | None] = {}
    everybody = iter(clients())
    while some := list(islice(everybody, AT_ONCE)):
        found |= closing.close(pricing, some, month)
    closed = [client_id for client_id, why in found.items() if why is None]
    refused = {it: str(why) for it, why in found.items() if isinstance(why, CannotClose)}
    return closed, refused


def clients() -> Sequence[str]:
    """Whoever may have statements."""
    with platform() as session:
        found = {*session.scalars(select(Rent.client_id).distinct())}
        found |= {*session.scalars(select(Statement.client_id).distinct())}
    return sorted(found)


def _facts(
    session: Session,
    pricing: Ledger,
    row: Statement,
    corrected_in: Mapping[str, Sequence[str]],
) -> Facts:
    if row.number is None:
        period = periods.period(pricing.zone, [row.client_id], row.month)
        lines = statement_lines.of_now(session, period, pricing.terms)
    else:
        lines = statement_lines.closed(session, row.client_id, row.month)
    return Facts(
        month=row.month,
        number=row.number,
        closed_at=row.closed_at,
        corrected_in=corrected_in.get(row.month, ()),
        rates=row.rates,
        lines=lines,
    )


def _shown(pricing: Ledger, facts: Facts) -> Mapping[str, Any]:
    on = periods.last_day(facts.month)
    rates = frozen(pricing.card, on) if facts.number is None else facts.rates or []
    return shape(replace(facts, rates=rates), as_card(rates), on)


def _corrected_in(
    session: Session, client_id: str, month: str | None = None
) -> Mapping[str, Sequence[str]]:
    """The later statements in which there are entries of a month, or of each."""
    found: dict[str, list[str]] = defaultdict(list)
    query, values = (_LATE, {}) if month is None else (_LATE_OF_ONE, {"month": month})
    for of_month, billed_in in session.execute(query, {"client_id": client_id, **values}):
        found[of_month].append(billed_in)
    return found
