"""What Telnyx charged for numbers, number by number.

Source: the monthly charges breakdown (`GET /charges_breakdown`), 31 days at most, its last day not
included. Its usage reports have no product for numbers. It tells no days: a charge is dated by the
beginning of the stretch that was asked about, and no stretch leaves its month. Assumed: days are
UTC, and a number is listed once for each month of its that is charged.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from gateway.plugin_api import Charge, ChargeKind, Money, Refused
from plugins.supplier_telnyx.api import TelnyxApi

_KINDS: Final[Mapping[str, ChargeKind]] = {"MRC": "number_month", "OTC": "set_up"}
_DAY: Final = timedelta(days=1)


def of_numbers(api: TelnyxApi, since: date, through: date) -> Sequence[Charge]:
    """Monthly (`MRC`) and one-time (`OTC`) charges, those of all services of a number together."""
    return [
        charge
        for first, last in _months(since, through)
        for charge in _charges(_breakdown(api, first, last), first)
    ]


def _months(since: date, through: date) -> Iterator[tuple[date, date]]:
    """The stretch, month by month."""
    while since <= through:
        following = (since.replace(day=1) + timedelta(days=31)).replace(day=1)
        yield since, min(through, following - _DAY)
        since = following


def _breakdown(api: TelnyxApi, first: date, last: date) -> Mapping[str, Any]:
    asked = {"start_date": first.isoformat(), "end_date": (last + _DAY).isoformat()}
    found: Mapping[str, Any] | None = api.get("charges_breakdown", asked)
    if found is None:  # nothing told is not nothing charged
        raise Refused("supplier_refused", "Telnyx tells this account no charges.")
    return found


def _charges(breakdown: Mapping[str, Any], first: date) -> Iterator[Charge]:
    for number in breakdown["results"]:
        sums: dict[ChargeKind, Decimal] = defaultdict(Decimal)
        for service in number["services"]:
            if kind := _KINDS.get(service["cost_type"].upper()):
                sums[kind] += Decimal(service["cost"])
        for kind, amount in sums.items():
            yield Charge(
                starts_at=datetime.combine(first, time(), UTC),
                kind=kind,
                quantity=1,
                money=Money(amount=amount, currency=breakdown["currency"]),
                phone_number=number["tn"],
            )
