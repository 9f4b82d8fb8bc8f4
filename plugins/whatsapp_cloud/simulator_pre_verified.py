"""The simulated pre-verified numbers of a portfolio: added, verified, listed, deleted.

Their codes are asked for and verified as any number's.
"""

from collections.abc import Collection
from typing import Any

import phonenumbers
from flask import Blueprint, request

from .simulator_errors import GraphError, no_such_object
from .simulator_platform import Platform, chosen, given, new_number, page

_USUAL = ("id", "display_phone_number", "verification_status")


class PreVerified:
    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def mount(self, blueprint: Blueprint) -> None:
        for method, path, view in (
            ("POST", "/<version>/<portfolio_id>/add_phone_numbers", self.add_pre_verified),
            ("GET", "/<version>/<portfolio_id>/preverified_numbers", self.list_pre_verified),
        ):
            blueprint.add_url_rule(path, view_func=view, methods=[method])

    def add_pre_verified(self, portfolio_id: str) -> Any:
        with self._platform.call("add_phone_numbers"), self._platform.lock:
            self._known(portfolio_id)
            phone = _e164(str(given().get("phone_number", "")))
            if any(number["phone"] == phone for number in self._platform.numbers()):
                raise GraphError(100, "The number belongs to an account already.")
            number_id = self._platform.identifier("pre_verified", 3_400_000_000_000_000)
            self._platform.save_number({
                "id": number_id, "waba_id": "", "phone": phone, "portfolio_id": portfolio_id,
                "verified_name": "", "name_status": "NONE", "new_display_name": None,
                "new_name_status": "NONE", "shown_name": None, "verified": False,
                "status": "PENDING", "pin": None, "code": None, "code_until": None,
                "register": [], "deregister": [], "profile": {}, "is_preverified": True,
            })  # fmt: skip
            return {"id": number_id}

    def list_pre_verified(self, portfolio_id: str) -> Any:
        with self._platform.call("read_preverified_numbers"):
            self._known(portfolio_id)
            here = [n for n in self._numbers() if n["portfolio_id"] == portfolio_id]
            return page([chosen(_shown(number), _USUAL) for number in here], request.base_url)

    def holds(self, number_id: str) -> bool:
        return any(number["id"] == number_id for number in self._numbers())

    def open_of(self, ids: Collection[str]) -> list[dict[str, str]]:
        return [
            {"id": number["id"], "phone": number["phone"]}
            for number in self._numbers()
            if number["id"] in ids and number["verified"]
        ]

    def pick(self, pre_verified_id: str, waba: dict[str, Any]) -> dict[str, Any]:
        """It is in the business's account from now on, by another id and without a code."""
        if not self.open_of([pre_verified_id]):
            raise GraphError(100, "This number is not available any more.")
        number = new_number(
            self._platform.identifier("number", 3_300_000_000_000_000),
            waba_id=waba["id"],
            portfolio_id=waba["business_id"],
            phone=self._platform.number(pre_verified_id)["phone"],
            name=waba["business"],
            verified=True,
        )
        self._platform.world.store.delete("graph_number", pre_verified_id)
        self._platform.save_number(number)
        return number

    def forget(self, number_id: str) -> Any:
        with self._platform.call("delete_preverified"):
            self._platform.world.store.delete("graph_number", number_id)
            return {"success": True}

    def _numbers(self) -> list[dict[str, Any]]:
        return [number for number in self._platform.numbers() if number.get("is_preverified")]

    def _known(self, portfolio_id: str) -> None:
        if all(portfolio["id"] != portfolio_id for portfolio in self._platform.world.portfolios):
            raise no_such_object(portfolio_id)


def _shown(number: dict[str, Any]) -> dict[str, Any]:
    parsed = phonenumbers.parse(number["phone"])
    form = phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return {
        "id": number["id"],
        "display_phone_number": phonenumbers.format_number(parsed, form),
        "verification_status": "VERIFIED" if number["verified"] else "NOT_VERIFIED",
        "availability_status": "AVAILABLE",
    }


def _e164(text: str) -> str:
    try:
        parsed = phonenumbers.parse(text)
    except phonenumbers.NumberParseException as error:
        raise GraphError(100, "phone_number is no phone number.") from error
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
