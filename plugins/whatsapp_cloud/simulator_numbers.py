"""The simulated life of a business number: added, verified, registered, taken off again."""

import secrets
from datetime import datetime, timedelta
from typing import Any

import phonenumbers
from flask import Blueprint, request

from .simulator_callbacks import Callbacks
from .simulator_errors import GraphError
from .simulator_health import Health
from .simulator_names import Names
from .simulator_platform import Platform, chosen, given, new_number, page

CODE_LIVES = timedelta(minutes=10)
TRIES = 10
TRIES_LAST = timedelta(hours=72)
_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_CALLER = "+16505550100"
_USUAL = ("id", "display_phone_number", "verified_name", "quality_rating",
          "code_verification_status", "platform_type", "status", "throughput")  # fmt: skip
# Fields that a number may be asked for and that have no value here: Meta leaves such ones out.
_EMPTY = ("certificate", "conversational_automation", "eligibility_for_api_business_global_search",
          "last_onboarded_time", "new_certificate", "official_business_account",
          "search_visibility")  # fmt: skip


class Numbers:
    """Numbers of the simulated WABAs.

    Adding a number succeeds while a consumer account still holds it; registering does not. A
    number is never deleted by the API: that takes a person in the WhatsApp Manager.
    """

    def __init__(
        self, platform: Platform, names: Names, callbacks: Callbacks, health: Health
    ) -> None:
        self._platform = platform
        self._names = names
        self._callbacks = callbacks
        self._health = health
        platform.world.on("graph.send_code", self._send_code)

    def mount(self, blueprint: Blueprint) -> None:
        for method, path, view in (
            ("GET", "/<version>/<waba_id>/phone_numbers", self.list_numbers),
            ("POST", "/<version>/<waba_id>/phone_numbers", self.add),
            ("POST", "/<version>/<number_id>/request_code", self.request_code),
            ("POST", "/<version>/<number_id>/verify_code", self.verify_code),
            ("POST", "/<version>/<number_id>/register", self.register),
            ("POST", "/<version>/<number_id>/deregister", self.deregister),
        ):
            blueprint.add_url_rule(path, view_func=view, methods=[method])
        # Clients may end the path with a slash here.
        blueprint.add_url_rule(
            "/<version>/<number_id>", view_func=self.change, methods=["POST"], strict_slashes=False
        )

    def list_numbers(self, waba_id: str) -> Any:
        with self._platform.call("read_phone_numbers"):
            self._platform.portfolio_of(waba_id)
            here = [n for n in self._platform.numbers() if n["waba_id"] == waba_id]
            if "descending" in request.args.get("sort", ""):
                here.reverse()
            return page([chosen(self._shown(n), _USUAL) for n in here], request.base_url)

    def show(self, number_id: str) -> dict[str, Any]:
        with self._platform.call("read_number"):
            return chosen(self._shown(self._platform.number(number_id)), _USUAL)

    def add(self, waba_id: str) -> Any:
        with self._platform.call("phone_numbers"), self._platform.lock:
            portfolio = self._platform.portfolio_of(waba_id)
            asked = given()
            phone, name = _e164(asked), _name(asked, "verified_name")
            self._refuse_too_many(portfolio["wabas"], portfolio["number_limit"], waba_id, phone)
            number_id = self._platform.identifier("number", 3_300_000_000_000_000)
            self._platform.save_number(
                new_number(
                    number_id,
                    waba_id=waba_id,
                    portfolio_id=portfolio["id"],
                    phone=phone,
                    name=name,
                )
            )
            self._names.review_soon(number_id)
            return {"id": number_id}

    def change(self, number_id: str) -> Any:
        with self._platform.call("update_number"):
            self._platform.number(number_id)
            asked, changes = given(), dict[str, Any]()
            if "pin" in asked:
                changes["pin"] = _pin(asked)
            if "webhook_configuration" in asked:
                changes["callback"] = self._callbacks.confirmed(asked["webhook_configuration"])
            if "new_display_name" in asked:
                changes |= {
                    "new_display_name": _name(asked, "new_display_name"),
                    "new_name_status": "PENDING_REVIEW",
                }
            with self._platform.lock:
                self._platform.save_number(self._platform.number(number_id) | changes)
                if "new_display_name" in changes:
                    self._names.review_soon(number_id)
            return {"success": True}

    def request_code(self, number_id: str) -> Any:
        with self._platform.call("request_code"), self._platform.lock:
            number, asked = self._platform.number(number_id), given()
            if asked.get("code_method") not in ("VOICE", "SMS") or not asked.get("language"):
                raise GraphError(100, "code_method must be SMS or VOICE, with a language.")
            self._spend_try(number["phone"], "request_code")
            code = f"{secrets.randbelow(1_000_000):06d}"
            until = self._platform.world.now() + CODE_LIVES
            self._platform.save_number(number | {"code": code, "code_until": until.isoformat()})
            # The answer comes first, then the telephone rings.
            task = {"to": number["phone"], "code": code, "method": asked["code_method"]}
            self._platform.world.later(0.1, "graph.send_code", task)
            return {"success": True}

    def verify_code(self, number_id: str) -> Any:
        with self._platform.call("verify_code"), self._platform.lock:
            number = self._platform.number(number_id)
            if number["code"] is None or str(given().get("code")) != number["code"]:
                raise GraphError(136025, "The code is not the one that was sent.")
            if self._platform.world.now() > datetime.fromisoformat(number["code_until"]):
                raise GraphError(136025, "The code has expired: request another one.")
            number |= {"verified": True, "code": None, "code_until": None}
            self._platform.save_number(number)
            return {"success": True}

    def register(self, number_id: str) -> Any:
        with self._platform.call("register"), self._platform.lock:
            number, asked = self._platform.number(number_id), given()
            _refuse_of_app(number)
            if asked.get("messaging_product") != "whatsapp":
                raise GraphError(100, "messaging_product must be whatsapp.")
            pin = _pin(asked)
            self._spend_try(number["phone"], "register")
            self._refuse_unready(number, pin)
            number |= {"status": "CONNECTED", "pin": pin}
            # An approved name reaches people's phones with a registration, not before.
            if number["name_status"] == "APPROVED":
                number["shown_name"] = number["verified_name"]
            self._platform.save_number(number)
            self._platform.world.store.put("graph_registered", number["phone"], {"id": number_id})
            return {"success": True}

    def deregister(self, number_id: str) -> Any:
        with self._platform.call("deregister"), self._platform.lock:
            number = self._platform.number(number_id)
            _refuse_of_app(number)
            self._spend_try(number["phone"], "deregister")
            if number["status"] != "CONNECTED":
                raise GraphError(133010, "The number is not registered.")
            self._platform.save_number(number | {"status": "DISCONNECTED"})
            self._platform.world.store.delete("graph_registered", number["phone"])
            return {"success": True}

    def _refuse_too_many(self, wabas: Any, limit: int, waba_id: str, phone: str) -> None:
        held = [n for n in self._platform.numbers() if n["waba_id"] in wabas]
        if any((n["waba_id"], n["phone"]) == (waba_id, phone) for n in held):
            raise GraphError(100, "The account has this number already.", subcode=2388012)
        if len(held) >= self._platform.decisions.number_limit(limit):
            raise GraphError(100, "The portfolio holds as many numbers as it may.")

    def _spend_try(self, phone: str, call: str) -> None:
        """Whoever has the number now: what it tried before counts, what was refused as well."""
        store, key = self._platform.world.store, f"{call} {phone}"
        since = self._platform.ago(TRIES_LAST.total_seconds())
        tries = [at for at in (store.get("graph_tries", key) or {"at": ()})["at"] if at > since]
        tries.append(self._platform.world.now().timestamp())
        store.put("graph_tries", key, {"at": tries})
        if len(tries) > TRIES:
            raise GraphError(133016, f"More than {TRIES} tries within 72 hours.")

    def _refuse_unready(self, number: dict[str, Any], pin: str) -> None:
        holder = self._platform.number_on_whatsapp(number["phone"])
        if self._platform.decisions.on_consumer_whatsapp(number["phone"]) or (
            holder is not None and holder["id"] != number["id"]
        ):
            raise GraphError(
                100,
                "The number belongs to an existing WhatsApp account.",
                subcode=2388001,
                user_title="Cannot Create Certificate",
                user_message="Disconnect the number from its WhatsApp account, then try again.",
            )
        if not number["verified"]:
            raise GraphError(133006, "Request a code and verify it before registering.")
        elsewhere = self._platform.decisions.two_step_pin(number["phone"])
        if {number["pin"], elsewhere} - {None, pin}:
            raise GraphError(133005, "The PIN is not the one set for this number.")

    def _send_code(self, task: dict[str, Any]) -> None:
        code = task["code"]
        if task["method"] == "SMS":
            text = f"WhatsApp Business: your code is {code[:3]}-{code[3:]}."
            self._platform.world.text(task["to"], sender="WhatsApp", body=text)
            return
        spoken = ", ".join(_DIGITS[int(digit)] for digit in code)
        speech = f"Hello. Your verification code is: {spoken}. Again, your code is: {spoken}."
        self._platform.world.ring(task["to"], caller=_CALLER, speech=speech)

    def _shown(self, number: dict[str, Any]) -> dict[str, Any]:
        connected = number["status"] == "CONNECTED"
        quality = self._platform.decisions.quality(number["phone"]) if connected else None
        parsed = phonenumbers.parse(number["phone"])
        return {
            **dict.fromkeys(_EMPTY),
            "id": number["id"],
            "country_code": phonenumbers.region_code_for_number(parsed),
            "country_dial_code": str(parsed.country_code),
            "display_phone_number": phonenumbers.format_number(
                parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL
            ),
            "verified_name": number["verified_name"],
            "status": number["status"],
            "code_verification_status": "VERIFIED" if number["verified"] else "NOT_VERIFIED",
            "name_status": number["name_status"],
            "new_display_name": number["new_display_name"],
            "new_name_status": number["new_name_status"],
            "quality_rating": quality or "NA",
            "quality_score": {"score": quality or "UNKNOWN"},
            "health_status": self._health.of(number),
            "platform_type": "CLOUD_API" if connected else "NOT_APPLICABLE",
            "throughput": {"level": "STANDARD" if connected else "NOT_APPLICABLE"},
            "account_mode": "LIVE",
            "is_pin_enabled": number["pin"] is not None,
            "is_on_biz_app": "on_app" in number
            or self._platform.decisions.coexists(number["phone"]),
            "is_official_business_account": self._platform.decisions.official(number["phone"]),
            "is_preverified_number": False,
            "webhook_configuration": self._callbacks.of_number(number),
            "whatsapp_business_manager_messaging_limit": (
                self._platform.decisions.messaging_limit()
            ),
        }


def _refuse_of_app(number: dict[str, Any]) -> None:
    if "on_app" in number:
        raise GraphError(100, "The number is managed in the WhatsApp Business app.")


def _e164(asked: dict[str, Any]) -> str:
    calling_code = asked.get("cc") or asked.get("country_code") or ""  # clients send either
    phone = f"+{calling_code}{asked.get('phone_number', '')}"
    try:
        parsed = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException as error:
        raise GraphError(100, "cc and phone_number are no phone number.") from error
    if not phonenumbers.is_possible_number(parsed):
        raise GraphError(100, "cc and phone_number are no phone number.")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _name(asked: dict[str, Any], field: str) -> str:
    name = str(asked.get(field, ""))
    if not 2 <= len(name) <= 75:
        raise GraphError(100, f"{field} must have 2 to 75 characters.")
    return name


def _pin(asked: dict[str, Any]) -> str:
    pin = asked.get("pin")
    if not (isinstance(pin, str) and len(pin) == 6 and pin.isdecimal()):
        raise GraphError(100, "pin must have six digits.")
    return pin
