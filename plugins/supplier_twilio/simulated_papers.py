"""The simulated Twilio's regulatory flow: in the countries of `sandbox.papers` it wants a bundle.

Reviews end by themselves as the panel decided (`PUT /sandbox/suppliers/twilio/decisions`).
"""

import json
import re
import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final

from gateway.plugin_api import Stock, World
from plugins.supplier_twilio.simulated_account import TwilioError

_BUNDLE: Final = re.compile(r"BU[0-9a-f]{32}")
_PREFIX: Final = {
    "Bundles": "BU",
    "EndUsers": "IT",
    "SupportingDocuments": "RD",
    "Addresses": "AD",
    "ItemAssignments": "BV",
    "Evaluations": "EL",
}
_PARTS: Final = ("Addresses", "EndUsers", "SupportingDocuments")
_BUSINESS: Final = ("business_name", "business_registration_number")
_END_USER: Final = {"requirement_name": "business_info", "name": "Business", "type": "business"}
_DOCUMENTS: Final = {
    "business_address_info": ("Business address", "utility_bill"),
    "business_registration": ("Trade register", "commercial_registrar_excerpt"),
}


class Papers:
    """Resources by kind, in the store. A bundle not made here, in a console say, is approved."""

    def __init__(self, world: World, stock: Stock) -> None:
        self._world = world
        self.wanted = stock.needs_papers

    def require(self, country: str, bundle: str | None) -> None:
        """TwilioError where an order lacks its papers."""
        if not self.wanted(country):
            return
        known = self._world.store.get("twilio-Bundles", bundle or "")
        approved = known is None or self._reviewed(known)["status"] == "twilio-approved"
        if not _BUNDLE.fullmatch(bundle or "") or not approved:
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
                    "end_user": [_END_USER],
                    "supporting_document": [
                        [
                            {
                                "requirement_name": name,
                                "name": title,
                                "type": "document",
                                "accepted_documents": [{"name": title, "type": type_}],
                            }
                        ]
                        for name, (title, type_) in _DOCUMENTS.items()
                    ],
                },
            }
        ]

    def make(self, kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Keep a new resource."""
        sid = f"{_PREFIX[kind]}{uuid.uuid4().hex}"
        made = {"sid": sid, "date_created": self._world.now().isoformat(), **values}
        self._world.store.put(f"twilio-{kind}", sid, made)
        return made

    def look(self, kind: str, sid: str) -> dict[str, Any]:
        found = self._world.store.get(f"twilio-{kind}", sid)
        if found is None:
            raise TwilioError(404, 20404, f"The requested resource {sid} was not found")
        return self._reviewed(found) if kind == "Bundles" else found

    def all(self, kind: str, **wanted: str) -> list[dict[str, Any]]:
        """Those of a kind that hold the wanted values, oldest first."""
        found = [self.look(kind, sid) for sid, _ in self._world.store.all(f"twilio-{kind}")]
        return [it for it in found if all(it[name] == value for name, value in wanted.items())]

    def assign(self, bundle: str, sid: str) -> dict[str, Any]:
        self._draft(bundle)
        self.look("EndUsers" if sid.startswith("IT") else "SupportingDocuments", sid)
        return self.make("ItemAssignments", {"bundle_sid": bundle, "object_sid": sid})

    def evaluate(self, bundle: str) -> dict[str, Any]:
        self.look("Bundles", bundle)
        results = [*self._of_business(bundle), *self._of_documents(bundle)]
        passed = all(result["passed"] for result in results)
        status = "compliant" if passed else "noncompliant"
        return self.make(
            "Evaluations", {"bundle_sid": bundle, "status": status, "results": results}
        )

    def hand_in(self, sid: str) -> dict[str, Any]:
        bundle = self._draft(sid)
        if self.evaluate(sid)["status"] != "compliant":
            raise TwilioError(400, 22217, "The bundle is not compliant")
        due = time.time() + self._world.settings["approve_after_seconds"]
        bundle |= {"status": "pending-review", "due": due}
        self._world.store.put("twilio-Bundles", sid, bundle)
        return bundle

    def submissions(self) -> list[dict[str, Any]]:
        """Every bundle with the names of what was made for it, assigned or not."""
        made = [it for kind in _PARTS for it in self.all(kind)]
        return [
            {
                "reference": bundle["friendly_name"],
                "status": bundle["status"],
                "parts": [
                    f"{it['sid'][:2]} {it['friendly_name']}"
                    for it in made
                    if _is_of(bundle["friendly_name"], it["friendly_name"])
                ],
            }
            for bundle in self.all("Bundles")
        ]

    def _draft(self, sid: str) -> dict[str, Any]:
        bundle = self.look("Bundles", sid)
        if bundle["status"] != "draft":
            raise TwilioError(400, 22211, "The bundle is not a draft any more")
        return bundle

    def _reviewed(self, bundle: dict[str, Any]) -> dict[str, Any]:
        """As the review left it, if it is over by now."""
        decided = self._world.store.get("supplier_decisions", "twilio") or {}
        verdict = decided.get("papers", "approve")
        if bundle["status"] != "pending-review" or time.time() < bundle["due"] or verdict == "hold":
            return bundle
        status = "twilio-approved" if verdict == "approve" else "twilio-rejected"
        bundle = bundle | {"status": status, "failure_reason": decided.get("reason")}
        self._world.store.put("twilio-Bundles", bundle["sid"], bundle)
        return bundle

    def _of_business(self, bundle: str) -> Sequence[dict[str, Any]]:
        found = self._assigned(bundle, "EndUsers")
        if not found:
            return [_result("business", 22214, "An end user of type business is missing")]
        told = json.loads(found[0]["attributes"])
        return [
            _result("business", 22215, f"The end user lacks {name}")
            if not told.get(name)
            else _result("business")
            for name in _BUSINESS
        ]

    def _of_documents(self, bundle: str) -> Sequence[dict[str, Any]]:
        types = {it["type"] for it in self._assigned(bundle, "SupportingDocuments") if it["size"]}
        return [
            _result(type_) if type_ in types else _result(type_, 22216, f"{title} is missing")
            for title, type_ in _DOCUMENTS.values()
        ]

    def _assigned(self, bundle: str, kind: str) -> list[dict[str, Any]]:
        sids = [it["object_sid"] for it in self.all("ItemAssignments", bundle_sid=bundle)]
        return [self.look(kind, sid) for sid in sids if sid.startswith(_PREFIX[kind])]


def _is_of(reference: str, name: str) -> bool:
    """Whether something is named after a bundle, or after it and a paper."""
    return reference in (name, name.rpartition(":")[0])


def _result(object_type: str, error_code: int | None = None, reason: str = "") -> dict[str, Any]:
    return {
        "object_type": object_type,
        "passed": error_code is None,
        "error_code": error_code,
        "failure_reason": reason,
    }
