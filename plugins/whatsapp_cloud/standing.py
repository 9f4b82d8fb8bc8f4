"""How the operator's business and app stand with Meta, by the Graph API.

Source: Business (`verification_status`) and Application Permissions references. That edge lists
what App Review has approved, which for both permissions of WhatsApp is the advanced access of a
Tech Provider; the field is read leniently, since its values are in no list of Meta's.
"""

from collections.abc import Mapping
from typing import Any, Final

from gateway.plugin_api import HttpClient, Refused, ReportsStanding

from .graph import Graph

_NEEDED: Final = frozenset({"whatsapp_business_management", "whatsapp_business_messaging"})
_APPROVED: Final = frozenset({"live", "approved", "granted"})


class TellsStanding(ReportsStanding):
    """What the registrar of the Cloud API tells of its operator."""

    settings: Mapping[str, Any]
    http: HttpClient
    _graph: Graph

    def verification(self, portfolio_id: str) -> str:
        held = self._graph.get(portfolio_id, {"fields": "id,verification_status"})
        if not held.get("verification_status"):
            raise Refused("look_refused", "Meta does not tell how the business is verified.")
        return str(held["verification_status"]).upper()

    def acts_for_others(self) -> bool:
        app_id = self.settings["app_id"]
        app = f"{app_id}|{self.settings['app_secret']}"  # the edge takes no other token
        listed = Graph({**self.settings, "access_token": app}, self.http).pages(
            f"{app_id}/permissions", {"limit": "100"}
        )
        approved = {
            item.get("permission")
            for item in listed
            if str(item.get("status", "")).lower() in _APPROVED
        }
        return approved >= _NEEDED
