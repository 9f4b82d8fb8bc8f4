"""Budgets: set, looked after as the ledger grows, told of once a threshold and month."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.plugin_api import (
    BudgetRefused,
    BudgetWanted,
    Money,
    now,
    platform,
    record_act,
    record_event,
    tenant,
)
from plugins.cost_reporting import month_so_far
from plugins.cost_reporting.budget_models import Budget
from plugins.cost_reporting.keeping import Ledger
from plugins.cost_reporting.models import Rent
from plugins.cost_reporting.month_so_far import Part
from plugins.cost_reporting.rate_cards import RateCard
from plugins.cost_reporting.rules import USD, month_of
from plugins.cost_reporting.statement import amounts, shown

THRESHOLDS: Final = (50, 80, 100)


def look(ledger: Ledger, client_id: str) -> None:
    """See how the client's budgets stand by the ledger, and tell what was reached."""
    with tenant(client_id) as session:
        budgets = _budgets(session, client_id, lock=True)
        if budgets:
            _update(ledger, session, budgets, now())


def look_at_all(ledger: Ledger) -> None:
    """What the schedule runs: months begin and rates change without anything being entered."""
    with platform() as session:
        clients = session.scalars(select(Budget.client_id).distinct()).all()
    for client_id in clients:
        look(ledger, client_id)


def set_to(ledger: Ledger, client_id: str, wanted: BudgetWanted) -> Mapping[str, Any]:
    """Set the one budget of the client or of the line."""
    money, at = wanted.money, now()
    with tenant(client_id) as session:
        card, day = ledger.card_in(session), ledger.day(at)
        if card.convert(Money(amount=Decimal(1), currency=USD), money.currency, day) is None:
            detail = f"No exchange rate from USD to {money.currency} is known today: USD only."
            raise BudgetRefused("no_exchange_rate", detail, "/currency")
        _require_line(session, client_id, wanted.line_id)
        row = _one(session, client_id, wanted)
        row.amount, row.currency = money.amount, money.currency
        row.stops_marketing = wanted.stops_marketing
        parts = month_so_far.of_month(session, client_id, day)
        _count(card, row, parts, day)
        row.told = min(row.told, _reached(row))  # what a lower budget reached is no news of it
        _update(ledger, session, [row], at)
        record_act(
            session,
            client_id,
            "budget.set",
            row.id,
            line_id=row.line_id,
            **money.as_json(),
            stops_marketing=row.stops_marketing,
        )
        return _shown(card, row, parts, day, month_so_far.growth(ledger, at))


def remove(client_id: str, budget_id: str) -> bool:
    with tenant(client_id) as session:
        row = session.get(Budget, (client_id, budget_id), with_for_update=True)
        if row is None:
            return False
        session.delete(row)
        record_act(session, client_id, "budget.removed", budget_id)
    return True


def used_up(ledger: Ledger, client_id: str) -> frozenset[str | None]:
    """The lines whose budget stops marketing now; None: all of them."""
    with tenant(client_id) as session:
        return frozenset(
            session.scalars(
                select(Budget.line_id).where(
                    Budget.client_id == client_id,
                    Budget.stops_marketing,
                    Budget.month == month_of(ledger.day(now())),
                    Budget.spent >= Budget.amount,
                )
            )
        )


def overview(ledger: Ledger, client_id: str) -> Mapping[str, Any]:
    """This month and its budgets, as the ledger is now."""
    at = now()
    day, growth = ledger.day(at), month_so_far.growth(ledger, at)
    with tenant(client_id) as session:
        card = ledger.card_in(session)
        parts = month_so_far.of_month(session, client_id, day)
        budgets = _budgets(session, client_id)
        for row in budgets:
            _count(card, row, parts, day)
        found = [_shown(card, row, parts, day, growth) for row in budgets]
        session.expunge_all()  # looking changes nothing
    return {
        "month": month_of(day),
        "spent": amounts(card, day, month_so_far.monies(parts)),
        "projected": amounts(card, day, month_so_far.projected(parts, growth)),
        "unpriced": sum(part.quantity for part in parts if part.money is None),
        "budgets": found,
    }


def _update(ledger: Ledger, session: Session, budgets: Sequence[Budget], at: datetime) -> None:
    card, day = ledger.card_in(session), ledger.day(at)
    parts = month_so_far.of_month(session, budgets[0].client_id, day)
    for row in budgets:
        _count(card, row, parts, day)
        for percent in THRESHOLDS:
            if row.told < percent <= _reached(row):
                row.told = percent
                _tell(session, row, percent)


def _count(card: RateCard, row: Budget, parts: Sequence[Part], day: date) -> None:
    if row.month != month_of(day):
        row.month, row.told = month_of(day), 0
    monies = month_so_far.monies(_of(row, parts))
    row.spent = month_so_far.in_currency(card, monies, row.currency, day)


def _of(row: Budget, parts: Sequence[Part]) -> list[Part]:
    return [part for part in parts if row.line_id in (None, part.line_id)]


def _reached(row: Budget) -> int:
    """The highest threshold that the month has come to; 0: none."""
    return max((it for it in THRESHOLDS if row.spent * 100 >= row.amount * it), default=0)


def _tell(session: Session, row: Budget, percent: int) -> None:
    record_event(
        session,
        row.client_id,
        "budget.reached",
        budget_id=row.id,
        line_id=row.line_id,
        month=row.month,
        percent=percent,
        amount=format(row.amount, "f"),
        currency=row.currency,
        spent=format(row.spent, "f"),
        stops_marketing=row.stops_marketing,
    )


def _shown(
    card: RateCard, row: Budget, parts: Sequence[Part], day: date, growth: Decimal
) -> dict[str, Any]:
    currency = row.currency
    monies = month_so_far.projected(_of(row, parts), growth)
    ends = month_so_far.in_currency(card, monies, currency, day)
    return {
        "id": row.id,
        "line_id": row.line_id,
        "amount": Money(amount=row.amount, currency=currency).as_json(),
        "stops_marketing": row.stops_marketing,
        "spent": shown(Money(amount=row.spent, currency=currency)).as_json(),
        "percent": int(row.spent * 100 / row.amount),
        "projected": shown(Money(amount=ends, currency=currency)).as_json(),
    }


def _budgets(session: Session, client_id: str, *, lock: bool = False) -> Sequence[Budget]:
    found = select(Budget).where(Budget.client_id == client_id).order_by(Budget.id)
    return session.scalars(found.with_for_update() if lock else found).all()


def _one(session: Session, client_id: str, wanted: BudgetWanted) -> Budget:
    """The client's or the line's, locked; there is one from now on."""
    session.execute(
        insert(Budget)
        .values(
            client_id=client_id,
            line_id=wanted.line_id,
            amount=wanted.money.amount,
            currency=wanted.money.currency,
            stops_marketing=False,
            month="",
            spent=0,
            told=0,
        )
        .on_conflict_do_nothing()
    )
    line = wanted.line_id
    here = Budget.line_id.is_(None) if line is None else Budget.line_id == line
    found = select(Budget).where(Budget.client_id == client_id, here)
    return session.scalars(found.with_for_update()).one()


def _require_line(session: Session, client_id: str, line_id: str | None) -> None:
    if line_id is not None and session.get(Rent, (client_id, line_id)) is None:
        raise BudgetRefused(
            "unknown_line", "The client has no such line that was ever active.", "/line_id"
        )
