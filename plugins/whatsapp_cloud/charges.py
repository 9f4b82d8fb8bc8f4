"""What Meta charged for the messages of an account.

Source: analytics, `pricing_analytics` of the WABA. A day begins at midnight in the account's own
time zone; the cost is missing where a partner's credit line pays.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from gateway.plugin_api import Charge, Money

from .graph import Graph

_ASKED: Final = (
    "currency,pricing_analytics.start({since}).end({until}).granularity(DAILY)"
    ".metric_types(COST,VOLUME).dimensions(COUNTRY,PHONE,PRICING_CATEGORY,PRICING_TYPE)"
)


def of_account(graph: Graph, waba_id: str, since: datetime, until: datetime) -> Sequence[Charge]:
    """One call; reading changes nothing."""
    fields = _ASKED.format(since=int(since.timestamp()), until=int(until.timestamp()))
    held = graph.get(waba_id, {"fields": fields})
    found: Mapping[str, Any] = held.get("pricing_analytics") or {}
    return [
        _charge(point, str(held.get("currency") or "USD"))
        for group in found.get("data", ())
        for point in group.get("data_points", ())
    ]


def _charge(point: Mapping[str, Any], currency: str) -> Charge:
    cost = point.get("cost")
    digits = "".join(it for it in str(point.get("phone_number") or "") if it.isdigit())
    return Charge(
        starts_at=datetime.fromtimestamp(int(point["start"]), UTC),
        kind="message",
        quantity=int(point.get("volume") or 0),
        # Through text: what JSON carries as a float is meant as the decimal it is written as.
        money=None if cost is None else Money(amount=Decimal(str(cost)), currency=currency),
        phone_number=f"+{digits}" if digits else None,
        country=point.get("country") or None,
        category=_lower(point.get("pricing_category")),
        pricing_type=_lower(point.get("pricing_type")),
    )


def _lower(told: Any) -> str | None:
    return str(told).lower() if told else None
