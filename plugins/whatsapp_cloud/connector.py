"""Links a business by Embedded Signup v4.

Source: Embedded Signup, implementation (20 February 2026), versions, pre-filled data, and managing
accounts; `health_status` of the WABA reference.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from marshmallow import Schema

from gateway.plugin_api import (
    AccountStopped,
    ConnectedNumber,
    Connector,
    Grant,
    HttpClient,
    Prefill,
    Refused,
    SignupDialog,
)

from . import registrar
from .graph import Graph, text_in
from .settings import NAME, SignupSettings

_SCOPES: Final = ("whatsapp_business_management", "whatsapp_business_messaging")
_NEWEST_FIRST: Final = "['last_onboarded_time_descending']"
_IN_APP: Final = "whatsapp_business_app_onboarding"
_NO_PAYMENT: Final = 141006
_OF_CODES = {"100/36007": "signup_code_expired", "100/36009": "signup_code_used"}
_SAID: Final = {
    "100/36007": "The code lives 30 seconds, and they were over",
    "100/36009": "The code was used before",
}


class WhatsAppCloudConnector(Connector):
    """The connector of the Cloud API. A Tech Provider may not read everything of an account."""

    name: ClassVar[str] = NAME
    settings_schema: ClassVar[type[Schema]] = SignupSettings

    def __init__(self, settings: Mapping[str, Any], http: HttpClient) -> None:
        super().__init__(settings, http)
        app = f"{settings['app_id']}|{settings['app_secret']}"
        self._app = Graph({**settings, "access_token": app}, http)

    @property
    def is_configured(self) -> bool:
        return bool(self.settings["signup_config_id"])

    def dialog(self, known: Prefill) -> SignupDialog:
        ours = {"preVerifiedPhone": {"ids": list(known.pre_verified)}} if known.pre_verified else {}
        return SignupDialog(
            sdk_url=self.settings["sdk_url"],
            app_id=self.settings["app_id"],
            version=self.settings["version"],
            options={
                "config_id": self.settings["signup_config_id"],
                "response_type": "code",
                "override_default_response_type": True,
                "extras": {
                    "setup": {
                        "business": {
                            "name": known.business_name,
                            "address": {"country": known.country},
                        },
                        "phone": {"displayName": known.display_name},
                        **ours,
                    },
                    "featureType": _IN_APP if known.stays_in_app else "",
                },
            },
        )

    def exchange(self, code: str) -> str:
        with _refusals_of_codes():
            # Codes of the JavaScript SDK go without a redirect_uri.
            answer = self._app.get(
                "oauth/access_token",
                {
                    "client_id": self.settings["app_id"],
                    "client_secret": self.settings["app_secret"],
                    "code": code,
                },
            )
        return text_in(answer, "access_token")

    def inspect(self, access_token: str) -> Grant:
        told = self._app.get("debug_token", {"input_token": access_token}).get("data") or {}
        if str(told.get("app_id")) != self.settings["app_id"] or not told.get("is_valid"):
            raise _not_ours("The token is not one of our app's")
        granted = {one.get("scope"): one for one in told.get("granular_scopes") or ()}
        if not set(_SCOPES) <= set(told.get("scopes") or ()):
            raise _not_ours("A permission was not granted")
        ends = int(told.get("expires_at") or 0)
        return Grant(
            accounts=tuple(str(one) for one in granted.get(_SCOPES[0], {}).get("target_ids") or ()),
            expires_at=datetime.fromtimestamp(ends, UTC) if ends else None,
        )

    def numbers(self, access_token: str, waba_id: str) -> Sequence[ConnectedNumber]:
        fields = f"{registrar.FIELDS},is_on_biz_app,health_status"
        pages = self._by(access_token).pages(
            f"{waba_id}/phone_numbers", {"fields": fields, "sort": _NEWEST_FIRST}
        )
        return [
            ConnectedNumber(
                number=registrar.number_in(item),
                portfolio_id=_portfolio(item),
                coexists=bool(item.get("is_on_biz_app")),
            )
            for item in pages
            if item.get("status") not in registrar.GONE
        ]

    def has_payment_method(self, access_token: str, waba_id: str) -> bool | None:
        try:
            held = self._by(access_token).get(waba_id, {"fields": "id,primary_funding_id"})
        except AccountStopped as error:
            # Solution Partners alone may read it; then only its lack shows, in the health status.
            if (error.provider_code or "").partition("/")[0] != "10":
                raise
            return False if self._is_said_to_lack_payment(access_token, waba_id) else None
        return bool(held.get("primary_funding_id"))

    def leave(self, access_token: str, waba_id: str) -> None:
        self._by(access_token).delete(f"{waba_id}/subscribed_apps")

    def _is_said_to_lack_payment(self, access_token: str, waba_id: str) -> bool:
        held = self._by(access_token).get(waba_id, {"fields": "id,health_status"})
        return any(
            error.get("error_code") == _NO_PAYMENT
            for entity in _entities(held)
            for error in entity.get("errors") or ()
        )

    def _by(self, access_token: str) -> Graph:
        return Graph(self.settings, self.http, access_token=access_token)


@contextmanager
def _refusals_of_codes() -> Iterator[None]:
    try:
        yield
    except Refused as error:
        said = _SAID.get(error.provider_code or "", "Meta knows no such code of our app's")
        raise Refused(
            _OF_CODES.get(error.provider_code or "", "signup_code_wrong"),
            f"{said}: open the sign-up again.",
            provider_code=error.provider_code,
            who="client",
        ) from error


def _not_ours(what: str) -> Refused:
    return Refused(
        "signup_not_ours",
        f"{what}: open the sign-up again and grant every permission it asks for.",
        who="client",
    )


def _portfolio(item: Mapping[str, Any]) -> str | None:
    found = (one["id"] for one in _entities(item) if one.get("entity_type") == "BUSINESS")
    return next((str(one) for one in found), None)


def _entities(item: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    told: Mapping[str, Any] = item.get("health_status") or {}
    return told.get("entities") or ()
