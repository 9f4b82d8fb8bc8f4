"""Enter what was delivered. A fact is entered once, however often it is told; what turns out to be
otherwise (earlier, or past a limit) is reversed and entered anew."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from gateway.plugin_api import built, now, tenant
from plugins.cost_reporting import counting, entries
from plugins.cost_reporting.counting import Count
from plugins.cost_reporting.models import Entry, Rent
from plugins.cost_reporting.pricing import CostReporting
from plugins.cost_reporting.rate_cards import RateCard
from plugins.cost_reporting.rules import Counter, Delivery, Price, counter_of, message_price

PAID_TO: Final = {"platform": "platform", "client": "meta"}

_LOCK: Final = text("SELECT pg_advisory_xact_lock(hashtextextended('cost-ledger|' || :client, 0))")


def enter_messages(client_id: str, delivered: Sequence[Delivery], card: RateCard) -> None:
    """Price and enter the messages that are not in the ledger yet, or that came earlier."""
    if not delivered:
        return
    with tenant(client_id) as session:
        lines = lines_of(session, client_id, delivered)
        known = deliveries_of(entries.current(session, client_id, [it.fact for it in delivered]))
    fresh = {it.fact: it for it in delivered if _is_news(it, known.get(it.fact))}
    counting.count(client_id, list(counts(card, client_id, fresh, known, lines)))
    if fresh:
        settle(client_id, card, fresh)


def settle(
    client_id: str, card: RateCard, fresh: Mapping[str, Delivery], *, again: bool = False
) -> None:
    """Enter the fresh ones; correct these and what was moved past a limit, where they differ.

    `again`: the fresh ones are in the ledger, and are to be priced by the card anew.
    """
    with tenant(client_id) as session:
        session.execute(_LOCK, {"client": client_id})
        past = counting.standing(session, client_id, fresh)
        facts = [*fresh, *(fact for fact in past if fact not in fresh)]
        present = entries.current(session, client_id, facts)
        known = deliveries_of(present)
        lines = lines_of(session, client_id, [*fresh.values(), *known.values()])
        rows: list[dict[str, Any]] = []
        for fact in facts:
            was = known.get(fact)
            is_news = fact in fresh and (again or _is_news(fresh[fact], was))
            delivery = fresh[fact] if is_news else was
            if delivery is None:
                continue
            price = message_price(card, delivery, past=past.get(fact, 0))
            row = _row(client_id, delivery, price, card, lines.get(delivery.line_id))
            rows += entries.replacing(present.get(fact), row)
        entries.enter(session, client_id, rows)
        counting.entered(session, client_id, past)


def correct_moved() -> None:
    """Correct the entries of messages that another's late message moved past a limit."""
    card = built(CostReporting).card
    for client_id in counting.clients_with_moved():
        settle(client_id, card, {})


def _is_news(told: Delivery, known: Delivery | None) -> bool:
    return known is None or told.at < known.at


def counts(
    card: RateCard,
    client_id: str,
    fresh: Mapping[str, Delivery],
    known: Mapping[str, Delivery],
    lines: Mapping[str, Rent],
) -> Iterable[Count]:
    """Where the fresh ones are to be counted, and were so far; not those that need no count."""
    for fact, delivery in fresh.items():
        counter = _counter(card, client_id, delivery, lines)
        was = known.get(fact)
        if counter:
            left = _counter(card, client_id, was, lines) if was else None
            yield Count(fact=fact, at=delivery.at, counter=counter, left=left)


def _counter(
    card: RateCard, client_id: str, delivery: Delivery, lines: Mapping[str, Rent]
) -> Counter | None:
    """A volume is the portfolio's where we know it, else the client's own."""
    line = lines.get(delivery.line_id)
    return counter_of(card, delivery, (line and line.portfolio_id) or client_id)


def lines_of(session: Session, client_id: str, delivered: Iterable[Delivery]) -> Mapping[str, Rent]:
    """What is known of the lines; one activated before this plugin was enabled is not in it."""
    rows = session.scalars(
        select(Rent).where(
            Rent.client_id == client_id, Rent.line_id.in_({it.line_id for it in delivered})
        )
    )
    return {row.line_id: row for row in rows}


def deliveries_of(known: Mapping[str, Entry]) -> dict[str, Delivery]:
    """The messages as they were entered."""
    return {
        fact: Delivery(
            message_id=fact.partition(":")[2],
            line_id=entry.line_id,
            recruiter_id=entry.recruiter_id,
            application=entry.application,
            at=entry.occurred_at,
            day=entry.day,
            category=entry.category,
            pricing_type=entry.pricing_type,
            country=entry.country,
        )
        for fact, entry in known.items()
    }


def _row(
    client_id: str, delivery: Delivery, price: Price, card: RateCard, line: Rent | None
) -> dict[str, Any]:
    return {
        "client_id": client_id,
        "fact": delivery.fact,
        "kind": "message",
        "line_id": delivery.line_id,
        "recruiter_id": delivery.recruiter_id,
        "application": delivery.application,
        "category": delivery.category,
        "country": delivery.country,
        "pricing_type": delivery.pricing_type,
        "occurred_at": delivery.at,
        "day": delivery.day,
        "month": delivery.month,
        "amount": price.amount,
        "currency": price.currency,
        "reason": price.reason,
        "paid_to": line and PAID_TO[line.paid_by],
        "source": price.source,
        "card": card.label,
        "entered_at": now(),
    }
