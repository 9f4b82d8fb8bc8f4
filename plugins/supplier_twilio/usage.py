"""What Twilio charged for numbers. It tells how many a day, not which.

Source: usage records of the account, category `phonenumbers`; days are UTC.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from gateway.plugin_api import Charge, Money
from plugins.supplier_twilio.api import TwilioApi


def of_numbers(api: TwilioApi, since: date, through: date) -> Sequence[Charge]:
    """The days on which something was charged."""
    asked = {
        "Category": "phonenumbers",
        "StartDate": since.isoformat(),
        "EndDate": through.isoformat(),
        "PageSize": "100",
    }
    pages = api.pages("Usage/Records/Daily.json", asked)
    charges = [_charge(record) for page in pages for record in page["usage_records"]]
    return [charge for charge in charges if charge.quantity]


def _charge(record: Mapping[str, Any]) -> Charge:
    return Charge(
        starts_at=datetime.fromisoformat(record["start_date"]).replace(tzinfo=UTC),
        kind="number_month",
        quantity=int(record["count"]),
        money=Money(amount=Decimal(record["price"]), currency=record["price_unit"].upper()),
    )
