"""What the simulated Telnyx charged, as its monthly charges breakdown tells it."""

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, request

from gateway.plugin_api import Faults
from plugins.supplier_telnyx.simulated_account import COST, Account, TelnyxError

_LONGEST = 31


def mount(routes: Blueprint, account: Account, faults: Faults) -> None:
    """A month of each number in advance, and the set-up with the first."""

    @routes.get("/v2/charges_breakdown")
    def breakdown() -> Any:
        with faults.around("supplier", "usage"):
            since, end = (date.fromisoformat(request.args[it]) for it in ("start_date", "end_date"))
            if not 0 < (end - since).days <= _LONGEST:
                raise TelnyxError(400, "10015", "The interval is not valid")
            results = [
                {
                    "tn": rent.phone_number,
                    "charge_type": "new" if rent.is_first else "existing",
                    "services": _services(is_first=rent.is_first),
                }
                for rent in account.stock.rented(since, end - timedelta(days=1))
            ]
            told = {"start_date": since.isoformat(), "end_date": end.isoformat()}
            return {"data": {**told, "currency": COST["currency"], "results": results}}


def _services(*, is_first: bool) -> list[dict[str, str]]:
    name = "Phone number"
    monthly = {"name": name, "cost_type": "MRC", "cost": COST["monthly_cost"]}
    once = {"name": name, "cost_type": "OTC", "cost": COST["upfront_cost"]}
    return [monthly, once] if is_first else [monthly]
