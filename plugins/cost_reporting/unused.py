"""The rent of numbers that no line used and Meta still held: the platform's own cost."""

from collections.abc import Sequence
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from gateway.plugin_api import Event, tenant
from plugins.cost_reporting import entries
from plugins.cost_reporting.models import Rent
from plugins.cost_reporting.pricing import CostReporting
from plugins.cost_reporting.rents import month_entry
from plugins.cost_reporting.rules import month_starts, next_month


def enter(client_id: str, events: Sequence[Event], pricing: CostReporting) -> None:
    """Enter the months after the last that its line bore, up to the one it was given back in."""
    rows = [row for event in events for row in _months(event, pricing)]
    with tenant(client_id) as session:
        entries.enter(session, client_id, [entries.first(row) for row in rows])


def _months(event: Event, pricing: CostReporting) -> list[dict[str, Any]]:
    data = event.data
    since = next_month(pricing.day(datetime.fromisoformat(data["unused_since"])))
    amount = data["monthly_amount"]
    rent = Rent(
        client_id=event.client_id,
        line_id=data["line_id"],
        country=data["country"] or "",
        paid_by="platform",
        supplier=data["supplier"],
        monthly_amount=Decimal(amount) if amount else None,
        monthly_currency=data["monthly_currency"],
        since=datetime.combine(since, time(), pricing.zone),
    )
    card = pricing.card
    rows = [
        month_entry(rent, day, pricing.zone, card)
        for day in month_starts(since, pricing.day(event.occurred_at))
    ]
    number = f":{data['phone_number']}:{data['supplier']}"
    return [{**row, "fact": row["fact"] + number, "country": data["country"]} for row in rows]
