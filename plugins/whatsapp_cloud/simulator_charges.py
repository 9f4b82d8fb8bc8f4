"""What the simulated Meta charges for what it delivers, and tells of it afterwards."""

import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from gateway.plugin_api import World

from .simulator_errors import GraphError

LEDGER: Final = "graph-ledger"  # in the store: messages that were delivered, by wamid
# List prices in USD by country and category; what is not here costs as elsewhere.
_PRICES: Final[Mapping[tuple[str, str], str]] = {
    ("MA", "marketing"): "0.0414",
    ("MA", "utility"): "0.0230",
    ("MA", "authentication"): "0.0230",
    ("MA", "service"): "0.0230",
    ("FR", "marketing"): "0.0859",
    ("FR", "utility"): "0.0300",
    ("FR", "authentication"): "0.0300",
    ("FR", "service"): "0.0300",
}
_ELSEWHERE: Final = {"marketing": "0.0604"}
_ELSEWHERE_USUAL: Final = "0.0077"
_PARAMETER: Final = re.compile(r"\.(\w+)\(([^)]*)\)")


def price(country: str, category: str, pricing_type: str) -> str:
    """What one message costs."""
    if pricing_type != "regular":
        return "0"
    usual = _ELSEWHERE.get(category, _ELSEWHERE_USUAL)
    return _PRICES.get((country, category), usual)


def analytics(world: World, waba_id: str, asked: str) -> dict[str, Any]:
    """`pricing_analytics.start(…).end(…).granularity(DAILY)…` of an account, days in UTC."""
    wanted = dict(_PARAMETER.findall(asked))
    try:
        since, until = int(wanted["start"]), int(wanted["end"])
    except (KeyError, ValueError):
        raise GraphError(100, "pricing_analytics needs start and end, in seconds.") from None
    if wanted.get("granularity") != "DAILY":
        raise GraphError(100, "The simulator knows the granularity DAILY alone.")
    points: dict[tuple[Any, ...], list[Any]] = defaultdict(lambda: [0, Decimal(0)])
    for _, row in world.store.all(LEDGER):
        if row["waba_id"] == waba_id and since <= row["at"] < until:
            what = (_midnight(row["at"]), row["from"], row["country"], row["type"], row["category"])
            points[what][0] += 1
            if row["cost"] is None:  # a partner's credit line pays for the account
                points[what][1] = None
            elif points[what][1] is not None:
                points[what][1] += Decimal(row["cost"])
    return {
        "data": [{"data_points": [_point(what, *sums) for what, sums in sorted(points.items())]}]
    }


def _midnight(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC).replace(hour=0, minute=0, second=0)


def _point(what: tuple[Any, ...], volume: int, cost: Decimal | None) -> dict[str, Any]:
    start, phone, country, pricing_type, category = what
    return {
        "start": int(start.timestamp()),
        "end": int((start + timedelta(days=1)).timestamp()),
        "phone_number": phone.removeprefix("+"),
        "country": country,
        "pricing_type": pricing_type.upper(),
        "pricing_category": category.upper(),
        "volume": volume,
        **({} if cost is None else {"cost": float(cost)}),
    }
