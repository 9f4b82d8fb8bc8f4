"""DIDWW's papers: what a group of numbers asks for, and that a number's are handed in once.

They are the platform's. DIDWW examines papers of a number that was bought already, and none before:
a client's, which might be declined, cannot be approved first, so that no client is asked for any.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.plugin_api import Actor, PaperRequirement, Refused, sentence
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


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What a number waits for, and whom."""

    code: str
    detail: str
    who: Actor


class Papers:
    """Hands in the registered address of a country for a number, under both their ids: another
    address is another submission."""

    def __init__(self, api: DidwwApi, addresses: Mapping[str, str]) -> None:
        self._api = api
        self._addresses = addresses

    def check(self, group: Group, country: str) -> None:
        """Refused `papers_missing` where numbers of the group need what is not named."""
        if group.needs_papers and country not in self._addresses:
            raise Refused(
                "papers_missing",
                f"DIDWW wants papers for numbers of {country}: register an address, and name it in"
                " the settings.",
            )

    def handed_in(self, did_id: str, country: str) -> Standing:
        """Hand in what was not yet; how it stands."""
        address = self._addresses.get(country)
        if address is None:
            detail = f"The number waits for its papers: name an address of {country}."
            return Standing(code="papers_missing", detail=detail, who="operator")
        reference = f"{did_id}/{address}"
        listed = self._api.get(_VERIFICATIONS, {"filter[external_reference_id]": reference})
        known = [it["attributes"] for it in listed.resources] if listed else []
        if known and all(it["status"] == "rejected" for it in known):
            reasons = " ".join(sentence(str(it)) for it in known[0].get("reject_reasons") or ())
            return Standing(
                code="papers_declined",
                detail=f"DIDWW declined the papers of the number. {reasons or 'It says not why.'}",
                who="operator",
            )
        if not known:
            self._api.post(
                _VERIFICATIONS,
                {"external_reference_id": reference},
                address=link("addresses", address),
                dids=[link("dids", did_id)],
            )
        detail = "DIDWW examines the papers of the number."
        return Standing(code="papers_in_review", detail=detail, who="supplier")
