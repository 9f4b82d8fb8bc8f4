"""What DIDWW sells: groups of numbers, each of one area, with its features, prices and rules."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from gateway.plugin_api import Money, Quote, TryAgain
from plugins.supplier_didww.api import DidwwApi, Document, Resource, link

_GROUPS = "did_groups"
_SKUS = "stock_keeping_units"


@dataclass(frozen=True, kw_only=True)
class Group:
    """Numbers of one area. `skus` are the ways to rent one of them."""

    group_id: str
    number_type: str
    features: frozenset[str]
    needs_papers: bool
    in_stock: bool
    skus: Sequence[Resource]
    requirement: Mapping[str, Any]

    def cheapest(self) -> Resource | None:
        """The SKU to rent by: where calls come in, one that includes a channel, if there is one."""

        def rank(sku: Resource) -> tuple[bool, Decimal]:
            offered = sku["attributes"]
            silent = "voice_in" in self.features and not offered["channels_included_count"]
            return silent, Decimal(offered["monthly_price"])

        return min(self.skus, key=rank, default=None)

    def quote(self, currency: str) -> Quote:
        sku = self.cheapest()
        if sku is None:
            return Quote(monthly=None, set_up=None)
        monthly, set_up = (Decimal(sku["attributes"][f"{it}_price"]) for it in ("monthly", "setup"))
        return Quote(
            monthly=Money(amount=monthly, currency=currency),
            set_up=Money(amount=set_up, currency=currency),
        )


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One number that can be ordered now; `item` names it in an order."""

    phone_number: str  # E.164
    group: Group
    item: Mapping[str, str]


class Catalogue:
    """Reads the catalogue; it changes nothing."""

    def __init__(self, api: DidwwApi) -> None:
        self._api = api

    def groups(self, country: str) -> Sequence[Group]:
        """Every group of a country, in stock or not; none where DIDWW sells nothing there."""
        countries = self._api.get("countries", {"filter[iso]": country})
        found = countries.resources if countries else ()
        return [
            _group(page, group)
            for known in found
            if known["attributes"]["iso"] == country
            for page in self._api.pages(
                _GROUPS,
                {"filter[country.id]": known["id"], "include": f"{_SKUS},address_requirement"},
            )
            for group in page.resources
        ]

    def group(self, group_id: str) -> tuple[Group, str]:
        """A group, and its country."""
        page = self._api.get(f"{_GROUPS}/{group_id}", {"include": f"country,{_SKUS}"})
        countries = page.related(page.resources[0], "country") if page else ()
        if page is None or not countries:
            raise TryAgain("broken_answer", f"DIDWW does not show its group {group_id}.")
        return _group(page, page.resources[0]), countries[0]["attributes"]["iso"]

    def numbers(self, group: Group) -> Sequence[str]:
        """Numbers of a group that can be chosen now."""
        page = self._api.get("available_dids", {"filter[did_group.id]": group.group_id})
        return [_e164(number) for number in (page.resources if page else ())]

    def available(self, phone_number: str) -> Choice | None:
        """This number, where nobody has it."""
        page = self._api.get(
            "available_dids",
            {
                "filter[number_contains]": phone_number.removeprefix("+"),
                "include": f"did_group.{_SKUS}",
            },
        )
        found = page.resources if page else ()
        choices = (_choice(page, it, "available_did_id", it["id"]) for it in found if page)
        return _first(choices, phone_number)

    def reserved(self, phone_number: str, reference: str) -> Choice | None:
        """This number, where it is kept for this reference."""
        page = self._api.get(
            "did_reservations",
            {
                "filter[description]": reference,
                "include": f"available_did.did_group.{_SKUS}",
            },
        )
        choices = (
            _choice(page, number, "did_reservation_id", reservation["id"])
            for reservation in (page.resources if page else ())
            if page and reservation["attributes"]["description"] == reference
            for number in page.related(reservation, "available_did")
        )
        return _first(choices, phone_number)


def available_did(choice: Choice) -> Resource:
    """How a choice is named in a relationship."""
    return link("available_dids", choice.item["available_did_id"])


def _first(choices: Iterator[Choice], phone_number: str) -> Choice | None:
    return next((choice for choice in choices if choice.phone_number == phone_number), None)


def _choice(page: Document, number: Resource, name: str, value: str) -> Choice:
    [found] = page.related(number, "did_group")
    group = _group(page, found)
    sku = group.cheapest()
    item = {name: value} | ({"sku_id": sku["id"]} if sku else {})
    return Choice(phone_number=_e164(number), group=group, item=item)


def _group(page: Document, group: Resource) -> Group:
    requirements = page.related(group, "address_requirement")
    return Group(
        group_id=group["id"],
        number_type=group["attributes"]["number_type"],
        features=frozenset(group["attributes"]["features"]),
        needs_papers=group["meta"]["needs_registration"],
        in_stock=group["meta"]["is_available"] and group["meta"]["available_dids_enabled"],
        skus=page.related(group, _SKUS),
        requirement=requirements[0]["attributes"] if requirements else {},
    )


def _e164(number: Resource) -> str:
    return f"+{number['attributes']['number']}"
