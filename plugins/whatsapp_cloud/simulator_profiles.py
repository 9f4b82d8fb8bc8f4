"""The simulated business profile."""

from typing import Any

from flask import Blueprint

from .simulator_errors import GraphError
from .simulator_files import Files
from .simulator_platform import Platform, chosen, given

_LENGTHS = {"about": (1, 139), "address": (0, 256), "description": (0, 512), "email": (0, 128)}
_VERTICALS = """
ALCOHOL APPAREL AUTO BEAUTY EDU ENTERTAIN EVENT_PLAN FINANCE GOVT GROCERY HEALTH HOTEL
NONPROFIT ONLINE_GAMBLING OTC_DRUGS OTHER PHYSICAL_GAMBLING PROF_SERVICES RESTAURANT RETAIL TRAVEL
"""
_MOST_WEBSITES, _LONGEST_WEBSITE = 2, 256
_KEPT = (*_LENGTHS, "websites", "vertical")


class Profiles:
    """What a business says of itself."""

    def __init__(self, platform: Platform, files: Files) -> None:
        self._platform = platform
        self._files = files

    def mount(self, blueprint: Blueprint) -> None:
        for method, path, view in (
            ("GET", "/<version>/<number_id>/whatsapp_business_profile", self.read_profile),
            ("POST", "/<version>/<number_id>/whatsapp_business_profile", self.change_profile),
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
            _refuse_odd(asked)
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


def _refuse_odd(asked: dict[str, Any]) -> None:
    websites = asked.get("websites", [])
    if not isinstance(websites, list) or len(websites) > _MOST_WEBSITES:
        raise GraphError(100, f"websites must be a list of at most {_MOST_WEBSITES}.")
    for site in map(str, websites):
        if not site.startswith(("http://", "https://")) or len(site) > _LONGEST_WEBSITE:
            raise GraphError(100, "A website has its scheme and at most 256 characters.")
    if asked.get("vertical", "OTHER") not in _VERTICALS.split():
        raise GraphError(100, "vertical is none of Meta's.")
