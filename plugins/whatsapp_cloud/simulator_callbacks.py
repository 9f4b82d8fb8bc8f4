"""Where the simulated platform's webhooks go: who subscribed, and addresses of their own."""

from collections.abc import Mapping
from secrets import token_hex
from typing import Any

from flask import Blueprint

from gateway.plugin_api import HttpClient, ProviderError

from .simulator_errors import GraphError
from .simulator_platform import Platform, given

_LONGEST = 200


class Callbacks:
    """Subscriptions of WABAs, and the addresses that take the place of the app's for messages."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._http = HttpClient(pool=1)

    def mount(self, blueprint: Blueprint) -> None:
        path = "/<version>/<waba_id>/subscribed_apps"
        for method, view in (
            ("GET", self.subscriptions), ("POST", self.subscribe), ("DELETE", self.unsubscribe),
        ):  # fmt: skip
            blueprint.add_url_rule(path, view_func=view, methods=[method])

    def subscriptions(self, waba_id: str) -> Any:
        with self._platform.call("read_subscribed_apps"):
            self._platform.portfolio_of(waba_id)
            app = {"id": self._platform.app["app_id"], "name": "Gateway", "link": "https://"}
            held = self._platform.subscription(waba_id)
            if held is None:
                return {"data": []}
            own = {"override_callback_uri": held["callback"]} if held.get("callback") else {}
            return {"data": [{"whatsapp_business_api_data": app, **own}]}

    def subscribe(self, waba_id: str) -> Any:
        """Without an address the app's own counts (again)."""
        with self._platform.call("subscribed_apps"):
            self._platform.portfolio_of(waba_id)
            callback = self.confirmed(given())
            self._platform.world.store.put(
                "graph_subscription", waba_id, {"id": waba_id, "callback": callback}
            )
            if self._platform.decisions.limits_portfolios():
                self._platform.tell_limits(waba_id)
            return {"success": True}

    def unsubscribe(self, waba_id: str) -> Any:
        with self._platform.call("unsubscribe"):
            self._platform.portfolio_of(waba_id)
            self._platform.world.store.delete("graph_subscription", waba_id)
            return {"success": True}

    def confirmed(self, asked: Any) -> str | None:
        """The address that is asked for, once it has answered the challenge; None: the app's."""
        wanted = asked.get("override_callback_uri") if isinstance(asked, Mapping) else None
        if not wanted:
            return None
        if not str(wanted).startswith(("http://", "https://")) or len(str(wanted)) > _LONGEST:
            raise GraphError(100, f"override_callback_uri must be a URL of up to {_LONGEST} signs.")
        challenge = token_hex(8)
        query = {
            "hub.mode": "subscribe",
            "hub.verify_token": str(asked.get("verify_token", "")),
            "hub.challenge": challenge,
        }
        try:
            answer = self._http.request("GET", str(wanted), params=query)
        except ProviderError as error:
            raise GraphError(2200, "The callback does not answer.") from error
        if answer.status_code != 200 or answer.text != challenge:
            raise GraphError(2200, "The callback did not answer with the challenge.")
        return str(wanted)

    def of_number(self, number: Mapping[str, Any]) -> dict[str, str]:
        """Every address that a number's webhooks might go to, by what it is the address of."""
        subscription = self._platform.subscription(number["waba_id"]) or {}
        known = {
            "phone_number": number.get("callback"),
            "whatsapp_business_account": subscription.get("callback"),
            "application": self._platform.callback,
        }
        return {name: url for name, url in known.items() if url}
