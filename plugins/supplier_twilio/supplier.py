"""Twilio as a supplier of numbers. A number's friendly name is the reference it was ordered by."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from gateway.plugin_api import (
    Adopts,
    CodeMethod,
    ConfiguresInbound,
    HasPapers,
    HttpClient,
    InboundUrls,
    ListsPrices,
    Money,
    NumberOffer,
    NumberSupplier,
    NumberType,
    OwnedNumber,
    PaperRequirement,
    Quote,
    Refused,
    heard_by,
)
from plugins.supplier_twilio.api import TwilioApi
from plugins.supplier_twilio.settings import TwilioSettings

# Nobody expects a recruiter behind a toll-free number: only who asks for one gets it.
_TYPES: tuple[NumberType, ...] = ("local", "mobile", "national")
_PATHS: Mapping[NumberType, str] = {
    "local": "Local",
    "mobile": "Mobile",
    "national": "National",
    "toll_free": "TollFree",
}
_MUST_HEAR: Mapping[NumberType, str] = {"mobile": "SmsEnabled"}
_NO_PRICE = Quote(monthly=None, set_up=None)


class TwilioSupplier(NumberSupplier, Adopts, ConfiguresInbound, HasPapers, ListsPrices):
    """Searches, orders and releases numbers in one Twilio account."""

    name = "twilio"
    settings_schema = TwilioSettings

    def __init__(self, settings: Mapping[str, Any], http: HttpClient) -> None:
        super().__init__(settings, http)
        self._api = TwilioApi(settings, http)

    def search(self, country: str, number_type: NumberType | None = None) -> Sequence[NumberOffer]:
        """Numbers that a code reaches for certain: by text a mobile, by voice any other."""
        sold = (self._api.get(f"AvailablePhoneNumbers/{country}.json") or {}).get(
            "subresource_uris", {}
        )
        if not sold:
            raise Refused("country_not_sold", f"Twilio sells no numbers of {country}.")
        wanted = (number_type,) if number_type else _TYPES
        types = [kind for kind in wanted if kind in sold]
        if not types:
            raise Refused(
                "type_not_sold",
                f"Of {country} Twilio sells {', '.join(sorted(sold))}, not {', '.join(wanted)}.",
            )
        offers = [
            NumberOffer(
                phone_number=item["phone_number"],
                country=country,
                number_type=kind,
                hears=_hears(item["capabilities"], kind),
            )
            for kind in types
            for item in self._available(country, kind)
        ]
        if not offers:
            raise Refused(
                "out_of_stock",
                f"Twilio has no number of {country} that hears codes at the moment.",
                who="supplier",
            )
        return offers

    def quote(self, offer: NumberOffer) -> Quote:
        return self.price_sheet(offer.country).get(offer.number_type, _NO_PRICE)

    def price_sheet(self, country: str) -> Mapping[NumberType, Quote]:
        """The list prices of the account; Twilio charges no set-up."""
        return _quotes(self._api.prices(country) or {})

    def requirements(self, country: str, number_type: NumberType) -> Sequence[PaperRequirement]:
        """What the country's regulation asks of a business: numbers are the platform's, which hands
        it in once, in Twilio's console, and names the approved bundle in the settings."""
        found = self._api.regulations(country, number_type.replace("_", "-"))
        return [
            PaperRequirement(name=paper["requirement_name"], title=paper["name"], who="operator")
            for regulation in found.get("results", ())
            for paper in _papers(regulation["requirements"])
        ]

    def order(self, offer: NumberOffer, *, reference: str, inbound: InboundUrls) -> OwnedNumber:
        form = {
            "PhoneNumber": offer.phone_number,
            "FriendlyName": reference,
            **_pointed_at(inbound),
            **self._in_order("BundleSid", "bundles", offer.country),
            **self._in_order("AddressSid", "addresses", offer.country),
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

    def _available(self, country: str, kind: NumberType) -> Sequence[Mapping[str, Any]]:
        path = f"AvailablePhoneNumbers/{country}/{_PATHS[kind]}.json"
        found = self._api.get(path, {_MUST_HEAR.get(kind, "VoiceEnabled"): "true"}) or {}
        numbers: Sequence[Mapping[str, Any]] = found.get("available_phone_numbers", ())
        return numbers

    def _in_order(self, parameter: str, setting: str, country: str) -> dict[str, str]:
        sid = self.settings[setting].get(country)
        return {parameter: sid} if sid else {}


def _pointed_at(inbound: InboundUrls) -> dict[str, str]:
    return {
        "VoiceUrl": inbound.voice,
        "VoiceMethod": "POST",
        "SmsUrl": inbound.sms,
        "SmsMethod": "POST",
    }


def _papers(required: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The entries of a regulation: who the business is, then each group of papers."""
    groups = [required.get("end_user", ()), *required.get("supporting_document", ())]
    return [paper for group in groups for paper in group]


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
