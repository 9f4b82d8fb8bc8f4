"""What the simulated Telnyx sells, and what our account there has ordered, reserved and rents."""

import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gateway.plugin_api import Declined, Stock, World

KIND = "local"
COST = {"monthly_cost": "1.50000", "upfront_cost": "2.00000", "currency": "USD"}

_NUMBERS, _ORDERS, _RESERVATIONS = "telnyx-number", "telnyx-order", "telnyx-reservation"
_POINTERS = "telnyx-pointer"
_SET_UP_SECONDS = 0.05


class TelnyxError(Declined):
    """What the simulated Telnyx answers other than success."""


class Account:
    """Documents in the store."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.stock = Stock(world, "telnyx", first=500_001)
        self._changing = threading.RLock()
        world.on("telnyx-order", self._carry_out)

    @property
    def settings(self) -> Mapping[str, Any]:
        return self._world.providers["telnyx"]

    def available(
        self, country: str, digits: str = "", *, exclude_held: bool = False
    ) -> Sequence[str]:
        """Numbers that nobody has, other ones first each time."""
        taken = {number["phone_number"] for number in self.numbers()}
        pending = [order for order in self.orders("") if order["status"] == "pending"]
        for held in [*pending, *(self.reservations("") if exclude_held else ())]:
            taken.add(held["phone_numbers"][0]["phone_number"])
        return self.stock.shuffled(
            [it for it in self.stock.numbers(country) if it not in taken and digits in it]
        )

    def reserve(self, phone_number: str, reference: str) -> dict[str, Any]:
        """Keep a number for a reference."""
        with self._changing:
            self._require_free(phone_number, reference)
            entry = {"phone_number": phone_number, "status": "success", "expired": False}
            made: dict[str, Any] = {
                "id": str(uuid.uuid4()),
                "record_type": "number_reservation",
                "customer_reference": reference,
                "phone_numbers": [entry],
                "status": "success",
            }
            self._world.store.put(_RESERVATIONS, made["id"], made)
            return made

    def reservations(self, reference: str) -> list[dict[str, Any]]:
        return self._of(_RESERVATIONS, reference)

    def country_of(self, phone_number: str) -> str:
        """The country in which it sells this number; nothing where it does not."""
        sold = self.stock.countries()
        return next((it for it in sold if phone_number in self.stock.numbers(it)), "")

    def order(self, wanted: Mapping[str, Any], *, requirements_met: bool) -> dict[str, Any]:
        """Take an order; it is carried out a little later, or never where papers lack."""
        [entry] = wanted["phone_numbers"]
        with self._changing:
            self._require_free(entry["phone_number"], wanted["customer_reference"])
            order = {
                "id": str(uuid.uuid4()),
                "record_type": "number_order",
                "status": "pending",
                "requirements_met": requirements_met,
                "sub_number_orders_ids": [str(uuid.uuid4())],
                **wanted,
                "phone_numbers": [
                    {
                        "id": str(uuid.uuid4()),
                        "status": "pending",
                        "requirements_met": requirements_met,
                        **entry,
                    }
                ],
            }
            self._put_order(order)
        if requirements_met:
            self._world.later(_SET_UP_SECONDS, "telnyx-order", {"order": order["id"]})
        return order

    def orders(self, reference: str) -> list[dict[str, Any]]:
        return self._of(_ORDERS, reference)

    def cancel(self, sub_order: str) -> dict[str, Any]:
        """Call a pending order off."""
        with self._changing:
            for order in self.orders(""):
                if order["sub_number_orders_ids"] == [sub_order]:
                    if order["status"] == "success":
                        raise TelnyxError(422, "10027", "The order is complete")
                    self._put_order(order | {"status": "cancelled"})
                    return order
        raise TelnyxError(404, "10005", "Resource not found")

    def numbers(self) -> Iterator[dict[str, Any]]:
        """What is rented, oldest first."""
        return (number for _, number in self._world.store.all(_NUMBERS))

    def number(self, number_id: str) -> dict[str, Any]:
        found = self._world.store.get(_NUMBERS, number_id)
        if found is None:
            raise TelnyxError(404, "10005", "Resource not found")
        return found

    def rented(self, phone_number: str) -> dict[str, Any] | None:
        return next((it for it in self.numbers() if it["phone_number"] == phone_number), None)

    def release(self, number_id: str) -> dict[str, Any]:
        with self._changing:
            number = self.number(number_id)
            self._world.store.delete(_NUMBERS, number_id)
            self._record("released", number)
            return number

    def point(self, kind: str, name: str, url: str) -> None:
        """Where the profile or the application of this id reports."""
        self._world.store.put(_POINTERS, f"{kind}:{name}", {"url": url})

    def pointed_at(self, kind: str, name: str) -> str | None:
        found = self._world.store.get(_POINTERS, f"{kind}:{name}")
        return str(found["url"]) if found else None

    def _carry_out(self, payload: dict[str, Any]) -> None:
        with self._changing:
            order = self._world.store.get(_ORDERS, payload["order"])
            if order is None or order["status"] != "pending":
                return
            [entry] = order["phone_numbers"]
            number = {
                "id": str(uuid.uuid4().int)[:19],
                "record_type": "phone_number",
                "phone_number": entry["phone_number"],
                "phone_number_type": KIND,
                "status": "active",
                "customer_reference": order["customer_reference"],
                "connection_id": order["connection_id"],
                "messaging_profile_id": order["messaging_profile_id"],
            }
            self._world.store.put(_NUMBERS, number["id"], number)
            entry = entry | {"status": "success"}
            self._put_order(order | {"status": "success", "phone_numbers": [entry]})
            self._record("bought", number)

    def _require_free(self, phone_number: str, reference: str) -> None:
        held = any(
            other["customer_reference"] != reference
            and other["phone_numbers"][0]["phone_number"] == phone_number
            for other in self.reservations("")
        )
        if held or not any(phone_number in self.available(it) for it in self.stock.countries()):
            raise TelnyxError(422, "85006", f"{phone_number} is not available")

    def _of(self, kind: str, reference: str) -> list[dict[str, Any]]:
        found = [document for _, document in self._world.store.all(kind)]
        return [it for it in found if reference in ("", it["customer_reference"])]

    def _put_order(self, order: Mapping[str, Any]) -> None:
        self._world.store.put(_ORDERS, order["id"], order)

    def _record(self, event: str, number: Mapping[str, Any]) -> None:
        self.stock.record(
            event,
            number["phone_number"],
            supplier_ref=number["id"],
            reference=number["customer_reference"],
        )
