"""Twilio as a supplier of numbers. A number's friendly name is the reference it was ordered by."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from gateway.plugin_api import (
    Adopts,
    Charge,
    CodeMethod,
    ConfiguresInbound,
    HttpClient,
    InboundUrls,
    ListsPrices,
    Money,
    NumberOffer,
    NumberSupplier,
    NumberType,
    OwnedNumber,
    PaperRequirement,
    PapersState,
    Quote,
    Refused,
    ReportsUsage,
    Submission,
    TakesPapers,
    heard_by,
    searched,
)
from plugins.supplier_twilio import usage
from plugins.supplier_twilio.api import TwilioApi
from plugins.supplier_twilio.papers import Bundles, required
from plugins.supplier_twilio.settings import TwilioSettings

_PATHS: Mapping[NumberType, str] = {
    "local": "Local",
    "mobile": "Mobile",
    "national": "National",
    "toll_free": "TollFree",
}
_MUST_HEAR: Mapping[NumberType, str] = {"mobile": "SmsEnabled"}
_NO_PRICE = Quote(monthly=None, set_up=None)


class TwilioSupplier(
    NumberSupplier, Adopts, ConfiguresInbound, TakesPapers, ListsPrices, ReportsUsage
):
    """Searches, orders and releases numbers in one Twilio account."""

    name = "twilio"
    settings_schema = TwilioSettings

    def __init__(self, settings: Mapping[str, Any], http: HttpClient) -> None:
        super().__init__(settings, http)
        self._api = TwilioApi(settings, http)
        self._bundles = Bundles(self._api, settings["papers_email"])

    def search(self, country: str, number_type: NumberType | None = None) -> Sequence[NumberOffer]:
        """Numbers that a code reaches for certain: by text a mobile, by voice any other."""
        sold = (self._api.get(f"AvailablePhoneNumbers/{country}.json") or {}).get(
            "subresource_uris", {}
        )
        return searched(
            "Twilio",
            country,
            number_type,
            sold=sold,
            numbers=lambda kind: self._available(country, kind),
        )

    def quote(self, offer: NumberOffer) -> Quote:
        return self.price_sheet(offer.country).get(offer.number_type, _NO_PRICE)

    def price_sheet(self, country: str) -> Mapping[NumberType, Quote]:
        """The list prices of the account; Twilio charges no set-up."""
        return _quotes(self._api.prices(country) or {})

    def usage(self, since: date, through: date) -> Sequence[Charge]:
        return usage.of_numbers(self._api, since, through)

    def requirements(self, country: str, number_type: NumberType) -> Sequence[PaperRequirement]:
        """What the country's regulation asks of a business: of the client's where its own papers
        are handed in; else of the platform, which hands them in once, in Twilio's console."""
        asks_clients = self.asks_clients(country)
        return [
            PaperRequirement(
                name=entry["requirement_name"],
                title=entry["name"],
                who="client" if asks_clients and (kind or _is_business(entry)) else "operator",
                kind=kind,
            )
            for regulation in self._regulations(country, number_type)
            for entry, kind in required(regulation)
        ]

    def asks_clients(self, country: str) -> bool:
        return country in self.settings["client_papers"]

    def find_papers(self, reference: str) -> PapersState | None:
        return self._bundles.find(reference)

    def submit_papers(self, submission: Submission) -> PapersState:
        regulations = self._regulations(submission.country, submission.number_type)
        if not regulations:
            raise Refused("type_not_sold", f"Twilio has no regulation for {submission.country}.")
        return self._bundles.submit(submission, regulations[0])

    def order(self, offer: NumberOffer, *, reference: str, inbound: InboundUrls) -> OwnedNumber:
        form = {
            "PhoneNumber": offer.phone_number,
            "FriendlyName": reference,
            **_pointed_at(inbound),
            **self._papers_of(offer),
        }
        return _owned(self._api.post("IncomingPhoneNumbers.json", form))

    def find(self, reference: str) -> OwnedNumber | None:
        listed = self._api.get("IncomingPhoneNumbers.json", {"FriendlyName": reference}) or {}
        for number in listed.get("incoming_phone_numbers", ()):
            if number["friendly_name"] == reference:
                return _owned(number)
        return None

    def adopt(
        self, phone_number: str, *, reference: str, inbound: InboundUrls
    ) -> OwnedNumber | None:
        listed = self._api.get("IncomingPhoneNumbers.json", {"PhoneNumber": phone_number}) or {}
        for number in listed.get("incoming_phone_numbers", ()):
            if number["phone_number"] == phone_number:
                form = {"FriendlyName": reference, **_pointed_at(inbound)}
                self._api.post(f"IncomingPhoneNumbers/{number['sid']}.json", form)
                return _owned(number)
        return None

    def configure_inbound(self, supplier_ref: str, inbound: InboundUrls) -> None:
        self._api.post(f"IncomingPhoneNumbers/{supplier_ref}.json", _pointed_at(inbound))

    def release(self, supplier_ref: str) -> None:
        self._api.delete(f"IncomingPhoneNumbers/{supplier_ref}.json")

    def _available(self, country: str, kind: NumberType) -> Iterator[NumberOffer]:
        path = f"AvailablePhoneNumbers/{country}/{_PATHS[kind]}.json"
        found = self._api.get(path, {_MUST_HEAR.get(kind, "VoiceEnabled"): "true"}) or {}
        for item in found.get("available_phone_numbers", ()):
            yield NumberOffer(
                phone_number=item["phone_number"],
                country=country,
                number_type=kind,
                hears=_hears(item["capabilities"], kind),
            )

    def _papers_of(self, offer: NumberOffer) -> dict[str, str]:
        """The client's approved ones where it has them, else the platform's."""
        bundle, _, address = (offer.papers or "").partition("/")
        if not bundle:
            bundle, address = (
                self.settings[name].get(offer.country, "") for name in ("bundles", "addresses")
            )
        named = {"BundleSid": bundle, "AddressSid": address}
        return {name: sid for name, sid in named.items() if sid}

    def _regulations(self, country: str, number_type: NumberType) -> Sequence[Mapping[str, Any]]:
        found = self._api.regulations(country, number_type.replace("_", "-"))
        regulations: Sequence[Mapping[str, Any]] = found.get("results", ())
        return regulations


def _pointed_at(inbound: InboundUrls) -> dict[str, str]:
    return {
        "VoiceUrl": inbound.voice,
        "VoiceMethod": "POST",
        "SmsUrl": inbound.sms,
        "SmsMethod": "POST",
    }


def _is_business(entry: Mapping[str, Any]) -> bool:
    """Whether it is told by what the client's papers say, not by a paper."""
    return entry.get("type") == "business"


def _owned(number: Mapping[str, Any]) -> OwnedNumber:
    return OwnedNumber(
        supplier_ref=number["sid"],
        phone_number=number["phone_number"],
        hears=_hears(number["capabilities"], number.get("type") or "local"),
    )


def _quotes(sheet: Mapping[str, Any]) -> dict[NumberType, Quote]:
    found = {
        price["number_type"].replace(" ", "_"): Decimal(price["current_price"])
        for price in sheet.get("phone_number_prices", ())
    }
    return {
        kind: Quote(monthly=Money(amount=found[kind], currency=sheet["price_unit"]), set_up=None)
        for kind in _PATHS
        if kind in found
    }


def _hears(capabilities: Mapping[str, bool], kind: str) -> tuple[CodeMethod, ...]:
    return heard_by(kind, voice=bool(capabilities.get("voice")), text=bool(capabilities.get("sms")))
