"""What papers the simulated Twilio asks for: in the countries of `sandbox.papers`, a bundle."""

import re
from collections.abc import Mapping
from typing import Any

from gateway.plugin_api import Stock
from plugins.supplier_twilio.simulated_account import TwilioError

_BUNDLE = re.compile(r"BU[0-9a-f]{32}")


class Papers:
    """Every bundle of the account is approved; what is no bundle's SID is none."""

    def __init__(self, stock: Stock) -> None:
        self.wanted = stock.needs_papers

    def require(self, country: str, bundle: str | None) -> None:
        """TwilioError where an order lacks its papers."""
        if self.wanted(country) and not _BUNDLE.fullmatch(bundle or ""):
            raise TwilioError(400, 21649, f"{country} requires a regulatory bundle")

    def regulations(self, country: str, number_type: str) -> list[Mapping[str, Any]]:
        """The regulation of a type of number, where there is one."""
        if not self.wanted(country):
            return []
        return [
            {
                "sid": f"RN{country.encode().hex():0>32}",
                "friendly_name": f"{country}: {number_type} - Business",
                "iso_country": country,
                "number_type": number_type,
                "end_user_type": "business",
                "requirements": {
                    "end_user": [_requirement("business_info", "Business", "business")],
                    "supporting_document": [
                        [_requirement("business_address_info", "Business address", "document")],
                        [_requirement("business_registration", "Trade register", "document")],
                    ],
                },
            }
        ]


def _requirement(requirement_name: str, name: str, kind: str) -> dict[str, str]:
    return {"requirement_name": requirement_name, "name": name, "type": kind}
