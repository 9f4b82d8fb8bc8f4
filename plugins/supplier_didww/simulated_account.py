"""What the simulated DIDWW sells, and what our account there has ordered, reserved and rents."""

import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from gateway.plugin_api import Declined, Stock, World
from plugins.supplier_didww.simulated_lines import Lines

_DIDS, _ORDERS, _RESERVATIONS = "didww-did", "didww-order", "didww-reservation"
_VERIFICATIONS, _TOKENS = "didww-verification", "didww-token"
_TOKEN_SECONDS = 300
_CARRY_OUT_SECONDS = 0.05


class DidwwError(Declined):
    """What the simulated DIDWW answers other than success."""


class Account:
    """Documents in the store. Of each country there is one group of numbers."""

    def __init__(self, world: World, lines: Lines) -> None:
        self._world = world
        self._lines = lines
        self._changing = threading.RLock()
        self.stock = Stock(world, "didww", first=700_001)
        world.on("didww-order", self._carry_out)
        world.on("didww-verification", self._review)

    @property
    def settings(self) -> Mapping[str, Any]:
        return self._world.providers["didww"]

    def sell_token(self, api_key: str) -> dict[str, Any]:
        """A bearer token for whoever knows the key."""
        if api_key != self.settings["api_key"]:
            raise DidwwError(401, "401", "Unauthorized")
        token = uuid.uuid4().hex
        self._world.store.put(_TOKENS, token, {"until": time.time() + _TOKEN_SECONDS})
        return {"access_token": token, "token_type": "Bearer", "expires_in": _TOKEN_SECONDS}

    def check_token(self, token: str) -> None:
        known = self._world.store.get(_TOKENS, token)
        if known is None or known["until"] < time.time():
            raise DidwwError(401, "401", "Unauthorized")

    def withdraw_tokens(self) -> None:
        """As when somebody changes the API key's rights."""
        for token, _ in list(self._world.store.all(_TOKENS)):
            self._world.store.delete(_TOKENS, token)

    def available(self, country: str) -> list[str]:
        """Numbers that nobody has or keeps, other ones first each time."""
        taken = {did["number"] for did in self.dids()}
        taken |= {it["number"] for it in self.orders() if it["status"] == "pending"}
        taken |= {it["number"] for it in self.reservations()}
        return self.stock.shuffled([it for it in self.stock.numbers(country) if it not in taken])

    def reserve(self, number: str, description: str) -> dict[str, Any]:
        """Keep a number."""
        with self._changing:
            self._require_free(number)
            return self._put(_RESERVATIONS, {"number": number, "description": description})

    def reservations(self) -> list[dict[str, Any]]:
        return [it for _, it in self._world.store.all(_RESERVATIONS)]

    def order(self, number: str, reservation: str | None, facts: Mapping[str, Any]) -> Any:
        """Take an order; it is carried out a little later."""
        with self._changing:
            if reservation is None:
                self._require_free(number)
            else:
                self._world.store.delete(_RESERVATIONS, reservation)
            order = self._put(_ORDERS, {"number": number, "status": "pending", **facts})
        self._world.later(_CARRY_OUT_SECONDS, "didww-order", {"order": order["id"]})
        return order

    def orders(self) -> list[dict[str, Any]]:
        return [it for _, it in self._world.store.all(_ORDERS)]

    def cancel(self, order_id: str) -> None:
        """Call a pending order off."""
        with self._changing:
            order = self.one_order(order_id)
            if order["status"] != "pending":
                raise DidwwError(422, "100", "The Order cannot be canceled")
            self._put(_ORDERS, order | {"status": "canceled"})
        self._lines.tell_of(order | {"status": "canceled"})

    def one_order(self, order_id: str) -> dict[str, Any]:
        return self._one(_ORDERS, order_id)

    def dids(self) -> Iterator[dict[str, Any]]:
        """What is rented, oldest first."""
        return (it for _, it in self._world.store.all(_DIDS) if not it["terminated"])

    def did(self, did_id: str) -> dict[str, Any]:
        return self._one(_DIDS, did_id)

    def rented(self, number: str) -> dict[str, Any] | None:
        return next((did for did in self.dids() if did["number"] == number), None)

    def change(self, did_id: str, facts: Mapping[str, Any]) -> dict[str, Any]:
        """Route or cancel a number."""
        with self._changing:
            before = self.did(did_id)
            did = self._put(_DIDS, before | dict(facts))
            if did["terminated"] and not before["terminated"]:
                self._record("released", did)
            return did

    def verify(self, did_id: str, reference: str) -> dict[str, Any]:
        """Take the papers of a number. The review ends by itself when it is due, as the panel
        decided, or later, when somebody looks."""
        facts = {"did": did_id, "reference": reference, "status": "pending", "reasons": None}
        taken = self._put(_VERIFICATIONS, facts | {"due": time.time() + _CARRY_OUT_SECONDS})
        self._world.later(_CARRY_OUT_SECONDS, "didww-verification", {"id": taken["id"]})
        return taken

    def verifications(self, reference: str) -> list[dict[str, Any]]:
        found = [it for _, it in self._world.store.all(_VERIFICATIONS)]
        return [self._reviewed(it["id"]) for it in found if it["reference"] == reference]

    def country_of(self, number: str) -> str:
        return next(it for it in self.stock.countries() if number in self.stock.numbers(it))

    def _carry_out(self, payload: dict[str, Any]) -> None:
        with self._changing:
            order = self.one_order(payload["order"])
            if order["status"] != "pending":
                return
            papers = self.stock.needs_papers(self.country_of(order["number"]))
            did = {"number": order["number"], "order": order["id"], "terminated": False}
            routes = {"sms_trunk": None, "voice_in_trunk": None, "awaiting": papers}
            self._record("bought", self._put(_DIDS, did | routes))
            self._put(_ORDERS, order | {"status": "completed"})
        self._lines.tell_of(order | {"status": "completed"})

    def _review(self, payload: dict[str, Any]) -> None:
        self._reviewed(payload["id"])

    def _reviewed(self, verification_id: str) -> dict[str, Any]:
        """A number's papers as the review left them, if it is over by now."""
        decided = self._world.store.get("supplier_decisions", "didww") or {}
        verdict = decided.get("papers", "approve")
        with self._changing:
            papers = self._one(_VERIFICATIONS, verification_id)
            waits = papers["status"] == "pending"
            if not waits or time.time() < papers["due"] or verdict == "hold":
                return papers
            if verdict == "approve":
                self.change(papers["did"], {"awaiting": False})
                return self._put(_VERIFICATIONS, papers | {"status": "approved"})
            reasons = [it for it in (decided.get("reason"),) if it]
            return self._put(_VERIFICATIONS, papers | {"status": "rejected", "reasons": reasons})

    def _require_free(self, number: str) -> None:
        if not any(number in self.available(it) for it in self.stock.countries()):
            raise DidwwError(422, "100", "available_did - is invalid")

    def _put(self, kind: str, facts: Mapping[str, Any]) -> dict[str, Any]:
        document = {"id": str(uuid.uuid4()), **facts}
        self._world.store.put(kind, document["id"], document)
        return document

    def _one(self, kind: str, key: str) -> dict[str, Any]:
        found = self._world.store.get(kind, key)
        if found is None:
            raise DidwwError(404, "404", "Record not found")
        return found

    def _record(self, event: str, did: Mapping[str, Any]) -> None:
        reference = self.one_order(did["order"])["external_reference_id"]
        self.stock.record(event, did["number"], supplier_ref=did["id"], reference=reference)
