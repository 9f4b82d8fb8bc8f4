"""The simulated Telnyx's REST API.

The fault panel knows its calls as coverage, search, reserve, reserved, order, find, look, change,
release, call and usage; those of the regulatory flow by the names in `simulated_compliance`.
"""

import hmac
from typing import Any

from flask import Blueprint, Response, jsonify, request

from gateway.plugin_api import Fault, Faults, hears_texts
from plugins.supplier_telnyx import simulated_usage
from plugins.supplier_telnyx.simulated_account import (
    COST,
    KIND,
    Account,
    TelnyxError,
)
from plugins.supplier_telnyx.simulated_calls import Lines
from plugins.supplier_telnyx.simulated_compliance import add_routes
from plugins.supplier_telnyx.simulated_papers import Papers


def make_blueprint(account: Account, lines: Lines, papers: Papers, faults: Faults) -> Blueprint:
    """The routes of one account, every answer in Telnyx's form."""
    routes = Blueprint("telnyx", __name__)

    @routes.before_request
    def authenticate() -> None:
        given = request.headers.get("Authorization", "")
        known = f"Bearer {account.settings['api_key']}"
        if not hmac.compare_digest(given.encode(), known.encode()):
            raise TelnyxError(401, "10009", "Authentication failed")

    @routes.get("/v2/country_coverage/countries/<country>")
    def coverage(country: str) -> Any:
        with faults.around("supplier", "coverage"):
            if country not in account.stock.countries():
                raise TelnyxError(404, "10005", "Resource not found")
            return {"data": {"code": country, "numbers": True, "phone_number_type": [KIND]}}

    @routes.get("/v2/available_phone_numbers")
    def search() -> Any:
        with faults.around("supplier", "search"):
            asked = request.args
            country = asked["filter[country_code]"]
            found = account.available(
                country,
                asked.get("filter[phone_number][contains]", ""),
                exclude_held=asked.get("filter[exclude_held_numbers]") == "true",
            )
            if asked["filter[phone_number_type]"] != KIND:
                found = ()
            shown = found[: asked.get("filter[limit]", 10, type=int)]
            return _list([_offer(number) for number in shown])

    @routes.post("/v2/number_reservations")
    def reserve() -> Any:
        with faults.around("supplier", "reserve"):
            [number] = _body()["phone_numbers"]
            reference = _body()["customer_reference"]
            return {"data": account.reserve(number["phone_number"], reference)}

    @routes.get("/v2/number_reservations")
    def reservations() -> Any:
        with faults.around("supplier", "reserved"):
            return _list(account.reservations(request.args["filter[customer_reference]"]))

    @routes.post("/v2/number_orders")
    def order() -> Any:
        with faults.around("supplier", "order"):
            [number] = _body()["phone_numbers"]
            country = account.country_of(number["phone_number"])
            met = papers.are_met(country, number.get("requirement_group_id"))
            return {"data": account.order(_body(), requirements_met=met)}

    @routes.get("/v2/number_orders")
    def orders() -> Any:
        with faults.around("supplier", "find"):
            return _list(account.orders(request.args["filter[customer_reference]"]))

    @routes.patch("/v2/sub_number_orders/<sub_order>/cancel")
    def cancel(sub_order: str) -> Any:
        with faults.around("supplier", "release"):
            return {"data": account.cancel(sub_order)}

    @routes.get("/v2/phone_numbers")
    def numbers() -> Any:
        with faults.around("supplier", "look"):
            found = account.rented(request.args["filter[phone_number]"])
            return _list([found] if found else [])

    @routes.get("/v2/phone_numbers/<number_id>/messaging")
    def texts(number_id: str) -> Any:
        with faults.around("supplier", "look"):
            can = hears_texts(account.number(number_id)["phone_number"])
            features = {"sms": {"international_inbound": True} if can else None, "mms": None}
            return {"data": {"id": number_id, "features": features}}

    @routes.patch("/v2/phone_numbers/<number_id>")
    @routes.patch("/v2/phone_numbers/<number_id>/messaging")
    def change(number_id: str) -> Any:
        with faults.around("supplier", "change"):
            return {"data": account.number(number_id)}

    @routes.delete("/v2/phone_numbers/<number_id>")
    def release(number_id: str) -> Any:
        with faults.around("supplier", "release"):
            return {"data": account.release(number_id)}

    @routes.patch("/v2/call_control_applications/<name>")
    def point_calls(name: str) -> Any:
        return _point("calls", name, "connection_id", "webhook_event_url")

    @routes.patch("/v2/messaging_profiles/<name>")
    def point_texts(name: str) -> Any:
        return _point("texts", name, "messaging_profile_id", "webhook_url")

    def _point(kind: str, name: str, setting: str, field: str) -> Any:
        with faults.around("supplier", "change"):
            if name != account.settings[setting]:
                raise TelnyxError(404, "10005", "Resource not found")
            account.point(kind, name, _body()[field])
            return {"data": {"id": name}}

    @routes.post("/v2/calls/<call>/actions/<command>")
    def command(call: str, command: str) -> Any:
        with faults.around("supplier", "call"):
            lines.command(call, command, _body().get("command_id", ""))
            return {"data": {"result": "ok"}}

    add_routes(routes, papers, faults)

    simulated_usage.mount(routes, account, faults)

    @routes.errorhandler(Fault)
    def show_fault(fault: Fault) -> tuple[Response, int, dict[str, str]]:
        shown = TelnyxError(fault.status, "10011", "The fault panel wants it so")
        return *show_error(shown), fault.headers

    @routes.errorhandler(TelnyxError)
    def show_error(error: TelnyxError) -> tuple[Response, int]:
        return jsonify(errors=[{"code": error.code, "detail": error.detail}]), error.status

    return routes


def _offer(phone_number: str) -> dict[str, Any]:
    features = ["voice", "sms"] if hears_texts(phone_number) else ["voice"]
    return {
        "record_type": "available_phone_number",
        "phone_number": phone_number,
        "features": [{"name": name} for name in features],
        "cost_information": COST,
        "reservable": True,
    }


def _list(data: list[dict[str, Any]]) -> dict[str, Any]:
    return {"data": data, "meta": {"total_results": len(data)}}


def _body() -> dict[str, Any]:
    body: dict[str, Any] = request.get_json()
    return body
