"""DIDWW's papers: what a group of numbers asks for, and that a number's are handed in once."""

from collections.abc import Mapping, Sequence

from gateway.plugin_api import Actor, PaperRequirement
from plugins.supplier_didww.api import DidwwApi, link
from plugins.supplier_didww.catalogue import Group

_VERIFICATIONS = "address_verifications"


def required(groups: Sequence[Group]) -> Sequence[PaperRequirement]:
    """What these groups ask of a business, each paper once."""
    titles = {
        name: title for group in groups if group.needs_papers for name, title in _asked(group)
    }
    return [
        PaperRequirement(name=name, title=title, who="operator") for name, title in titles.items()
    ]


def _asked(group: Group) -> Sequence[tuple[str, str]]:
    wanted = group.requirement
    level = wanted.get("address_area_level", "world_wide").replace("_", " ")
    papers = [("address", f"Address ({level})")]
    if named := wanted.get("business_mandatory_fields"):
        papers.append(("identity", f"Identity of the business: {', '.join(named)}"))
    quantities = {it: wanted.get(f"{it}_proof_qty") for it in ("business", "address")}
    papers += [(f"{it}_proof", f"Proof of {it} ({n})") for it, n in quantities.items() if n]
    return papers


class Papers:
    """Hands in the registered address of a country for a number; its DIDWW id is the reference."""

    def __init__(self, api: DidwwApi, addresses: Mapping[str, str]) -> None:
        self._api = api
        self._addresses = addresses

    def handed_in(self, did_id: str, country: str) -> tuple[str, Actor]:
        """Hand in what was not yet; what the number waits for, and whom."""
        address = self._addresses.get(country)
        if address is None:
            return f"The number waits for its papers: name an address of {country}.", "operator"
        listed = self._api.get(_VERIFICATIONS, {"filter[external_reference_id]": did_id})
        known = [it["attributes"] for it in listed.resources] if listed else []
        if known and all(it["status"] == "rejected" for it in known):
            reasons = "; ".join(str(it) for it in known[0].get("reject_reasons") or ["no reason"])
            return f"DIDWW rejected the papers of the number: {reasons}.", "operator"
        if not known:
            self._api.post(
                _VERIFICATIONS,
                {"external_reference_id": did_id},
                address=link("addresses", address),
                dids=[link("dids", did_id)],
            )
        return "DIDWW examines the papers of the number.", "supplier"
