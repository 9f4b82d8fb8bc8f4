"""What suppliers asked once for their numbers: entered once for each number of a line."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from gateway.plugin_api import Event, now, tenant
from plugins.cost_reporting import entries
from plugins.cost_reporting.ledger import PAID_TO
from plugins.cost_reporting.pricing import CostReporting
from plugins.cost_reporting.rules import month_of, supplier_price


def enter(client_id: str, events: Sequence[Event], pricing: CostReporting) -> None:
    """Not for a number that was kept ready: whoever kept it bears that."""
    rows = [
        _row(event, pricing)
        for event in events
        if Decimal(event.data.get("set_up_amount") or 0)
        and event.data["paid_by"] == "platform"
        and not event.data["assigned_at"]
    ]
    with tenant(client_id) as session:
        entries.enter(session, client_id, [entries.first(row) for row in rows])


def _row(event: Event, pricing: CostReporting) -> dict[str, Any]:
    data = event.data
    rented_at = datetime.fromisoformat(data["rented_at"])
    day = pricing.day(rented_at)
    amount = Decimal(data["set_up_amount"])
    price = supplier_price(data["supplier"], amount, data["set_up_currency"])
    return {
        "client_id": event.client_id,
        "fact": f"set_up:{data['line_id']}:{data['phone_number']}",
        "kind": "set_up",
        "line_id": data["line_id"],
        "recruiter_id": None,
        "application": None,
        "category": None,
        "country": data["country"],
        "pricing_type": None,
        "occurred_at": rented_at,
        "day": day,
        "month": month_of(day),
        "amount": price.amount,
        "currency": price.currency,
        "reason": price.reason,
        "paid_to": PAID_TO[data["paid_by"]],
        "source": price.source,
        "card": pricing.card.label,
        "entered_at": now(),
    }
