"""The simulated Embedded Signup v4: Meta's script, the pop-up it opens, and the exchange of codes.

The pop-up asks what Meta's asks, in four steps, and tells the page that opened it the same: by
`postMessage` what was chosen, by the call's own answer the code, in either order. A number of the
WhatsApp Business app takes a fifth, in the app, and is refused where the page did not ask for it.
"""

import hmac
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import phonenumbers
from flask import Blueprint, Response, request

from .simulator_businesses import Businesses
from .simulator_errors import GraphError
from .simulator_names import Names
from .simulator_platform import Platform, given, new_number
from .simulator_pre_verified import PreVerified
from .simulator_refusals import refused

_PAGES: Final = Path(__file__).parent / "simulator_pages"
_CODE_LIVES: Final = timedelta(minutes=10)


class Signup:
    """Everything that a person does in the pop-up goes through `number`, `code` and `finish`."""

    def __init__(
        self, platform: Platform, names: Names, businesses: Businesses, pre_verified: PreVerified
    ) -> None:
        self._platform = platform
        self._names = names
        self._businesses = businesses
        self._pre_verified = pre_verified

    def mount(self, blueprint: Blueprint) -> None:
        for method, path, view in (
            ("GET", "/sdk.js", self.sdk),
            ("GET", "/dialog.js", self.script),
            ("GET", "/dialog", self.dialog),
            ("GET", "/dialog/offers", self.offers),
            ("POST", "/dialog/number", self.number),
            ("POST", "/dialog/finish", self.finish),
            ("GET", "/<version>/oauth/access_token", self.exchange),
            ("GET", "/<version>/debug_token", self.debug),
        ):
            endpoint = f"signup_{view.__name__}"
            blueprint.add_url_rule(path, endpoint, view_func=view, methods=[method])

    def sdk(self) -> Response:
        text = (_PAGES / "sdk.js").read_text()
        dialog = f"{self._platform.world.sandbox_url}/graph/dialog"
        return Response(text.replace("DIALOG_URL", dialog), mimetype="text/javascript")

    def script(self) -> Response:
        return Response((_PAGES / "dialog.js").read_text(), mimetype="text/javascript")

    def dialog(self) -> Response:
        if request.args.get("app_id") != self._platform.app["app_id"]:
            return Response("Invalid App ID", 400)
        if request.args.get("config_id") != self._platform.app["signup_config_id"]:
            return Response("Invalid configuration", 400)
        return Response((_PAGES / "dialog.html").read_text(), mimetype="text/html")

    def offers(self) -> Any:
        """Of the pre-verified numbers that the page passed on, those that nobody has picked."""
        with self._platform.call("signup_offers"):
            return {"data": self._pre_verified.open_of(request.args.get("ids", "").split(","))}

    def number(self) -> Any:
        """The third step: a code is sent to the number; here it is also in the answer."""
        with self._platform.call("signup_number"):
            phone = _e164(str(given().get("phone", "")))
            self._refuse(phone, coexists=bool(given().get("coexists")))
            code = f"{secrets.randbelow(1_000_000):06d}"
            until = (self._platform.world.now() + _CODE_LIVES).isoformat()
            self._platform.world.store.put(
                "graph_signup_code", phone, {"code": code, "until": until}
            )
            return {"phone": phone, "sandbox_code": code}

    def finish(self) -> Any:
        """The end: what the page is told, and the code of the grant.

        `coexists` leaves the number in the app; one that is pre-verified takes no code; without
        either there is no number.
        """
        with self._platform.call("signup_finish"), self._platform.lock:
            asked = given()
            business = str(asked.get("business") or "").strip()
            if not business:
                raise GraphError(100, "Choose a business portfolio.")
            waba = self._businesses.account(business)
            number = self._verified(waba, asked) if asked.get("phone") else None
            if asked.get("pre_verified_id"):
                number = self._pre_verified.pick(str(asked["pre_verified_id"]), waba)
                self._names.review_soon(number["id"])
            message = _message(waba, number, coexists=bool(asked.get("coexists")))
            earlier = [it for it in self._platform.decisions.also_granted() if it != waba["id"]]
            return {
                "code": self._businesses.grant([*earlier, waba["id"]]),
                "message": message,
                "order": self._platform.decisions.signup_order(),
            }

    def exchange(self) -> Any:
        with self._platform.call("read_access_token"), self._platform.lock:
            app, asked = self._platform.app, request.args
            is_ours = hmac.compare_digest(
                asked.get("client_secret", "").encode(), app["app_secret"].encode()
            )
            if asked.get("client_id") != app["app_id"] or not is_ours:
                raise GraphError(1, "Error validating client secret.")
            return self._businesses.exchange(asked.get("code", ""))

    def debug(self) -> Any:
        with self._platform.call("read_debug_token"):
            app = self._platform.app
            expected = f"Bearer {app['app_id']}|{app['app_secret']}"
            if not hmac.compare_digest(
                request.headers.get("Authorization", "").encode(), expected.encode()
            ):
                raise GraphError(190, "debug_token takes the token of the app.")
            token = request.args.get("input_token", "")
            return {"data": self._businesses.debug(token, app["app_id"])}

    def _refuse(self, phone: str, *, coexists: bool) -> None:
        refusal = refused(self._platform.decisions, phone, coexists=coexists)
        if refusal:
            raise GraphError(100, refusal)

    def _verified(self, waba: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
        """The number, added to the account once its code was typed; as it is where it is there."""
        phone = _e164(str(asked["phone"]))
        sent = self._platform.world.store.get("graph_signup_code", phone)
        now = self._platform.world.now().isoformat()
        if sent is None or str(asked.get("code")) != sent["code"] or now > sent["until"]:
            raise GraphError(100, "That code is not right, or it has expired.")
        coexists = bool(asked.get("coexists"))
        self._refuse(phone, coexists=coexists)
        since = self._platform.world.now().isoformat()
        linked = {"on_app": since, "status": "CONNECTED"} if coexists else {}
        for known in self._platform.numbers():
            if (known["waba_id"], known["phone"]) == (waba["id"], phone):
                if linked and "on_app" not in known:
                    self._link(known | linked)
                return known
        number = new_number(
            self._platform.identifier("number", 3_300_000_000_000_000),
            waba_id=waba["id"],
            portfolio_id=waba["business_id"],
            phone=phone,
            name=str(asked.get("display_name") or asked["business"]),
            verified=True,
            **linked,
        )
        self._platform.save_number(number)
        if linked:
            self._link(number)
        if "shares_history" in asked:
            app = self._platform.world.store.get("graph_app", phone) or {}
            shares = {"shares_history": asked["shares_history"]}
            self._platform.world.store.put("graph_app", phone, app | shares)
        self._names.review_soon(number["id"])
        return number

    def _link(self, number: dict[str, Any]) -> None:
        """Its WhatsApp Business app and the Cloud API share the number from now on."""
        self._platform.save_number(number)
        self._platform.world.store.put("graph_registered", number["phone"], {"id": number["id"]})


def _message(
    waba: dict[str, Any], number: dict[str, Any] | None, *, coexists: bool
) -> dict[str, Any]:
    data = {"waba_id": waba["id"], "business_id": waba["business_id"]}
    if number is None:
        event = "FINISH_ONLY_WABA"
    elif coexists:
        event, data = "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING", {"waba_id": waba["id"]}
    else:
        event, data = "FINISH", {"phone_number_id": number["id"], **data}
    return {"type": "WA_EMBEDDED_SIGNUP", "event": event, "version": 4, "data": data}


def _e164(phone: str) -> str:
    try:
        parsed = phonenumbers.parse(phone, None)
    except phonenumbers.NumberParseException as error:
        raise GraphError(100, "Enter a phone number with its country code.") from error
    if not phonenumbers.is_possible_number(parsed):
        raise GraphError(100, "This is not a phone number.")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
