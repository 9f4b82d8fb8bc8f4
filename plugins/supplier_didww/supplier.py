"""DIDWW as a supplier of numbers. An order's `external_reference_id` is our reference.

What no source that was read confirms: which features and prices its Moroccan groups have; that
`filter[description]` of reservations and `sms_trunk` of numbers behave as those beside them. An
account has to be admitted to choosing single numbers; without that nothing is in stock.
"""

from collections.abc import Mapping, Sequence
from typing import Any, get_args
from urllib.parse import urljoin

from gateway.plugin_api import (
    CodeMethod,
    ConfiguresInbound,
    HasPapers,
    HttpClient,
    InboundUrls,
    ListsPrices,
    NumberOffer,
    NumberSupplier,
    NumberType,
    OwnedNumber,
    PaperRequirement,
    PendingOrder,
    Quote,
    Refused,
    Reserves,
    TryAgain,
    country_not_sold,
    heard_by,
    in_stock,
    number_taken,
    order_of,
    order_ref,
    order_under_way,
    types_wanted,
)
from plugins.supplier_didww.api import DidwwApi, Resource, link
from plugins.supplier_didww.catalogue import Catalogue, Choice, Group, available_did
from plugins.supplier_didww.papers import Papers, required
from plugins.supplier_didww.settings import DidwwSettings

_ENOUGH = 20


