"""What the simulated Twilio charged, as its usage records tell it."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, request

from gateway.plugin_api import Faults
from plugins.supplier_twilio.simulated_account import MONTHLY_RENT, Account, TwilioError

_CATEGORY = "phonenumbers"
_LARGEST_PAGE = 1000


def mount(routes: Blueprint, base: str, account: Account, faults: Faults) -> None:
    """Daily records of the one category that it knows; a day without charges has one as well."""

    @routes.get(f"{base}/Usage/Records/Daily.json")
    def usage() -> Any:
        with faults.around("supplier", "usage"):
            if request.args.get("Category") != _CATEGORY:
                raise TwilioError(400, 20001, f"Category must be {_CATEGORY}")
            since = date.fromisoformat(request.args["StartDate"])
            through = date.fromisoformat(request.args["EndDate"])
            counts = Counter(rent.on for rent in account.stock.rented(since, through))
            days = (through - since).days + 1
            size = min(request.args.get("PageSize", 50, type=int), _LARGEST_PAGE)
            page = request.args.get("Page", 0, type=int)
            shown = range(page * size, min(days, (page + 1) * size))
            following = None
            if shown.stop < days:
                path = request.path[request.path.index("/2010-04-01") :]
                query = {**request.args, "Page": str(page + 1), "PageToken": f"PD{shown.stop}"}
                following = f"{path}?{urlencode(query)}"
            records = [_record(since + timedelta(days=n), counts) for n in shown]
            return {"usage_records": records, "page": page, "next_page_uri": following}


def _record(day: date, counts: Counter[date]) -> dict[str, Any]:
    return {
        "category": _CATEGORY,
        "description": "Phone Numbers",
        "start_date": day.isoformat(),
        "end_date": day.isoformat(),
        "count": str(counts[day]),
        "count_unit": "numbers",
        "usage": str(counts[day]),
        "usage_unit": "numbers",
        "price": format(counts[day] * Decimal(MONTHLY_RENT), "f"),
        "price_unit": "usd",
    }
