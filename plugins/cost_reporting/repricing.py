"""A month priced anew, by the card as it is now: what differs is reversed and entered again."""

from collections.abc import Sequence
from datetime import date
from itertools import islice
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gateway.plugin_api import now, platform, tenant
from plugins.cost_reporting import counting, entries, ledger
from plugins.cost_reporting.models import Counted, Entry, Rent
from plugins.cost_reporting.pricing import CostReporting
from plugins.cost_reporting.rate_cards import RateCard
from plugins.cost_reporting.rules import month_of, number_price

_AT_ONCE: Final = 5000
_BY_CARD: Final = ("rate_card", "no_rate")  # and not by what a supplier asked


def reprice(month: date, pricing: CostReporting) -> int:
    """Price every client's month again; how many entries were corrected."""
    with platform() as session:
        clients = {*session.scalars(select(Rent.client_id).distinct())}
        clients |= {*session.scalars(select(Counted.client_id).distinct())}
    before = {client_id: _entered(client_id, month) for client_id in sorted(clients)}
    for client_id in before:
        _count_anew(client_id, month, pricing.card)
    for client_id in before:
        _price_anew(client_id, month, pricing.card)
    # Each correction is two entries: the reversal and the new one.
    return sum(_entered(it, month) - was for it, was in before.items()) // 2


def _count_anew(client_id: str, month: date, card: RateCard) -> None:
    """Limits may be others now, so all that is counted by them is looked at."""
    with tenant(client_id) as session:
        known = ledger.deliveries_of(_present(session, client_id, month, "message"))
        lines = ledger.lines_of(session, client_id, known.values())
    counts = list(ledger.counts(card, client_id, known, {}, lines))
    counting.count(client_id, counts, anew=True)


def _price_anew(client_id: str, month: date, card: RateCard) -> None:
    with tenant(client_id) as session:
        known = iter(ledger.deliveries_of(_present(session, client_id, month, "message")).items())
        numbers = _present(session, client_id, month, "number_month")
        undone = _undone(session, client_id, month)
        rows: list[dict[str, Any]] = []
        for entry in numbers.values():
            if entry.reason in _BY_CARD and (entry.fact, entry.revision) not in undone:
                rows += entries.replacing(entry, _number(entry, card))
        entries.enter(session, client_id, rows)
    while chunk := dict(islice(known, _AT_ONCE)):
        ledger.settle(client_id, card, chunk, again=True)


def _present(session: Session, client_id: str, month: date, kind: str) -> dict[str, Entry]:
    facts: Sequence[str] = session.scalars(
        select(Entry.fact)
        .where(Entry.client_id == client_id, Entry.month == month_of(month), Entry.kind == kind)
        .distinct()
    ).all()
    return entries.current(session, client_id, facts)


def _undone(session: Session, client_id: str, month: date) -> set[tuple[str, int]]:
    """Months of numbers that were taken back, the line having ended before."""
    rows = session.execute(
        select(Entry.fact, Entry.revision).where(
            Entry.client_id == client_id,
            Entry.month == month_of(month),
            Entry.kind == "number_month",
            Entry.reversal,
        )
    )
    return {(row.fact, row.revision) for row in rows}


def _number(entry: Entry, card: RateCard) -> dict[str, Any]:
    price = number_price(
        card,
        country=entry.country or "",
        on=entry.day,
        supplier=None,
        amount=None,
        currency=None,
    )
    return {
        **entries.values_of(entry),
        "amount": price.amount,
        "currency": price.currency,
        "reason": price.reason,
        "source": price.source,
        "card": card.label,
        "entered_at": now(),
    }


def _entered(client_id: str, month: date) -> int:
    with tenant(client_id) as session:
        count = select(func.count()).select_from(Entry)
        mine = Entry.client_id == client_id, Entry.month == month_of(month)
        return session.scalar(count.where(*mine)) or 0
