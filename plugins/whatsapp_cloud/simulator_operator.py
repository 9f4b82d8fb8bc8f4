"""The operator's own business and app at the simulated Meta: what was verified, what approved."""

import hmac
from typing import Any, Final

from flask import Blueprint, request

from .simulator_errors import GraphError, no_such_object
from .simulator_platform import Platform, chosen, page

PERMISSIONS: Final = "app_permissions"
_BY_REVIEW: Final = ("whatsapp_business_management", "whatsapp_business_messaging")


class Operator:
    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def mount(self, blueprint: Blueprint) -> None:
        path = "/<version>/<app_id>/permissions"
        blueprint.add_url_rule(path, PERMISSIONS, view_func=self.permissions)

    def holds(self, object_id: str) -> bool:
        return any(one["id"] == object_id for one in self._platform.world.portfolios)

    def show(self, portfolio_id: str) -> dict[str, Any]:
        with self._platform.call("read_business"):
            business = {
                "id": portfolio_id,
                "name": "Simulated operator",
                "verification_status": self._platform.decisions.verification(),
            }
            return chosen(business, ("id", "name"))

    def permissions(self, app_id: str) -> dict[str, Any]:
        """What App Review has approved; only the app itself may ask."""
        app = self._platform.app
        with self._platform.call("read_permissions"):
            if app_id != app["app_id"]:
                raise no_such_object(app_id)
            expected = f"Bearer {app_id}|{app['app_secret']}"
            given = request.headers.get("Authorization", "")
            if not hmac.compare_digest(given.encode(), expected.encode()):
                raise GraphError(190, "The permissions of an app are shown to its own token.")
            approved = _BY_REVIEW if self._platform.decisions.tech_provider() else ()
            items = [{"permission": one, "status": "live"} for one in ("public_profile", *approved)]
            return page(items, request.base_url)
