"""What the simulated Telnyx charged, as its usage reports tell it."""

from datetime import date
from typing import Any

from flask import Blueprint, request

from gateway.plugin_api import Faults
from plugins.supplier_telnyx.simulated_account import COST, Account, TelnyxError

_LONGEST = 31


def mount(routes: Blueprint, account: Account, faults: Faults) -> None:
    """The report of numbers: a month of each in advance, and the set-up with the first."""

    @routes.get("/v2/usage_reports")
    def usage() -> Any:
        with faults.around("supplier", "usage"):
            since = date.fromisoformat(request.args["start_date"])
            through = date.fromisoformat(request.args["end_date"])
            if request.args["product"] != "numbers" or (through - since).days >= _LONGEST:
                raise TelnyxError(400, "10015", "The report is not valid")
            rows = []
            for rent in account.stock.rented(since, through):
                told: dict[str, Any] = {
                    "date": rent.on.isoformat(),
                    "phone_number": rent.phone_number,
                }
                told |= {"count": 1, "currency": COST["currency"]}
                rows.append({**told, "charge_type": "mrc", "cost": COST["monthly_cost"]})
                if rent.is_first:
                    rows.append({**told, "charge_type": "otc", "cost": COST["upfront_cost"]})
            return {"data": rows, "meta": {"total_results": len(rows)}}
