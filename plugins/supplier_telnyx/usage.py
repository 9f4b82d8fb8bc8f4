"""What Telnyx charged for numbers, number by number.

Source: usage reports (31 days at most, in UTC). Their product for numbers is not documented with
its dimensions; `GET /usage_reports/options` tells it for an account.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from gateway.plugin_api import Charge, ChargeKind, Money
from plugins.supplier_telnyx.api import TelnyxApi

_KINDS: Final[Mapping[str, ChargeKind]] = {"mrc": "number_month", "otc": "set_up"}


def of_numbers(api: TelnyxApi, since: date, through: date) -> Sequence[Charge]:
    """Monthly (`mrc`) and one-time (`otc`) charges; what else there is has no entry of ours."""
    asked = {
        "product": "numbers",
        "dimensions": "date,phone_number,charge_type",
        "metrics": "count,cost",
        "start_date": since.isoformat(),
        "end_date": through.isoformat(),
    }
    rows = api.get("usage_reports", asked) or ()
    return [_charge(row) for row in rows if row["charge_type"] in _KINDS]


def _charge(row: Mapping[str, Any]) -> Charge:
    return Charge(
        starts_at=datetime.fromisoformat(row["date"]).replace(tzinfo=UTC),
        kind=_KINDS[row["charge_type"]],
        quantity=int(row["count"]),
        money=Money(amount=Decimal(str(row["cost"])), currency=row["currency"]),
        phone_number=row["phone_number"],
    )
