"""Twilio as a supplier of numbers. A number's friendly name is the reference it was ordered by."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import phonenumbers

from gateway.plugin_api import (
    CodeMethod,
    HttpClient,
    InboundUrls,
    Money,
    NumberOffer,
    NumberSupplier,
    NumberType,
    OwnedNumber,
    Quote,
    Refused,
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


class TwilioSupplier(NumberSupplier):
    """Searches, orders and releases numbers in one Twilio account."""

    name = "twilio"
    settings_schema = TwilioSettings

    def __init__(self, settings: Mapping[str, Any], http: HttpClient) -> None:
        super().__init__(settings, http)
        self._api = TwilioApi(settings, http)

    def search(self, country: str, number_type: NumberType | None = None) -> Sequence[NumberOffer]:
        """Voice-capable numbers: the one way a code reaches a fixed or VoIP number for certain."""
        path = f"AvailablePhoneNumbers/{country}"
        sold = (self._api.get(f"{path}.json") or {}).get("subresource_uris", {})
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
            for item in self._available(f"{path}/{_PATHS[kind]}.json")
        ]
        if not offers:
            raise Refused(
                "out_of_stock",
                f"Twilio has no number of {country} that takes calls at the moment.",
                who="supplier",
            )
        return offers

    def quote(self, offer: NumberOffer) -> Quote:
        """The list price; Twilio charges no set-up."""
        sheet = self._price_sheet(offer.phone_number)
        return Quote(monthly=_monthly(sheet, offer.number_type), set_up=None)

    def find(self, reference: str) -> OwnedNumber | None:
        listed = self._api.get("IncomingPhoneNumbers.json", {"FriendlyName": reference}) or {}
        for number in listed.get("incoming_phone_numbers", ()):
            if number["friendly_name"] == reference:
                return _owned(number, self._price_sheet(number["phone_number"]))
        return None

    def order(self, offer: NumberOffer, *, reference: str, inbound: InboundUrls) -> OwnedNumber:
        # The price first: where it cannot be read, nothing was bought.
        sheet = self._price_sheet(offer.phone_number)
        number = self._api.create(
            "IncomingPhoneNumbers.json",
            {
                "PhoneNumber": offer.phone_number,
                "FriendlyName": reference,
                "VoiceUrl": inbound.voice,
                "VoiceMethod": "POST",
                "SmsUrl": inbound.sms,
                "SmsMethod": "POST",
            },
        )
        return _owned(number, sheet)

    def release(self, supplier_ref: str) -> None:
        self._api.delete(f"IncomingPhoneNumbers/{supplier_ref}.json")

    def _available(self, path: str) -> Sequence[Mapping[str, Any]]:
        found = self._api.get(path, {"VoiceEnabled": "true"}) or {}
        numbers: Sequence[Mapping[str, Any]] = found.get("available_phone_numbers", ())
        return numbers

    def _price_sheet(self, phone_number: str) -> Mapping[str, Any]:
        country = phonenumbers.region_code_for_number(phonenumbers.parse(phone_number))
        return (self._api.prices(country) if country else None) or {}


def _owned(number: Mapping[str, Any], sheet: Mapping[str, Any]) -> OwnedNumber:
    kind = number.get("type") or "local"
    return OwnedNumber(
        supplier_ref=number["sid"],
        phone_number=number["phone_number"],
        hears=_hears(number["capabilities"], kind),
        monthly_price=_monthly(sheet, kind),
    )


def _monthly(sheet: Mapping[str, Any], kind: str) -> Money | None:
    prices = [
        Money(amount=Decimal(price["current_price"]), currency=sheet["price_unit"])
        for price in sheet.get("phone_number_prices", ())
        if price["number_type"] == kind
    ]
    return prices[0] if prices else None


def _hears(capabilities: Mapping[str, bool], kind: str) -> tuple[CodeMethod, ...]:
    methods: list[CodeMethod] = []
    if capabilities.get("voice"):
        methods.append("VOICE")
    if capabilities.get("sms"):
        # WhatsApp advises against texts to anything but a mobile.
        methods.insert(0 if kind == "mobile" else len(methods), "SMS")
    return tuple(methods)
