"""The simulated DIDWW's JSON:API.

The fault panel knows its calls as token, countries, groups, search, reserve, reserved, order, find,
look, change, release, papers and verify.
"""

from typing import Any

from flask import Blueprint, Response, jsonify, request

from gateway.plugin_api import Fault, Faults
from plugins.supplier_didww.simulated_account import Account, DidwwError
from plugins.supplier_didww.simulated_resources import Resources, listed, one


def make_blueprint(account: Account, faults: Faults) -> Blueprint:
    """The routes of one account, every answer in DIDWW's form."""
    routes = Blueprint("didww", __name__)
    shown = Resources(account)

    @routes.before_request
    def authenticate() -> None:
        if request.path.endswith("/token"):
            return
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        account.check_token(token if kind == "Bearer" else "")

    @routes.post("/token")
    def token() -> Any:
        with faults.around("supplier", "token"):
            return account.sell_token(request.headers.get("Api-Key", ""))

    @routes.get("/v3/countries")
    def countries() -> Any:
        with faults.around("supplier", "countries"):
            sold = [it for it in account.stock.countries() if it == request.args["filter[iso]"]]
            return listed([shown.country(it) for it in sold])

    @routes.get("/v3/did_groups")
    def groups() -> Any:
        with faults.around("supplier", "groups"):
            country = request.args["filter[country.id]"].removeprefix("country-")
            return listed([shown.group(country)], shown.beside(country))

    @routes.get("/v3/did_groups/<group_id>")
    def group(group_id: str) -> Any:
        with faults.around("supplier", "look"):
            country = group_id.removeprefix("group-")
            return one(shown.group(country), shown.beside(country))

    @routes.get("/v3/available_dids")
    def search() -> Any:
        with faults.around("supplier", "search"):
            group = request.args.get("filter[did_group.id]", "").removeprefix("group-")
            digits = request.args.get("filter[number_contains]", "")
            searched = [group] if group else account.stock.countries()
            found = [
                number
                for country in searched
                for number in account.available(country)
                if digits in number
            ]
            size = request.args.get("page[size]", 50, type=int)
            return listed(
                [shown.available(number) for number in found[:size]],
                [it for country in searched for it in shown.with_group(country)],
            )

    @routes.post("/v3/did_reservations")
    def reserve() -> Any:
        with faults.around("supplier", "reserve"):
            data = request.get_json(force=True)["data"]
            number = shown.number(data["relationships"]["available_did"]["data"]["id"])
            kept = account.reserve(number, data["attributes"]["description"])
            return one(shown.reservation(kept)), 201

    @routes.get("/v3/did_reservations")
    def reservations() -> Any:
        with faults.around("supplier", "reserved"):
            wanted = request.args["filter[description]"]
            found = [it for it in account.reservations() if wanted in it["description"]]
            numbers = [shown.available(it["number"]) for it in found]
            groups = [
                beside
                for it in found
                for beside in shown.with_group(account.country_of(it["number"]))
            ]
            return listed([shown.reservation(it) for it in found], numbers + groups)

    @routes.post("/v3/orders")
    def order() -> Any:
        with faults.around("supplier", "order"):
            wanted = request.get_json(force=True)["data"]["attributes"]
            [item] = wanted["items"]
            reservation = item["attributes"].get("did_reservation_id")
            number = shown.ordered(item["attributes"])
            facts = {
                "external_reference_id": wanted["external_reference_id"],
                "callback_url": wanted.get("callback_url"),
            }
            return one(shown.order(account.order(number, reservation, facts))), 201

    @routes.get("/v3/orders")
    def orders() -> Any:
        with faults.around("supplier", "find"):
            wanted = request.args["filter[external_reference_id]"]
            found = [it for it in account.orders() if it["external_reference_id"] == wanted]
            return listed([shown.order(it) for it in found])

    @routes.get("/v3/orders/<order_id>")
    def one_order(order_id: str) -> Any:
        with faults.around("supplier", "look"):
            return one(shown.order(account.one_order(order_id)))

    @routes.delete("/v3/orders/<order_id>")
    def cancel(order_id: str) -> Any:
        with faults.around("supplier", "release"):
            account.cancel(order_id)
            return "", 204

    @routes.get("/v3/dids")
    def dids() -> Any:
        with faults.around("supplier", "look"):
            wanted = request.args["filter[order.id]"]
            return listed([shown.did(it) for it in account.dids() if it["order"] == wanted])

    @routes.get("/v3/dids/<did_id>")
    def did(did_id: str) -> Any:
        with faults.around("supplier", "look"):
            found = account.did(did_id)
            return one(shown.did(found), shown.with_group(account.country_of(found["number"])))

    @routes.patch("/v3/dids/<did_id>")
    def change(did_id: str) -> Any:
        data = request.get_json(force=True)["data"]
        terminated = bool(data["attributes"].get("terminated"))
        with faults.around("supplier", "release" if terminated else "change"):
            routed = data.get("relationships", {})
            facts = {
                name: (routed[name]["data"] or {}).get("id")
                for name in ("sms_trunk", "voice_in_trunk")
                if name in routed
            }
            done = {"terminated": True} if terminated else {}
            return one(shown.did(account.change(did_id, facts | done)))

    @routes.get("/v3/address_verifications")
    def verifications() -> Any:
        with faults.around("supplier", "papers"):
            wanted = request.args["filter[external_reference_id]"]
            return listed([shown.verification(it) for it in account.verifications(wanted)])

    @routes.post("/v3/address_verifications")
    def verify() -> Any:
        with faults.around("supplier", "verify"):
            data = request.get_json(force=True)["data"]
            [did] = data["relationships"]["dids"]["data"]
            taken = account.verify(did["id"], data["attributes"]["external_reference_id"])
            return one(shown.verification(taken)), 201

    @routes.errorhandler(Fault)
    def show_fault(fault: Fault) -> tuple[Response, int, dict[str, str]]:
        shown = DidwwError(fault.status, "429", "The fault panel wants it so")
        return *show_error(shown), fault.headers

    @routes.errorhandler(DidwwError)
    def show_error(error: DidwwError) -> tuple[Response, int]:
        problem = {"title": error.detail, "detail": error.detail, "code": error.code}
        return jsonify(errors=[problem | {"status": str(error.status)}]), error.status

    return routes