class DidwwSupplier(NumberSupplier, Reserves, ConfiguresInbound, HasPapers, ListsPrices):
    """Searches, reserves, orders and releases numbers in one DIDWW account."""

    name = "didww"
    settings_schema = DidwwSettings

    def __init__(self, settings: Mapping[str, Any], http: HttpClient) -> None:
        super().__init__(settings, http)
        self._api = DidwwApi(settings, http)
        self._catalogue = Catalogue(self._api)
        self._papers = Papers(self._api, settings["addresses"])

    def search(self, country: str, number_type: NumberType | None = None) -> Sequence[NumberOffer]:
        """Numbers whose codes a trunk of ours takes."""
        sold = self._catalogue.groups(country)
        if not sold:
            raise country_not_sold("DIDWW", country)
        wanted = types_wanted(number_type)
        heard = [
            (kind, group)
            for kind in wanted
            for group in sold
            if group.number_type == kind and self._hears(group)
        ]
        if not heard:
            types = ", ".join(sorted({group.number_type for group in sold}))
            raise Refused(
                "type_not_sold",
                f"Of {country} DIDWW sells {types}; none of {', '.join(wanted)} has calls or texts"
                " that a trunk in the settings takes.",
            )
        offers: list[NumberOffer] = []
        for kind, group in heard:
            if group.in_stock and len(offers) < _ENOUGH:
                offers += [
                    NumberOffer(
                        phone_number=number,
                        country=country,
                        number_type=kind,
                        hears=self._hears(group),
                    )
                    for number in self._catalogue.numbers(group)
                ]
        return in_stock("DIDWW", country, offers)

    def quote(self, offer: NumberOffer) -> Quote:
        """The price of the number's area; DIDWW tells none of a number that is not offered."""
        choice = self._catalogue.available(offer.phone_number)
        if choice is None:
            return Quote(monthly=None, set_up=None)
        return choice.group.quote(self.settings["currency"])

    def price_sheet(self, country: str) -> Mapping[NumberType, Quote]:
        """Of each type the cheapest of its areas."""
        quotes: dict[NumberType, Quote] = {}
        groups = self._catalogue.groups(country)
        for kind in get_args(NumberType):
            priced = [
                quote
                for group in groups
                if group.number_type == kind
                and (quote := group.quote(self.settings["currency"])).monthly
            ]
            if priced:
                quotes[kind] = min(priced, key=lambda it: it.monthly.amount if it.monthly else 0)
        return quotes

    def requirements(self, country: str, number_type: NumberType) -> Sequence[PaperRequirement]:
        """Numbers are the platform's: it registers an address once, at DIDWW's panel, and names it
        in the settings."""
        groups = self._catalogue.groups(country)
        return required([it for it in groups if it.number_type == number_type])

    def reserve(self, offer: NumberOffer, *, reference: str) -> None:
        if self._catalogue.reserved(offer.phone_number, reference):
            return
        choice = self._catalogue.available(offer.phone_number)
        if choice is None:
            raise number_taken()
        self._papers.check(choice.group, offer.country)
        try:
            self._api.post(
                "did_reservations", {"description": reference}, available_did=available_did(choice)
            )
        except Refused as refused:
            raise self._why(refused, offer, reference) from refused

    def order(
        self, offer: NumberOffer, *, reference: str, inbound: InboundUrls
    ) -> OwnedNumber | PendingOrder:
        """Nothing is called after the order itself: `find` looks what became of it, and whoever
        finds a number points it at us."""
        choice = self._choice(offer, reference)
        if choice is None:
            raise number_taken()
        self._papers.check(choice.group, offer.country)
        attributes: dict[str, Any] = {
            "allow_back_ordering": False,  # by default DIDWW buys when there is stock again
            "external_reference_id": reference,
            "items": [{"type": "did_order_items", "attributes": choice.item}],
        }
        if self.settings["callback_secret"]:
            attributes |= {
                "callback_url": urljoin(inbound.sms, "orders"),
                "callback_method": "post",
            }
        try:
            order = self._api.post("orders", attributes)
        except Refused as refused:
            raise self._why(refused, offer, reference) from refused
        return _pending(order["id"])

    def find(self, reference: str) -> OwnedNumber | PendingOrder | None:
        """A number that waits for its registration gets its papers handed in on the way."""
        listed = self._api.get("orders", {"filter[external_reference_id]": reference})
        waiting: PendingOrder | None = None
        for order in listed.resources if listed else ():
            facts = order["attributes"]
            if facts.get("external_reference_id") != reference:
                continue
            if facts["status"] == "completed" and (found := self._became(order)):
                return found
            if facts["status"] == "pending":
                waiting = _pending(order["id"])
        return waiting

    def configure_inbound(self, supplier_ref: str, inbound: InboundUrls) -> None:
        """Route the number to our trunks; where a trunk reports is said at the panel."""
        page = self._api.get(f"dids/{supplier_ref}", {"include": "did_group"})
        if page is None:
            raise Refused("supplier_refused", "DIDWW knows no such number.")
        groups = page.related(page.resources[0], "did_group")
        features = {feature for group in groups for feature in group["attributes"]["features"]}
        routes: dict[str, Resource | None] = {}
        if self._takes_texts(features):
            routes["sms_trunk"] = link("sms_trunks", self.settings["sms_trunk_id"])
        if self._takes_calls(features):
            routes["voice_in_trunk"] = link("voice_in_trunks", self.settings["voice_trunk_id"])
            routes["voice_in_trunk_group"] = None
        self._api.patch("dids", supplier_ref, {}, **routes)

    def release(self, supplier_ref: str) -> None:
        """It is cancelled, and stays ours to the end of what was paid for."""
        order = order_of(supplier_ref)
        if order is not None:
            self._call_off(order)
            return
        page = self._api.get(f"dids/{supplier_ref}")
        if page and not page.resources[0]["attributes"]["terminated"]:
            self._api.patch("dids", supplier_ref, {"terminated": True})

    def _call_off(self, order_id: str) -> None:
        try:
            self._api.delete(f"orders/{order_id}")
        except Refused as refused:
            page = self._api.get(f"orders/{order_id}")
            if page and page.resources[0]["attributes"]["status"] != "canceled":
                raise order_under_way(refused) from refused

    def _became(self, order: Resource) -> OwnedNumber | PendingOrder | None:
        """The number of an order that was carried out, unless it was released since."""
        page = self._api.get("dids", {"filter[order.id]": order["id"]})
        for did in page.resources if page else ():
            facts = did["attributes"]
            if facts["terminated"]:
                continue
            bought = order["attributes"]["items"][0]["attributes"]
            group, country = self._catalogue.group(bought["did_group_id"])
            phone_number = f"+{facts['number']}"
            if facts["awaiting_registration"]:
                standing = self._papers.handed_in(did["id"], country)
                return PendingOrder(
                    supplier_ref=did["id"],
                    phone_number=phone_number,
                    detail=standing.detail,
                    who=standing.who,
                    code=standing.code,
                )
            return OwnedNumber(
                supplier_ref=did["id"], phone_number=phone_number, hears=self._hears(group)
            )
        return None

    def _choice(self, offer: NumberOffer, reference: str) -> Choice | None:
        return self._catalogue.reserved(offer.phone_number, reference) or self._catalogue.available(
            offer.phone_number
        )

    def _why(self, refused: Refused, offer: NumberOffer, reference: str) -> Refused | TryAgain:
        return refused if self._choice(offer, reference) else number_taken(refused.provider_code)

    def _hears(self, group: Group) -> tuple[CodeMethod, ...]:
        return heard_by(
            group.number_type,
            voice=self._takes_calls(group.features),
            text=self._takes_texts(group.features),
        )

    def _takes_calls(self, features: set[str] | frozenset[str]) -> bool:
        return "voice_in" in features and bool(self.settings["voice_trunk_id"])

    def _takes_texts(self, features: set[str] | frozenset[str]) -> bool:
        return "sms_in" in features and bool(self.settings["sms_trunk_id"])


def _pending(order_id: str) -> PendingOrder:
    return PendingOrder(
        supplier_ref=order_ref(order_id),
        phone_number=None,
        detail="DIDWW carries the order out.",
        who="supplier",
    )
