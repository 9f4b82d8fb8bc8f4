"""Statements: a client's month, open until it is closed, then never changed.

What becomes known of a closed month goes into the next open statement, as a correction.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, select, text
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Session

from gateway.plugin_api import CannotClose, UnknownStatement, now, platform, tenant, visiting
from plugins.cost_reporting import periods, statement_lines
from plugins.cost_reporting.frozen_rates import as_card, frozen
from plugins.cost_reporting.models import Entry, Rent, Statement
from plugins.cost_reporting.rate_cards import RateCard
from plugins.cost_reporting.rules import month_of, next_month
from plugins.cost_reporting.statement_lines import Period
from plugins.cost_reporting.statement_shape import Facts, brief, shape

if TYPE_CHECKING:
    from plugins.cost_reporting.pricing import CostReporting

# Whoever takes a number holds it until the commit, and a rollback gives it back: without gaps.
_NUMBER: Final = text(
    "WITH taken AS ("
    " INSERT INTO cost_reporting_numbering AS numbering VALUES ('statement', 1)"
    " ON CONFLICT (series) DO UPDATE SET last = numbering.last + 1 RETURNING last)"
    " UPDATE cost_reporting_statements SET number = taken.last, closed_at = :at, rates = :rates"
    " FROM taken WHERE client_id = :client AND month = :month"
).bindparams(bindparam("client", type_=Statement.client_id.type), bindparam("rates", type_=JSONB))


def listed(pricing: "CostReporting", client_id: str) -> Sequence[Mapping[str, Any]]:
    """Every statement of a client, the newest first, without its lines."""
    card = pricing.card
    with tenant(client_id) as session:
        corrected = _corrected_in(session, client_id)
        found = periods.statements(session, client_id, pricing.day, now())
        return [brief(_shown(session, pricing, card, it, corrected)) for it in reversed(found)]


def one(pricing: "CostReporting", client_id: str, month: date) -> Mapping[str, Any]:
    """A statement with its lines. UnknownStatement where there is none of that month."""
    card = pricing.card
    with tenant(client_id) as session:
        found = periods.statements(session, client_id, pricing.day, now())
        mine = next((it for it in found if it.month == month_of(month)), None)
        if mine is None:
            raise _unknown(month)
        return _shown(session, pricing, card, mine, _corrected_in(session, client_id))


def close(pricing: "CostReporting", client_id: str, month: date) -> None:
    """Freeze a statement's lines and exchange rates and number it; once, however often asked."""
    _close(pricing, pricing.card, client_id, month)


def close_all(pricing: "CostReporting", month: date) -> tuple[list[str], dict[str, str]]:
    """Close every client's that has one: whose it is now, and whose not, with the reason."""
    card = pricing.card
    closed: list[str] = []
    refused: dict[str, str] = {}
    for client_id in clients():
        try:
            _close(pricing, card, client_id, month)
        except UnknownStatement:
            continue
        except CannotClose as cannot:
            refused[client_id] = str(cannot)
        else:
            closed.append(client_id)
    return closed, refused


def clients() -> Sequence[str]:
    """Whoever may have statements."""
    with platform() as session:
        found = {*session.scalars(select(Rent.client_id).distinct())}
        found |= {*session.scalars(select(Statement.client_id).distinct())}
    return sorted(found)


def _close(pricing: "CostReporting", card: RateCard, client_id: str, month: date) -> None:
    name, at = month_of(month), now()
    with tenant(client_id) as session:
        periods.hold(session, client_id)
        found = periods.statements(session, client_id, pricing.day, at)
        mine = next((it for it in found if it.month == name), None)
        if mine and mine.number is not None:
            return
        if name >= month_of(pricing.day(at)):
            raise CannotClose("month_not_over", f"{name} is not over yet.")
        if mine is None:
            raise _unknown(month)
        if before := next((it for it in found if it.month < name and it.number is None), None):
            raise CannotClose("earlier_month_open", f"Close {before.month} first: it is open.")
        values = {"client_id": client_id, "month": name}
        if mine not in session:
            session.execute(insert(Statement), [values])
        statement_lines.keep(session, _period(pricing, client_id, name), pricing.terms)
        rates = frozen(card, periods.last_day(name))
        with visiting(session, None):
            session.execute(_NUMBER, {**values, "client": client_id, "at": at, "rates": rates})


def _shown(
    session: Session,
    pricing: "CostReporting",
    card: RateCard,
    row: Statement,
    corrected_in: Mapping[str, Sequence[str]],
) -> Mapping[str, Any]:
    on = periods.last_day(row.month)
    if row.number is None:
        period = _period(pricing, row.client_id, row.month)
        lines = statement_lines.of_now(session, period, pricing.terms)
        rates = frozen(card, on)
    else:
        lines = statement_lines.closed(session, row.client_id, row.month)
        rates = row.rates or []
    facts = Facts(
        month=row.month,
        number=row.number,
        closed_at=row.closed_at,
        corrected_in=corrected_in.get(row.month, ()),
        rates=rates,
        lines=lines,
    )
    return shape(facts, as_card(rates), on)


def _corrected_in(session: Session, client_id: str) -> Mapping[str, Sequence[str]]:
    """The later statements in which there are entries of a month."""
    found: dict[str, list[str]] = defaultdict(list)
    for month, billed_in in session.execute(
        select(Entry.month, Entry.billed_in)
        .where(Entry.client_id == client_id, Entry.month != Entry.billed_in)
        .distinct()
        .order_by(Entry.month, Entry.billed_in)
    ):
        found[month].append(billed_in)
    return found


def _period(pricing: "CostReporting", client_id: str, month: str) -> Period:
    first = periods.first_day(month)
    begins, ends = (
        datetime.combine(day, time(), pricing.zone).astimezone(UTC)
        for day in (first, next_month(first))
    )
    return Period(client_id=client_id, month=month, begins=begins, ends=ends)


def _unknown(month: date) -> UnknownStatement:
    return UnknownStatement(f"There is no statement of {month_of(month)}: nothing is known of it.")
