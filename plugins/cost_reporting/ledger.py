"""Enter what was delivered. A fact is entered once, however often it is told."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.plugin_api import tenant
from plugins.cost_reporting.models import Entry, Rent
from plugins.cost_reporting.rate_cards import RateCard
from plugins.cost_reporting.rules import (
    FREE_ENTRY_POINT,
    Delivery,
    allowance,
    message_price,
    month_of,
)

PAID_TO: Final = {"platform": "platform", "client": "meta"}

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('cost-reporting|' || :line_id, 0))")


def enter_messages(client_id: str, delivered: Sequence[Delivery], card: RateCard) -> None:
    """Price and enter the messages that are not in the ledger yet."""
    if not delivered:
        return
    with tenant(client_id) as session:
        # The whole line is locked, not its month alone: a message told once as delivered before
        # midnight and once as read after it has to meet itself.
        for line_id in sorted({delivery.line_id for delivery in delivered}):
            session.execute(_LOCK, {"line_id": line_id})
        fresh = _fresh(session, client_id, delivered)
        paid_to = _paid_to(session, client_id, fresh)
        used: dict[tuple[str, str], int] = {}
        rows: list[dict[str, Any]] = []
        for delivery in fresh:
            free = allowance(card, delivery)
            counter = (delivery.line_id, month_of(delivery.at))
            if free and counter not in used:
                used[counter] = _used(session, client_id, delivery, free)
            price = message_price(card, delivery, used=used.get(counter, 0))
            if free:
                used[counter] += 1
            rows.append(
                {
                    "client_id": client_id,
                    "fact": _fact(delivery),
                    "kind": "message",
                    "line_id": delivery.line_id,
                    "category": delivery.category,
                    "country": delivery.country,
                    "month": month_of(delivery.at),
                    "occurred_at": delivery.at,
                    "amount": price.amount,
                    "currency": price.currency,
                    "reason": price.reason,
                    "paid_to": paid_to.get(delivery.line_id),
                    "source": price.source,
                }
            )
        enter(session, rows)


def enter(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Enter rows; a fact that is there already stays as it is."""
    if rows:
        session.execute(insert(Entry).on_conflict_do_nothing(), rows)


def _fact(delivery: Delivery) -> str:
    return f"message:{delivery.message_id}"


def _fresh(session: Session, client_id: str, delivered: Iterable[Delivery]) -> list[Delivery]:
    by_fact = {_fact(delivery): delivery for delivery in delivered}
    known = set(
        session.scalars(
            select(Entry.fact).where(Entry.client_id == client_id, Entry.fact.in_(by_fact))
        )
    )
    return [delivery for fact, delivery in by_fact.items() if fact not in known]


def _paid_to(session: Session, client_id: str, delivered: Iterable[Delivery]) -> dict[str, str]:
    """Who is paid, by line; a line activated before this plugin was enabled is not in it."""
    rows = session.execute(
        select(Rent.line_id, Rent.paid_by).where(
            Rent.client_id == client_id,
            Rent.line_id.in_({delivery.line_id for delivery in delivered}),
        )
    )
    return {line_id: PAID_TO[paid_by] for line_id, paid_by in rows}


def _used(session: Session, client_id: str, delivery: Delivery, free: int) -> int:
    """How many of the line's free messages of this month are used up; no more than there are."""
    counted = (
        select(Entry.id)
        .where(
            Entry.client_id == client_id,
            Entry.month == month_of(delivery.at),
            Entry.line_id == delivery.line_id,
            Entry.category == delivery.category,
            Entry.reason != FREE_ENTRY_POINT,
        )
        .limit(free)
    )
    return session.scalar(select(func.count()).select_from(counted.subquery())) or 0
