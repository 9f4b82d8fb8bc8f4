"""Telnyx as a supplier of numbers. Orders carry our reference and are carried out after a while."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from gateway.plugin_api import (
    Charge,
    CodeMethod,
    ConfiguresInbound,
    HttpClient,
    InboundUrls,
    Money,
    NumberOffer,
    NumberSupplier,
    NumberType,
    OwnedNumber,
    PaperRequirement,
    PapersState,
    PendingOrder,
    Quote,
    Refused,
    ReportsUsage,
    Reserves,
    Submission,
    TakesPapers,
    heard_by,
    number_taken,
    order_of,
    order_ref,
    order_under_way,
    searched,
)
from plugins.supplier_telnyx import usage
from plugins.supplier_telnyx.api import TelnyxApi
from plugins.supplier_telnyx.papers import Groups
from plugins.supplier_telnyx.requirements import Asked, asked, shown
from plugins.supplier_telnyx.settings import TelnyxSettings


class TelnyxSupplier(NumberSupplier, Reserves, ConfiguresInbound, TakesPapers, ReportsUsage):
    """Searches, reserves, orders and releases numbers in one Telnyx account."""

    name = "telnyx"
    settings_schema = TelnyxSettings

    def __init__(self, settings: Mapping[str, Any], http: HttpClient) -> None:
        super().__init__(settings, http)
        self._api = TelnyxApi(settings, http)
        self._groups = Groups(self._api)

    def search(self, country: str, number_type: NumberType | None = None) -> Sequence[NumberOffer]:
        """Numbers that a code reaches for certain: by text a mobile, by voice any other."""
        coverage = self._api.get(f"country_coverage/countries/{country}") or {}
        return searched(
            "Telnyx",
            country,
            number_type,
            sold=coverage.get("phone_number_type", ()) if coverage.get("numbers") else (),
            numbers=lambda kind: self._offers(country, kind),
        )

    def quote(self, offer: NumberOffer) -> Quote:
        """What the search says of the number; Telnyx tells no price of one that is not offered."""
        cost = (self._offered(offer) or {}).get("cost_information")
        if not cost:
            return Quote(monthly=None, set_up=None)
        return Quote(
            monthly=Money(amount=Decimal(cost["monthly_cost"]), currency=cost["currency"]),
            set_up=Money(amount=Decimal(cost["upfront_cost"]), currency=cost["currency"]),
        )

    def usage(self, since: date, through: date) -> Sequence[Charge]:
        return usage.of_numbers(self._api, since, through)

    def requirements(self, country: str, number_type: NumberType) -> Sequence[PaperRequirement]:
        """What Telnyx asks for: of the client where its own papers are handed in; else of the
        platform, which has a requirement group approved once, in Telnyx's portal."""
        asks_clients = self.asks_clients(country)
        return [shown(one, asks_clients=asks_clients) for one in self._asked(country, number_type)]

    def asks_clients(self, country: str) -> bool:
        return country in self.settings["client_papers"]

    def find_papers(self, reference: str) -> PapersState | None:
        return self._groups.find(reference)

    def submit_papers(self, submission: Submission) -> PapersState:
        wanted = self._asked(submission.country, submission.number_type)
        return self._groups.submit(submission, wanted)

    def reserve(self, offer: NumberOffer, *, reference: str) -> None:
        if not self._is_reserved(offer, reference):
            self._papers_of(offer)
            self._take("number_reservations", offer, {}, {"customer_reference": reference})

    def order(
        self, offer: NumberOffer, *, reference: str, inbound: InboundUrls
    ) -> OwnedNumber | PendingOrder:
        papers = self._papers_of(offer)
        self._point(inbound)
        order = self._take(
            "number_orders",
            offer,
            {"requirement_group_id": papers} if papers else {},
            {
                "connection_id": self.settings["connection_id"],
                "messaging_profile_id": self.settings["messaging_profile_id"],
                "customer_reference": reference,
            },
        )
        return self._became(order) or _pending(order)

    def find(self, reference: str) -> OwnedNumber | PendingOrder | None:
        listed = self._api.get("number_orders", {"filter[customer_reference]": reference}) or ()
        orders = [order for order in listed if order["customer_reference"] == reference]
        for order in orders:
            if owned := self._became(order):
                return owned
        waiting = [order for order in orders if order["status"] == "pending"]
        return _pending(waiting[0]) if waiting else None

    def configure_inbound(self, supplier_ref: str, inbound: InboundUrls) -> None:
        self._point(inbound)
        connection, profile = (
            {name: self.settings[name]} for name in ("connection_id", "messaging_profile_id")
        )
        self._api.patch(f"phone_numbers/{supplier_ref}", connection)
        self._api.patch(f"phone_numbers/{supplier_ref}/messaging", profile)

    def release(self, supplier_ref: str) -> None:
        order = order_of(supplier_ref)
        if order is None:
            self._api.delete(f"phone_numbers/{supplier_ref}")
            return
        try:
            self._api.patch(f"sub_number_orders/{order}/cancel", {})
        except Refused as refused:
            raise order_under_way(refused) from refused

    def _asked(self, country: str, number_type: NumberType) -> Sequence[Asked]:
        action = {
            "filter[country_code]": country,
            "filter[phone_number_type]": number_type,
            "filter[action]": "ordering",
        }
        return list(asked(self._api.get("requirements", action) or ()))

    def _papers_of(self, offer: NumberOffer) -> str | None:
        """The client's approved group where it has one, else the platform's.

        Telnyx takes an order without papers, or with declined ones, and lets it wait until it
        lapses.
        """
        if offer.papers and not self._groups.is_approved(offer.papers):
            raise Refused("papers_missing", "Telnyx has not approved these papers.")
        papers = offer.papers or self.settings["requirement_groups"].get(offer.country)
        if not papers and self._asked(offer.country, offer.number_type):
            raise Refused("papers_missing", f"Telnyx wants papers for numbers of {offer.country}.")
        return papers

    def _point(self, inbound: InboundUrls) -> None:
        """Calls and texts are reported by application and profile, not by number."""
        application = f"call_control_applications/{self.settings['connection_id']}"
        self._api.patch(application, {"webhook_event_url": inbound.voice})
        profile = f"messaging_profiles/{self.settings['messaging_profile_id']}"
        self._api.patch(profile, {"webhook_url": inbound.sms})

    def _take(
        self, path: str, offer: NumberOffer, of_number: Mapping[str, Any], rest: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        numbers = [{"phone_number": offer.phone_number, **of_number}]
        try:
            return self._api.post(path, {"phone_numbers": numbers, **rest})
        except Refused as refused:
            if self._offered(offer) or self._is_reserved(offer, rest["customer_reference"]):
                raise
            raise number_taken(refused.provider_code) from refused

    def _is_reserved(self, offer: NumberOffer, reference: str) -> bool:
        ours = {"filter[customer_reference]": reference}
        return any(
            reservation["customer_reference"] == reference and _holds(reservation, offer)
            for reservation in self._api.get("number_reservations", ours) or ()
        )

    def _became(self, order: Mapping[str, Any]) -> OwnedNumber | None:
        """The number of an order that was carried out, unless it was released since."""
        if order["status"] != "success":
            return None
        ordered = order["phone_numbers"][0]["phone_number"]
        for number in self._api.get("phone_numbers", {"filter[phone_number]": ordered}) or ():
            if number["customer_reference"] != order["customer_reference"]:
                continue
            texts = self._api.get(f"phone_numbers/{number['id']}/messaging") or {}
            features = {"voice"} | {name for name, can in texts.get("features", {}).items() if can}
            return OwnedNumber(
                supplier_ref=number["id"],
                phone_number=number["phone_number"],
                hears=_hears(features, number["phone_number_type"]),
            )
        return None

    def _offers(self, country: str, kind: NumberType) -> Iterator[NumberOffer]:
        for item in self._available(country, kind):
            yield NumberOffer(
                phone_number=item["phone_number"],
                country=country,
                number_type=kind,
                hears=_hears({feature["name"] for feature in item["features"]}, kind),
            )

    def _available(
        self, country: str, kind: NumberType, digits: str = ""
    ) -> Sequence[Mapping[str, Any]]:
        asked = {
            "filter[country_code]": country,
            "filter[phone_number_type]": kind,
            "filter[features][]": "sms" if kind == "mobile" else "voice",
            "filter[exclude_held_numbers]": "true",
            "filter[limit]": "20",
        }
        if digits:
            asked["filter[phone_number][contains]"] = digits
        found: Sequence[Mapping[str, Any]] = self._api.get("available_phone_numbers", asked) or ()
        return found

    def _offered(self, offer: NumberOffer) -> Mapping[str, Any] | None:
        """The offer as it stands now; None where the number is gone."""
        found = self._available(
            offer.country, offer.number_type, offer.phone_number.removeprefix("+")
        )
        return next((it for it in found if it["phone_number"] == offer.phone_number), None)


def _pending(order: Mapping[str, Any]) -> PendingOrder:
    number = order["phone_numbers"][0]
    pending = PendingOrder(
        supplier_ref=order_ref(order["sub_number_orders_ids"][0]),
        phone_number=number["phone_number"],
        detail="Telnyx sets the number up.",
        who="supplier",
    )
    if order.get("requirements_met", True):
        return pending
    if number.get("requirements_status") == "requirement-info-exception":
        detail = "Telnyx declined papers of the order: the portal says why, and takes others."
        return replace(pending, code="papers_declined", detail=detail, who="operator")
    return replace(pending, code="papers_in_review", detail="Telnyx examines the papers.")


def _holds(reservation: Mapping[str, Any], offer: NumberOffer) -> bool:
    return any(
        number["phone_number"] == offer.phone_number and not number["expired"]
        for number in reservation["phone_numbers"]
    )


def _hears(features: set[str], kind: str) -> tuple[CodeMethod, ...]:
    return heard_by(kind, voice="voice" in features, text="sms" in features)
