"""Templates that were utility and that Meta charges as marketing, and what that costs."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gateway.plugin_api import Event, Money
from plugins.cost_reporting.anomaly import Anomaly
from plugins.cost_reporting.anomaly_models import Reclassified, TemplateMessage
from plugins.cost_reporting.keeping import Ledger
from plugins.cost_reporting.models import Entry, Rent
from plugins.cost_reporting.periods import last_day
from plugins.cost_reporting.rate_cards import RateCard
from plugins.cost_reporting.rules import month_of

_MARKETING: Final = "marketing"
_UTILITY: Final = "utility"


def hear(session: Session, client_id: str, event: Event) -> Reclassified | None:
    """Note what a template became; the template where it became dearer by it. What was heard of
    before changes nothing."""
    data, at = event.data, event.occurred_at
    was, now = data["previous_category"].lower(), data["category"].lower()
    row = session.get(Reclassified, (client_id, data["template_id"]), with_for_update=True)
    if was == now or (row is not None and at <= row.heard_at):
        return None
    if (was, now) == (_UTILITY, _MARKETING):
        row = row or Reclassified(client_id=client_id, template_id=data["template_id"])
        row.name, row.language = data["name"], data["language"]
        row.since, row.until, row.heard_at = at, None, at
        session.add(row)
        return row
    if row is not None and row.until is None:
        row.until = row.heard_at = at
    return None


def template_messages(client_id: str, events: Iterable[Event]) -> list[dict[str, str]]:
    """Of which template each message is that is charged as marketing."""
    return [
        {
            "client_id": client_id,
            "fact": f"message:{event.data['message_id']}",
            "template_id": event.data["template_id"],
        }
        for event in events
        if event.data.get("category") == _MARKETING and event.data.get("template_id")
    ]


def found(session: Session, ledger: Ledger, client_id: str, month: date) -> list[Anomaly]:
    """What each template cost in the month that is marketing then and was utility before."""
    mine = select(Reclassified).where(Reclassified.client_id == client_id)
    templates = session.scalars(mine.order_by(Reclassified.since, Reclassified.template_id)).all()
    if not templates:
        return []
    card = ledger.card_in(session)
    costs = _costs(session, card, client_id, month)
    country = _country(session, client_id)
    return [
        of_template(ledger, card, month, row, costs.get(row.template_id, _Costs()), country)
        for row in templates
        if row.template_id in costs or _is_marketing_in(ledger, row, month)
    ]


@dataclass(kw_only=True)
class _Costs:
    messages: int = 0
    cost: list[Money] = field(default_factory=list)
    as_utility: list[Money] | None = field(default_factory=list)


def of_template(
    ledger: Ledger,
    card: RateCard,
    month: date,
    row: Reclassified,
    costs: _Costs,
    country: str | None,
) -> Anomaly:
    since = ledger.day(row.since)
    return Anomaly(
        kind="reclassified",
        day=since,
        until=ledger.day(row.until) if row.until else None,
        template={"id": row.template_id, "name": row.name, "language": row.language},
        messages=costs.messages,
        cost=costs.cost,
        usual=costs.as_utility,
        each=_each(card, country, max(since, month.replace(day=1))),
    )


def _is_marketing_in(ledger: Ledger, row: Reclassified, month: date) -> bool:
    ended = row.until and ledger.day(row.until) < month.replace(day=1)
    return ledger.day(row.since) <= last_day(month_of(month)) and not ended


def _costs(session: Session, card: RateCard, client_id: str, month: date) -> Mapping[str, _Costs]:
    """By template, out of the entries as they are corrected by now."""
    by = (TemplateMessage.template_id, Entry.day, Entry.country, Entry.currency)
    free = (Entry.amount == 0).label("free")
    rows = session.execute(
        select(
            *by,
            free,
            func.sum(Entry.quantity).label("quantity"),
            func.sum(Entry.amount).label("amount"),
        )
        .join(
            TemplateMessage,
            (TemplateMessage.client_id == Entry.client_id) & (TemplateMessage.fact == Entry.fact),
        )
        .where(
            Entry.client_id == client_id,
            Entry.month == month_of(month),
            Entry.category == _MARKETING,
        )
        .group_by(*by, free)
        .having(func.sum(Entry.quantity) != 0)
    ).all()
    found: dict[str, _Costs] = defaultdict(_Costs)
    for row in rows:
        costs = found[row.template_id]
        costs.messages += int(row.quantity)
        if row.currency is None:
            continue
        costs.cost.append(Money(amount=row.amount, currency=row.currency))
        if not row.free:
            _add_utility(costs, card, row)
    return found


def _add_utility(costs: _Costs, card: RateCard, row: Any) -> None:
    """What it would have cost by the list of its day; unknown for all where it is for one."""
    rate = card.message(row.country, _UTILITY, row.day)
    if rate is None or costs.as_utility is None:
        costs.as_utility = None
        return
    amount = rate.money.amount * Decimal(row.quantity)
    costs.as_utility.append(Money(amount=amount, currency=rate.money.currency))


def _each(card: RateCard, country: str | None, on: date) -> Sequence[Money] | None:
    dear, cheap = (
        card.message(country, category, on) if country else None
        for category in (_MARKETING, _UTILITY)
    )
    if dear is None or cheap is None:
        return None
    less = Money(amount=-cheap.money.amount, currency=cheap.money.currency)
    return [dear.money, less]


def _country(session: Session, client_id: str) -> str | None:
    """Of the client's lines, for which the difference by list is shown."""
    query = select(Rent.country).where(Rent.client_id == client_id).order_by(Rent.since)
    return session.scalars(query.limit(1)).first()
