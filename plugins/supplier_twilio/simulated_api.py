"""The simulated Twilio's REST API.

The fault panel knows its calls as country, search, order, find, look, change, release, prices,
papers and usage.
"""

import hmac
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, request

from gateway.plugin_api import Fault, Faults
from plugins.supplier_twilio import simulated_usage
from plugins.supplier_twilio.simulated_account import (
    KIND,
    MONTHLY_RENT,
    Account,
    TwilioError,
    capabilities,
    country_of,
)
from plugins.supplier_twilio.simulated_compliance import add_routes
from plugins.supplier_twilio.simulated_papers import Papers

_BASE = "/2010-04-01/Accounts/<account_sid>"
_PAGE_SIZE, _LARGEST_PAGE = 50, 1000
_SETTABLE = {
    "FriendlyName": "friendly_name",
    "VoiceUrl": "voice_url",
    "VoiceMethod": "voice_method",
    "SmsUrl": "sms_url",
    "SmsMethod": "sms_method",
    "BundleSid": "bundle_sid",
    "AddressSid": "address_sid",
}
_FILTERS = {"PhoneNumber": "phone_number", "FriendlyName": "friendly_name"}


def make_blueprint(account: Account, papers: Papers, faults: Faults) -> Blueprint:
    """The routes of one account, every answer in Twilio's form."""
    routes = Blueprint("twilio", __name__)

    @routes.before_request
    def authenticate() -> None:
        given = request.authorization
        pair = f"{given.username}:{given.password}" if given and given.type == "basic" else ""
        known = f"{account.sid}:{account.auth_token}"
        if not hmac.compare_digest(pair.encode(), known.encode()):
            raise TwilioError(401, 20003, "Authenticate")
        if (request.view_args or {}).pop("account_sid", account.sid) != account.sid:
            raise TwilioError(404, 20404, f"The requested resource {request.path} was not found")

    @routes.get(f"{_BASE}/AvailablePhoneNumbers/<country>.json")
    def country(country: str) -> Any:
        with faults.around("supplier", "country"):
            _require_sold(account, country)
            return {
                "country_code": country,
                "country": country,
                "beta": False,
                "uri": _uri(),
                "subresource_uris": {KIND: _uri().replace(".json", f"/{KIND.capitalize()}.json")},
            }

    @routes.get(f"{_BASE}/AvailablePhoneNumbers/<country>/<kind>.json")
    def search(country: str, kind: str) -> Any:
        with faults.around("supplier", "search"):
            _require_sold(account, country)
            if kind.lower() != KIND:
                raise TwilioError(404, 20404, f"No {kind} numbers in {country}")
            found = account.available(country, _page_size())
            texts = request.args.get("SmsEnabled") == "true"
            return {
                "available_phone_numbers": [
                    _offer(number, country, "any" if papers.wanted(country) else "none")
                    for number in found
                    if capabilities(number)["sms"] or not texts
                ],
                "uri": _uri(),
            }

    @routes.post(f"{_BASE}/IncomingPhoneNumbers.json")
    def buy() -> Any:
        with faults.around("supplier", "order"):
            phone_number = request.form.get("PhoneNumber", "")
            if not phone_number.startswith("+"):
                raise TwilioError(400, 21421, "PhoneNumber is invalid")
            papers.require(country_of(phone_number), request.form.get("BundleSid"))
            return _resource(account.buy(phone_number, _settable())), 201

    @routes.get(f"{_BASE}/IncomingPhoneNumbers.json")
    def owned() -> Any:
        with faults.around("supplier", "find"):
            return _page(account)

    @routes.get(f"{_BASE}/IncomingPhoneNumbers/<sid>.json")
    def look(sid: str) -> Any:
        with faults.around("supplier", "look"):
            return _resource(account.number(sid))

    @routes.post(f"{_BASE}/IncomingPhoneNumbers/<sid>.json")
    def change(sid: str) -> Any:
        with faults.around("supplier", "change"):
            return _resource(account.update(sid, _settable()))

    @routes.delete(f"{_BASE}/IncomingPhoneNumbers/<sid>.json")
    def release(sid: str) -> Any:
        with faults.around("supplier", "release"):
            account.release(sid)
            return "", 204

    @routes.get("/v1/PhoneNumbers/Countries/<country>")
    def prices(country: str) -> Any:
        with faults.around("supplier", "prices"):
            _require_sold(account, country)
            price = {
                "number_type": KIND,
                "base_price": MONTHLY_RENT,
                "current_price": MONTHLY_RENT,
            }
            return {
                "country": country,
                "iso_country": country,
                "phone_number_prices": [price],
                "price_unit": "USD",
                "url": request.base_url,
            }

    add_routes(routes, _BASE, papers, faults)

    simulated_usage.mount(routes, _BASE, account, faults)

    @routes.errorhandler(Fault)
    def show_fault(fault: Fault) -> tuple[Response, int, dict[str, str]]:
        shown = TwilioError(fault.status, fault.code, "The fault panel wants it so")
        return *show_error(shown), fault.headers

    @routes.errorhandler(TwilioError)
    def show_error(error: TwilioError) -> tuple[Response, int]:
        more = f"https://www.twilio.com/docs/errors/{error.code}"
        body = {"code": error.code, "message": error.message, "more_info": more}
        return jsonify(body | {"status": error.status}), error.status

    return routes


def _require_sold(account: Account, country: str) -> None:
    if country not in account.stock.countries():
        raise TwilioError(404, 20404, f"The requested resource {request.path} was not found")


def _offer(phone_number: str, country: str, requirements: str) -> dict[str, Any]:
    return {
        "friendly_name": phone_number,
        "phone_number": phone_number,
        "iso_country": country,
        "locality": None,
        "region": None,
        "address_requirements": requirements,
        "beta": False,
        "capabilities": capabilities(phone_number),
    }


def _resource(number: dict[str, Any]) -> dict[str, Any]:
    account = f"/2010-04-01/Accounts/{number['account_sid']}"
    return number | {"uri": f"{account}/IncomingPhoneNumbers/{number['sid']}.json"}


def _page(account: Account) -> dict[str, Any]:
    query = {name: request.args[name] for name in _FILTERS if name in request.args}
    found = [
        _resource(number)
        for _, number in account.numbers()
        if all(number[_FILTERS[name]] == value for name, value in query.items())
    ]
    sids = [number["sid"] for number in found]
    after = request.args.get("PageToken", "").removeprefix("PA")
    start = sids.index(after) + 1 if after in sids else 0
    size, page = _page_size(), request.args.get("Page", 0, type=int)
    shown = found[start : start + size]
    first = query | {"PageSize": str(size), "Page": "0"}
    following = None
    if found[start + size :]:
        token = {"Page": str(page + 1), "PageToken": f"PA{shown[-1]['sid']}"}
        following = f"{_uri()}?{urlencode(first | token)}"
    return {
        "incoming_phone_numbers": shown,
        "page": page,
        "page_size": size,
        "start": start,
        "end": start + len(shown) - 1,
        "uri": _uri(),
        "first_page_uri": f"{_uri()}?{urlencode(first)}",
        "next_page_uri": following,
        "previous_page_uri": None,
    }


def _settable() -> dict[str, str]:
    return {key: request.form[name] for name, key in _SETTABLE.items() if name in request.form}


def _page_size() -> int:
    return max(1, min(request.args.get("PageSize", _PAGE_SIZE, type=int), _LARGEST_PAGE))


def _uri() -> str:
    return request.path[request.path.index("/2010-04-01") :]
