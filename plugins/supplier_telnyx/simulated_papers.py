"""The simulated Telnyx's regulatory flow: in the countries of `sandbox.papers` it wants a group.

Reviews end as the panel decided (`PUT /sandbox/suppliers/telnyx/decisions`): by themselves when
due, or later, when somebody looks. Each end is reported, as an operator set it up in the portal.
"""

import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final

from gateway.plugin_api import Stock, World
from plugins.supplier_telnyx.simulated_account import TelnyxError
from plugins.supplier_telnyx.simulated_calls import Reports

_GROUPS, _COMMENTS = "requirement_groups", "comments"
_RESOURCES: Final = {"document": "documents", "address": "addresses"}
_WANTED: Final = (
    ("Company name", "textual"),
    ("Business registration number", "textual"),
    ("Business registration", "document"),
    ("Proof of address", "document"),
    ("Address in the country of the number", "address"),
)


class Papers:
    """Resources by kind, in the store. A group not made here, in a portal say, is approved."""

    def __init__(self, world: World, stock: Stock, reports: Reports) -> None:
        self._world = world
        self._reports = reports
        self._reviewing = threading.RLock()
        self.wanted = stock.needs_papers
        world.on("telnyx-review", self._review)

    def requirements(self, country: str) -> list[dict[str, Any]]:
        if not self.wanted(country):
            return []
        types = [{"id": _id(country, name), "name": name, "type": type_} for name, type_ in _WANTED]
        return [{"action": "ordering", "country_code": country, "requirements_types": types}]

    def are_met(self, country: str, group_id: str | None) -> bool:
        """Whether an order with this group is carried out."""
        if not self.wanted(country):
            return True
        if group_id is None:
            return False
        made_here = self._world.store.get(_kind(_GROUPS), group_id) is not None
        return not made_here or self._reviewed(group_id)["status"] == "approved"

    def make(self, kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Keep a new resource."""
        made = {"id": str(uuid.uuid4()), **values}
        self._world.store.put(_kind(kind), made["id"], made)
        return made

    def open_group(self, asked: Mapping[str, str]) -> dict[str, Any]:
        wanted = [
            {"requirement_id": one["id"], "field_type": one["type"], "field_value": None}
            for requirement in self.requirements(asked["country_code"])
            for one in requirement["requirements_types"]
        ]
        return self.make(
            _GROUPS, {**asked, "status": "unapproved", "regulatory_requirements": wanted}
        )

    def fill(self, group_id: str, values: Sequence[Mapping[str, str]]) -> dict[str, Any]:
        """Write values into a group's requirements; a resource must be there."""
        group = self.look(_GROUPS, group_id)
        given = {it["requirement_id"]: it["field_value"] for it in values}
        for one in group["regulatory_requirements"]:
            one["field_value"] = value = given.get(one["requirement_id"], one["field_value"])
            if value and one["field_type"] in _RESOURCES:
                self.look(_RESOURCES[one["field_type"]], value)
        self._world.store.put(_kind(_GROUPS), group_id, group)
        return group

    def hand_in(self, group_id: str) -> dict[str, Any]:
        group = self.look(_GROUPS, group_id)
        filled = all(it["field_value"] for it in group["regulatory_requirements"])
        if group["status"] != "unapproved" or not filled:
            raise TelnyxError(422, "10015", "The requirement group cannot be submitted")
        seconds = self._world.settings["approve_after_seconds"]
        group |= {"status": "pending-approval", "due": time.time() + seconds}
        self._world.store.put(_kind(_GROUPS), group_id, group)
        self._world.later(seconds, "telnyx-review", {"group": group_id})
        return group

    def look(self, kind: str, key: str) -> dict[str, Any]:
        found = self._world.store.get(_kind(kind), key)
        if found is None:
            raise TelnyxError(404, "10005", "Resource not found")
        return self._reviewed(key) if kind == _GROUPS else found

    def all(self, kind: str, **wanted: str) -> list[dict[str, Any]]:
        """Those of a kind that hold the wanted values, oldest first."""
        found = [self.look(kind, key) for key, _ in self._world.store.all(_kind(kind))]
        return [it for it in found if all(it[name] == value for name, value in wanted.items())]

    def submissions(self) -> list[dict[str, Any]]:
        """Every group with the names of what was made for it, filled in or not."""
        made = [
            (kind, it["customer_reference"])
            for kind in _RESOURCES.values()
            for it in self.all(kind)
        ]
        return [
            {
                "reference": group["customer_reference"],
                "status": group["status"],
                "parts": [
                    f"{kind} {name}"
                    for kind, name in made
                    if group["customer_reference"] in (name, name.rpartition(":")[0])
                ],
            }
            for group in self.all(_GROUPS)
        ]

    def _review(self, payload: dict[str, Any]) -> None:
        self.look(_GROUPS, payload["group"])

    def _reviewed(self, group_id: str) -> dict[str, Any]:
        """A group as the review left it, if it is over by now."""
        decided = self._world.store.get("supplier_decisions", "telnyx") or {}
        verdict = decided.get("papers", "approve")
        with self._reviewing:
            group = self._world.store.get(_kind(_GROUPS), group_id) or {}
            waits = group["status"] == "pending-approval"
            if not waits or time.time() < group["due"] or verdict == "hold":
                return group
            if verdict == "decline" and decided.get("reason"):
                about = {"comment_record_type": "requirement_group", "comment_record_id": group_id}
                said = {"body": decided["reason"], "commenter_type": "admin"}
                self.make(_COMMENTS, about | said)
            group["status"] = "approved" if verdict == "approve" else "declined"
            self._world.store.put(_kind(_GROUPS), group_id, group)
        url = f"{self._world.gateway_url}/webhooks/suppliers/telnyx/papers"
        told = {name: group[name] for name in ("id", "status")}
        self._reports.post(url, "requirement_group.status_updated", told)
        return group


def _kind(kind: str) -> str:
    return f"telnyx-{kind}"


def _id(country: str, name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{country} {name}"))
