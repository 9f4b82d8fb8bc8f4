"""The simulated business profile, and the WABA's webhook subscription."""

from typing import Any

from flask import Blueprint

from .simulator_errors import GraphError
from .simulator_files import Files
from .simulator_platform import Platform, chosen, given

_LENGTHS = {"about": (1, 139), "address": (0, 256), "description": (0, 512), "email": (0, 128)}
_KEPT = (*_LENGTHS, "websites", "vertical")


class Profiles:
    """What a business says of itself, and who hears of it."""

    def __init__(self, platform: Platform, files: Files) -> None:
        self._platform = platform
        self._files = files

    def mount(self, blueprint: Blueprint) -> None:
        for method, path, view in (
            ("GET", "/<version>/<number_id>/whatsapp_business_profile", self.read_profile),
            ("POST", "/<version>/<number_id>/whatsapp_business_profile", self.change_profile),
            ("GET", "/<version>/<waba_id>/subscribed_apps", self.subscriptions),
            ("POST", "/<version>/<waba_id>/subscribed_apps", self.subscribe),
            ("DELETE", "/<version>/<waba_id>/subscribed_apps", self.unsubscribe),
        ):
            blueprint.add_url_rule(path, view_func=view, methods=[method])

    def read_profile(self, number_id: str) -> Any:
        with self._platform.call("read_profile"):
            profile = self._platform.number(number_id)["profile"]
            shown = dict.fromkeys(_KEPT) | {"vertical": "UNDEFINED"} | profile
            shown |= {
                "id": number_id,
                "messaging_product": "whatsapp",
                "profile_picture_url": self.picture_url(profile),
            }
            data = chosen(shown, ("about", "messaging_product"))
            del data["id"]
            return {"data": [data]}

    def change_profile(self, number_id: str) -> Any:
        with self._platform.call("whatsapp_business_profile"), self._platform.lock:
            number, asked = self._platform.number(number_id), given()
            if asked.get("messaging_product") != "whatsapp":
                raise GraphError(100, "messaging_product must be whatsapp.")
            for field, (shortest, longest) in _LENGTHS.items():
                if field in asked and not shortest <= len(str(asked[field])) <= longest:
                    raise GraphError(100, f"{field} must have {shortest} to {longest} characters.")
            handle = asked.get("profile_picture_handle")
            if handle is not None:
                if not self._files.has_handle(handle):
                    raise GraphError(100, "profile_picture_handle is of no finished upload.")
                number["profile"]["picture"] = handle
            number["profile"] |= {key: asked[key] for key in _KEPT if key in asked}
            self._platform.save_number(number)
            return {"success": True}

    def picture_url(self, profile: dict[str, Any]) -> str | None:
        handle = profile.get("picture")
        return f"{self._platform.world.sandbox_url}/graph/pictures/{handle}" if handle else None

    def subscriptions(self, waba_id: str) -> Any:
        with self._platform.call("read_subscribed_apps"):
            self._platform.portfolio_of(waba_id)
            app = {"id": self._platform.app["app_id"], "name": "Gateway", "link": "https://"}
            held = self._platform.world.store.get("graph_subscription", waba_id)
            return {"data": [{"whatsapp_business_api_data": app}] if held else []}

    def subscribe(self, waba_id: str) -> Any:
        with self._platform.call("subscribed_apps"):
            self._platform.portfolio_of(waba_id)
            if given():
                raise GraphError(100, "This simulation has no callback of a WABA's own.")
            self._platform.world.store.put("graph_subscription", waba_id, {"id": waba_id})
            return {"success": True}

    def unsubscribe(self, waba_id: str) -> Any:
        with self._platform.call("unsubscribe"):
            self._platform.portfolio_of(waba_id)
            self._platform.world.store.delete("graph_subscription", waba_id)
            return {"success": True}
