"""The rent of numbers: one entry a calendar month, from the month a number was rented to the month
its line was released."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.plugin_api import Event, built, now, platform, tenant
from plugins.cost_reporting.ledger import PAID_TO, enter
from plugins.cost_reporting.models import Rent
from plugins.cost_reporting.pricing import CostReporting
from plugins.cost_reporting.rate_cards import RateCard
from plugins.cost_reporting.rules import month_of, month_starts, next_month, number_price


def start(client_id: str, events: Sequence[Event], card: RateCard, at: datetime) -> None:
    """Remember who pays for activated lines, and enter the rents up to the month of `at`."""
    with tenant(client_id) as session:
        session.execute(insert(Rent).on_conflict_do_nothing(), [_rent(event) for event in events])
        _enter_due(session, client_id, card, at)


def end(client_id: str, events: Sequence[Event], card: RateCard) -> None:
    """The rents end; the months that passed until then are entered, should any be missing."""
    with tenant(client_id) as session:
        for event in events:
            session.execute(
                update(Rent)
                .where(
                    Rent.client_id == client_id,
                    Rent.line_id == event.data["line_id"],
                    Rent.until.is_(None),
                )
                .values(until=event.occurred_at)
            )
            of_line = Rent.line_id == event.data["line_id"]
            _enter(session, _locked(session, client_id, of_line), card, event.occurred_at)


def enter_this_month() -> None:
    """What the schedule runs: every client's rents of the month that it is now."""
    enter_all(built(CostReporting).card, now())


def enter_all(card: RateCard, at: datetime) -> None:
    """Enter the rents of all clients up to the month of `at`."""
    with platform() as session:
        clients = session.scalars(select(Rent.client_id).where(*_due(at)).distinct()).all()
    for client_id in clients:
        with tenant(client_id) as session:
            _enter_due(session, client_id, card, at)


def _enter_due(session: Session, client_id: str, card: RateCard, at: datetime) -> None:
    _enter(session, _locked(session, client_id, *_due(at)), card, at)


def _due(at: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Rent.paid_by == "platform",
        Rent.until.is_(None),
        or_(Rent.entered_through.is_(None), Rent.entered_through < month_of(at)),
    )


def _locked(session: Session, client_id: str, *which: ColumnElement[bool]) -> Sequence[Rent]:
    return session.scalars(
        select(Rent)
        .where(Rent.client_id == client_id, Rent.paid_by == "platform", *which)
        .order_by(Rent.line_id)
        .with_for_update()
    ).all()


def _enter(session: Session, rents: Iterable[Rent], card: RateCard, at: datetime) -> None:
    for rent in rents:
        entered = rent.entered_through or ""
        through = min(at, rent.until or at)
        months = [day for day in month_starts(rent.since, through) if month_of(day) > entered]
        if months:
            enter(session, [_month(rent, moment, card) for moment in months])
            rent.entered_through = month_of(months[-1])


def _month(rent: Rent, moment: datetime, card: RateCard) -> dict[str, Any]:
    price = number_price(
        card,
        country=rent.country,
        at=moment,
        supplier=rent.supplier,
        amount=rent.monthly_amount,
        currency=rent.monthly_currency,
    )
    return {
        "client_id": rent.client_id,
        "fact": f"number:{rent.line_id}:{month_of(moment)}",
        "kind": "number_month",
        "line_id": rent.line_id,
        "category": None,
        "country": rent.country,
        "month": month_of(moment),
        "occurred_at": moment,
        "amount": price.amount,
        "currency": price.currency,
        "reason": price.reason,
        "paid_to": PAID_TO[rent.paid_by],
        "source": price.source,
    }


def _rent(event: Event) -> dict[str, Any]:
    data = event.data
    return {
        "client_id": event.client_id,
        "line_id": data["line_id"],
        "country": data["country"],
        "paid_by": data["paid_by"],
        "supplier": data["supplier"],
        "monthly_amount": Decimal(data["monthly_amount"]) if data["monthly_amount"] else None,
        "monthly_currency": data["monthly_currency"],
        "since": _since(event),
    }


def _since(event: Event) -> datetime:
    """From when the line bears its rent. A number that was kept ready costs the client nothing in
    the month it was assigned: its rent was entered already, for whoever kept it."""
    data = event.data
    if data.get("assigned_at"):
        return next_month(datetime.fromisoformat(data["assigned_at"]).astimezone(UTC))
    since = datetime.fromisoformat(data["rented_at"]) if data["rented_at"] else event.occurred_at
    return since.astimezone(UTC)
