"""The rent of numbers: one entry a calendar month, from the month a number was rented to the month
its line was released."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.plugin_api import Event, built, now, platform, tenant
from plugins.cost_reporting import entries
from plugins.cost_reporting.ledger import PAID_TO
from plugins.cost_reporting.models import Entry, Rent
from plugins.cost_reporting.periods import first_day
from plugins.cost_reporting.pricing import CostReporting
from plugins.cost_reporting.rate_cards import RateCard
from plugins.cost_reporting.rules import month_of, month_starts, next_month, number_price

_OURS: Final = or_(Rent.paid_by == "platform", Rent.supplier.is_not(None))
"""A client that pays Meta itself may have a number that the platform rents."""


def start(client_id: str, events: Sequence[Event], pricing: CostReporting, at: datetime) -> None:
    """Remember who pays for activated lines, and enter the rents up to the month of `at`."""
    with tenant(client_id) as session:
        session.execute(
            insert(Rent).on_conflict_do_nothing(), [_rent(event, pricing) for event in events]
        )
        _enter_due(session, client_id, pricing, at)


def replace(client_id: str, events: Sequence[Event], pricing: CostReporting) -> None:
    """The new number is rented beside the old one in the month of its coming, then in its place:
    in months as well that were entered before this was heard of."""
    with tenant(client_id) as session:
        card = pricing.card_in(session)
        for event in events:
            data, at = event.data, event.occurred_at
            rents = _locked(session, client_id, Rent.line_id == data["line_id"])
            for rent in rents:
                if rent.terms_since and at <= rent.terms_since:
                    continue
                _enter(session, [rent], pricing, at)
                rent.supplier, rent.monthly_currency = data["supplier"], data["monthly_currency"]
                amount = data["monthly_amount"]
                rent.monthly_amount = Decimal(amount) if amount else None
                rent.terms_since = at
                month = month_entry(rent, pricing.day(at), pricing.zone, card)
                month["fact"] += f":{data['phone_number']}:{data['supplier']}"
                later = [
                    row
                    for entry in _entered_after(session, rent, pricing.day(at))
                    for row in entries.replacing(
                        entry, month_entry(rent, entry.day, pricing.zone, card)
                    )
                ]
                entries.enter(session, client_id, [entries.first(month), *later])


def end(client_id: str, events: Sequence[Event], pricing: CostReporting) -> None:
    """The rents end. The months that passed until then are entered, should any be missing, and
    those after it taken back, should any have been entered before this was heard of."""
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
            rents = _locked(session, client_id, of_line)
            _enter(session, rents, pricing, event.occurred_at)
            for rent in rents:
                after = _entered_after(session, rent, pricing.day(rent.until or event.occurred_at))
                undone = [entries.reversal(entry, now()) for entry in after]
                entries.enter(session, client_id, undone)


def enter_this_month() -> None:
    """What the schedule runs: every client's rents of the month that it is now."""
    enter_all(built(CostReporting), now())


def enter_all(pricing: CostReporting, at: datetime) -> None:
    """Enter the rents of all clients up to the month of `at`."""
    with platform() as session:
        clients = session.scalars(select(Rent.client_id).where(*_due(pricing, at)).distinct()).all()
    for client_id in clients:
        with tenant(client_id) as session:
            _enter_due(session, client_id, pricing, at)


def _enter_due(session: Session, client_id: str, pricing: CostReporting, at: datetime) -> None:
    _enter(session, _locked(session, client_id, *_due(pricing, at)), pricing, at)


def _due(pricing: CostReporting, at: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        _OURS,
        Rent.until.is_(None),
        or_(Rent.entered_through.is_(None), Rent.entered_through < month_of(pricing.day(at))),
    )


def _locked(session: Session, client_id: str, *which: ColumnElement[bool]) -> Sequence[Rent]:
    return session.scalars(
        select(Rent)
        .where(Rent.client_id == client_id, _OURS, *which)
        .order_by(Rent.line_id)
        .with_for_update()
    ).all()


def _enter(session: Session, rents: Iterable[Rent], pricing: CostReporting, at: datetime) -> None:
    card = pricing.card_in(session)
    for rent in rents:
        entered = rent.entered_through or ""
        through = pricing.day(min(at, rent.until or at))
        days = month_starts(pricing.day(rent.since), through)
        due = [day for day in days if month_of(day) > entered]
        if due:
            rows = [month_entry(rent, day, pricing.zone, card) for day in due]
            entries.enter(session, rent.client_id, [entries.first(row) for row in rows])
            rent.entered_through = month_of(due[-1])


def _entered_after(session: Session, rent: Rent, day: date) -> Iterable[Entry]:
    """What was entered of the months after that day's."""
    if rent.entered_through is None:
        return ()
    months = month_starts(next_month(day), first_day(rent.entered_through))
    facts = [f"number:{rent.line_id}:{month_of(first)}" for first in months]
    return entries.current(session, rent.client_id, facts).values()


def month_entry(rent: Rent, day: date, zone: tzinfo, card: RateCard) -> dict[str, Any]:
    """The rent of that day's month."""
    price = number_price(
        card,
        country=rent.country,
        on=day,
        supplier=rent.supplier,
        amount=rent.monthly_amount,
        currency=rent.monthly_currency,
    )
    return {
        "client_id": rent.client_id,
        "fact": f"number:{rent.line_id}:{month_of(day)}",
        "kind": "number_month",
        "line_id": rent.line_id,
        "recruiter_id": None,
        "application": None,
        "category": None,
        "country": rent.country,
        "pricing_type": None,
        "occurred_at": max(rent.since, datetime.combine(day, time(), zone)),
        "day": day,
        "month": month_of(day),
        "amount": price.amount,
        "currency": price.currency,
        "reason": price.reason,
        "paid_to": PAID_TO["platform"],
        "source": price.source,
        "card": card.label,
        "entered_at": now(),
    }


def _rent(event: Event, pricing: CostReporting) -> dict[str, Any]:
    data = event.data
    return {
        "client_id": event.client_id,
        "line_id": data["line_id"],
        "country": data["country"],
        "paid_by": data["paid_by"],
        "portfolio_id": data["portfolio_id"],
        "supplier": data["supplier"],
        "monthly_amount": Decimal(data["monthly_amount"]) if data["monthly_amount"] else None,
        "monthly_currency": data["monthly_currency"],
        "since": _since(event, pricing),
    }


def _since(event: Event, pricing: CostReporting) -> datetime:
    """From when the line bears its rent. A number that was kept ready costs the client nothing in
    the month it was assigned: its rent was entered already, for whoever kept it."""
    data = event.data
    if data["assigned_at"]:
        day = next_month(pricing.day(datetime.fromisoformat(data["assigned_at"])))
        return datetime.combine(day, time(), pricing.zone)
    since = datetime.fromisoformat(data["rented_at"]) if data["rented_at"] else event.occurred_at
    return since.astimezone(UTC)
