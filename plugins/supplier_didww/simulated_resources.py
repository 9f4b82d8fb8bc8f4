"""How the simulated DIDWW shows what it has, in JSON:API."""

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.plugin_api import hears_texts
from plugins.supplier_didww.simulated_account import Account, DidwwError

KIND = "local"
MONTHLY = {0: "0.50", 2: "1.20"}  # by the channels that are included
SET_UP = "0.90"

Shown = dict[str, Any]


class Resources:
    """The ids of what is in the catalogue say what it is: `group-MA`, `available-212…`."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def country(self, country: str) -> Shown:
        return _resource("countries", f"country-{country}", {"iso": country})

    def group(self, country: str) -> Shown:
        numbers = self._account.stock.numbers(country)
        texts = ["sms_in"] if not numbers or hears_texts(numbers[0]) else []
        facts = {"number_type": KIND, "features": ["voice_in", *texts], "area_name": "National"}
        made = _resource(
            "did_groups",
            f"group-{country}",
            facts,
            country=_link("countries", f"country-{country}"),
            stock_keeping_units=[_link("stock_keeping_units", it) for it in _skus(country)],
            address_requirement=_link("address_requirements", f"requirement-{country}"),
        )
        return made | {
            "meta": {
                "needs_registration": self._account.stock.needs_papers(country),
                "is_available": bool(self._account.available(country)),
                "available_dids_enabled": True,
            }
        }

    def beside(self, country: str) -> list[Shown]:
        """What a group includes."""
        wanted = {
            "identity_type": "business",
            "address_area_level": "country",
            "business_proof_qty": 1,
            "address_proof_qty": 1,
            "business_mandatory_fields": ["Company ID"],
        }
        skus = [
            _resource(
                "stock_keeping_units",
                sku,
                {
                    "setup_price": SET_UP,
                    "monthly_price": MONTHLY[channels],
                    "channels_included_count": channels,
                },
            )
            for sku, channels in _skus(country).items()
        ]
        requirement = _resource("address_requirements", f"requirement-{country}", wanted)
        return [self.country(country), requirement, *skus]

    def with_group(self, country: str) -> list[Shown]:
        """What something of a group includes."""
        return [self.group(country), *self.beside(country)]

    def available(self, number: str) -> Shown:
        country = self._account.country_of(number)
        return _resource(
            "available_dids",
            f"available-{number.removeprefix('+')}",
            {"number": number.removeprefix("+")},
            did_group=_link("did_groups", f"group-{country}"),
        )

    def number(self, available_id: str) -> str:
        return f"+{available_id.removeprefix('available-')}"

    def reservation(self, kept: Mapping[str, Any]) -> Shown:
        available = f"available-{kept['number'].removeprefix('+')}"
        return _resource(
            "did_reservations",
            kept["id"],
            {"description": kept["description"]},
            available_did=_link("available_dids", available),
        )

    def ordered(self, item: Mapping[str, str]) -> str:
        """The number that an item of an order means."""
        if "available_did_id" in item:
            number = self.number(item["available_did_id"])
        else:
            kept = {it["id"]: it["number"] for it in self._account.reservations()}
            number = kept.get(item["did_reservation_id"], "")
        if not number or item["sku_id"] not in _skus(self._account.country_of(number)):
            raise DidwwError(422, "100", "items - is invalid")
        return number

    def order(self, order: Mapping[str, Any]) -> Shown:
        group = f"group-{self._account.country_of(order['number'])}"
        items = [{"type": "did_order_items", "attributes": {"qty": 1, "did_group_id": group}}]
        facts = {name: order[name] for name in ("status", "external_reference_id", "callback_url")}
        return _resource("orders", order["id"], {**facts, "items": items})

    def did(self, did: Mapping[str, Any]) -> Shown:
        facts = {
            "number": did["number"].removeprefix("+"),
            "terminated": did["terminated"],
            "awaiting_registration": did["awaiting"],
        }
        group = f"group-{self._account.country_of(did['number'])}"
        return _resource("dids", did["id"], facts, did_group=_link("did_groups", group))

    def verification(self, papers: Mapping[str, Any]) -> Shown:
        facts = {"status": papers["status"], "external_reference_id": papers["reference"]}
        return _resource(
            "address_verifications", papers["id"], facts | {"reject_reasons": papers["reasons"]}
        )


def listed(data: Sequence[Shown], included: Sequence[Shown] = ()) -> Shown:
    """An answer with a list."""
    return {"data": list(data), "included": list(included), "meta": {"api_version": "2026-11-19"}}


def one(data: Shown, included: Sequence[Shown] = ()) -> Shown:
    """An answer with one resource."""
    return {**listed((), included), "data": data}


def _skus(country: str) -> dict[str, int]:
    return {f"sku-{country}-{channels}": channels for channels in MONTHLY}


def _resource(kind: str, key: str, attributes: Mapping[str, Any], **related: Any) -> Shown:
    links = {name: {"data": linked} for name, linked in related.items()}
    return {"id": key, "type": kind, "attributes": dict(attributes), "relationships": links}


def _link(kind: str, key: str) -> dict[str, str]:
    return {"type": kind, "id": key}
