"""Makes a number a WhatsApp number, by the Graph API."""

from collections.abc import Mapping, Sequence
from copy import copy
from datetime import datetime
from typing import Any, ClassVar, Self

import phonenumbers
from marshmallow import Schema

from gateway.plugin_api import (
    AccountHealth,
    ActsForOthers,
    Branding,
    BusinessProfile,
    Charge,
    CodeMethod,
    HttpClient,
    NumberRegistrar,
    Refused,
    ReportsCharges,
    ReportsHealth,
    WhatsAppNumber,
)

from . import charges, health
from .business_app import AsksTheApp
from .graph import Graph, text_in
from .pre_verified import HoldsPreVerified
from .settings import NAME, WhatsAppCloudSettings
from .standing import TellsStanding

FIELDS = (
    "id,display_phone_number,verified_name,name_status,code_verification_status,status,"
    "platform_type,quality_rating,new_display_name,new_name_status"
)
_PROFILE = "about,description,profile_picture_url,websites,vertical,address,email"
GONE = frozenset({"DELETED", "MIGRATED"})


class WhatsAppCloudRegistrar(
    HoldsPreVerified,
    TellsStanding,
    AsksTheApp,
    NumberRegistrar,
    ReportsHealth,
    ReportsCharges,
    ActsForOthers,
):
    """The registrar of the Cloud API.

    Source: business phone number reference. Meta answers `success` to `register` before the
    number can carry anything: read it again and wait for `connected`.
    """

    name: ClassVar[str] = NAME
    settings_schema: ClassVar[type[Schema]] = WhatsAppCloudSettings

    def __init__(self, settings: Mapping[str, Any], http: HttpClient) -> None:
        super().__init__(settings, http)
        self._graph = Graph(settings, http)

    def acting_by(self, access_token: str) -> Self:
        theirs = copy(self)
        theirs._graph = Graph(self.settings, self.http, access_token=access_token)
        return theirs

    def find(self, *, waba_id: str, phone_number: str) -> WhatsAppNumber | None:
        for item in self._graph.pages(f"{waba_id}/phone_numbers", {"fields": FIELDS}):
            number = number_in(item)
            if number.phone_number == phone_number and item.get("status") not in GONE:
                return number
        return None

    def number(self, phone_number_id: str) -> WhatsAppNumber:
        return number_in(self._graph.get(phone_number_id, {"fields": FIELDS}))

    def health(self, waba_id: str) -> AccountHealth:
        return health.account(self._graph, waba_id)

    def charges(self, waba_id: str, *, since: datetime, until: datetime) -> Sequence[Charge]:
        return charges.of_account(self._graph, waba_id, since, until)

    def add(self, *, waba_id: str, phone_number: str, display_name: str) -> str:
        country_code, national = _parts(phone_number)
        answer = self._graph.post(
            f"{waba_id}/phone_numbers",
            {"cc": country_code, "phone_number": national, "verified_name": display_name},
        )
        return text_in(answer, "id")

    def subscribe(self, waba_id: str) -> None:
        self._graph.post(f"{waba_id}/subscribed_apps")

    def request_code(self, phone_number_id: str, *, method: CodeMethod, language: str) -> None:
        self._graph.post(
            f"{phone_number_id}/request_code", {"code_method": method, "language": language}
        )

    def verify_code(self, phone_number_id: str, code: str) -> None:
        try:
            self._graph.post(f"{phone_number_id}/verify_code", {"code": code})
        except Refused as error:
            # Meta also answers the catch-all 100 to a code of the wrong form.
            if error.provider_code != "100":
                raise
            raise Refused(
                "wrong_code", error.detail, provider_code=error.provider_code, who="gateway"
            ) from error

    def register(self, phone_number_id: str, *, pin: str) -> None:
        self._graph.post(
            f"{phone_number_id}/register", {"messaging_product": "whatsapp", "pin": pin}
        )

    def deregister(self, phone_number_id: str) -> None:
        self._graph.post(f"{phone_number_id}/deregister")

    def rename(self, phone_number_id: str, *, display_name: str) -> None:
        self._graph.post(phone_number_id, {"new_display_name": display_name})

    def profile(self, phone_number_id: str) -> BusinessProfile:
        answer = self._graph.get(
            f"{phone_number_id}/whatsapp_business_profile",
            {"fields": _PROFILE},
        )
        held: Mapping[str, Any] = next(iter(answer.get("data", ())), {})
        return BusinessProfile(
            about=held.get("about", ""),
            description=held.get("description", ""),
            has_picture=bool(held.get("profile_picture_url")),
            websites=tuple(held.get("websites") or ()),
            vertical=held.get("vertical"),
            address=held.get("address"),
            email=held.get("email"),
        )

    def brand(self, phone_number_id: str, branding: Branding) -> None:
        said = {
            "websites": list(branding.websites),
            "vertical": branding.vertical,
            "address": branding.address,
            "email": branding.email,
        }
        profile = {
            "messaging_product": "whatsapp",
            "about": branding.about,
            "description": branding.description,
            **{field: value for field, value in said.items() if value},
        }
        if branding.picture is not None:
            profile["profile_picture_handle"] = self._graph.upload(
                branding.picture, content_type=branding.picture_type, name="logo"
            )
        self._graph.post(f"{phone_number_id}/whatsapp_business_profile", profile)


def number_in(item: Mapping[str, Any]) -> WhatsAppNumber:
    digits = "".join(c for c in item.get("display_phone_number", "") if c.isdigit())
    return WhatsAppNumber(
        phone_number_id=text_in(item, "id"),
        phone_number=f"+{digits}",
        display_name=item.get("verified_name", ""),
        name_status=item.get("name_status", "NONE"),
        code_verified=item.get("code_verification_status") == "VERIFIED",
        connected=health.is_connected(item),
        quality_rating=item.get("quality_rating", "UNKNOWN"),
        new_display_name=item.get("new_display_name"),
        new_name_status=item.get("new_name_status", "NONE"),
    )


def _parts(phone_number: str) -> tuple[str, str]:
    try:
        parsed = phonenumbers.parse(phone_number)
    except phonenumbers.NumberParseException as error:
        raise Refused("bad_number", f"{phone_number!r} is no E.164 number: correct it.") from error
    return str(parsed.country_code), phonenumbers.national_significant_number(parsed)
