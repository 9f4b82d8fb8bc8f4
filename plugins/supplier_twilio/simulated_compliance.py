"""The routes of the simulated Twilio's regulatory flow. The fault panel knows each by its name."""

from typing import Any

from flask import Blueprint, request

from gateway.plugin_api import Faults
from plugins.supplier_twilio.simulated_papers import Papers

_COMPLIANCE = "/v2/RegulatoryCompliance"


def add_routes(routes: Blueprint, base: str, papers: Papers, faults: Faults) -> None:
    """Mount them beside the account's; addresses are resources of the account."""

    @routes.get(f"{_COMPLIANCE}/Regulations")
    def regulations() -> Any:
        with faults.around("supplier", "read_regulations"):
            asked = (request.args["IsoCountry"], request.args["NumberType"])
            return _page(papers.regulations(*asked))

    @routes.post(f"{base}/Addresses.json")
    def add_address() -> Any:
        with faults.around("supplier", "add_address"):
            form = {name: request.form[name] for name in ("Street", "City", "IsoCountry")}
            return papers.make("Addresses", {**_named(), **form}), 201

    @routes.get(f"{base}/Addresses.json")
    def addresses() -> Any:
        with faults.around("supplier", "read_addresses"):
            return {"addresses": papers.all("Addresses", friendly_name=_wanted())}

    @routes.post(f"{_COMPLIANCE}/EndUsers")
    def add_end_user() -> Any:
        with faults.around("supplier", "add_end_user"):
            return papers.make("EndUsers", _described()), 201

    @routes.post(f"{_COMPLIANCE}/SupportingDocuments")
    def add_document() -> Any:
        with faults.around("supplier", "add_document"):
            file = request.files.get("File")
            size = len(file.read()) if file else 0
            values = _described() | {"size": size, "failure_reason": None}
            return papers.make("SupportingDocuments", values), 201

    @routes.get(f"{_COMPLIANCE}/EndUsers")
    def end_users() -> Any:
        with faults.around("supplier", "read_end_users"):
            return _page(papers.all("EndUsers"))

    @routes.get(f"{_COMPLIANCE}/SupportingDocuments")
    def documents() -> Any:
        with faults.around("supplier", "read_documents"):
            return _page(papers.all("SupportingDocuments"))

    @routes.get(f"{_COMPLIANCE}/SupportingDocuments/<sid>")
    def document(sid: str) -> Any:
        with faults.around("supplier", "read_document"):
            return papers.look("SupportingDocuments", sid)

    @routes.post(f"{_COMPLIANCE}/Bundles")
    def add_bundle() -> Any:
        with faults.around("supplier", "add_bundle"):
            values = {"iso_country": request.form["IsoCountry"], "email": request.form["Email"]}
            return papers.make("Bundles", _named() | values | {"status": "draft"}), 201

    @routes.get(f"{_COMPLIANCE}/Bundles")
    def bundles() -> Any:
        with faults.around("supplier", "read_bundles"):
            return _page(papers.all("Bundles", friendly_name=_wanted()))

    @routes.post(f"{_COMPLIANCE}/Bundles/<sid>")
    def hand_in(sid: str) -> Any:
        with faults.around("supplier", "hand_in"):
            return papers.hand_in(sid)

    @routes.post(f"{_COMPLIANCE}/Bundles/<sid>/ItemAssignments")
    def assign(sid: str) -> Any:
        with faults.around("supplier", "assign"):
            return papers.assign(sid, request.form["ObjectSid"]), 201

    @routes.post(f"{_COMPLIANCE}/Bundles/<sid>/Evaluations")
    def evaluate(sid: str) -> Any:
        with faults.around("supplier", "evaluate"):
            return papers.evaluate(sid), 201

    @routes.get(f"{_COMPLIANCE}/Bundles/<sid>/<any(ItemAssignments, Evaluations):kind>")
    def parts(sid: str, kind: str) -> Any:
        with faults.around("supplier", "read_parts"):
            return _page(papers.all(kind, bundle_sid=sid))


def _page(results: Any) -> dict[str, Any]:
    return {"results": results, "meta": {"key": "results", "next_page_url": None}}


def _named() -> dict[str, str]:
    return {"friendly_name": request.form["FriendlyName"]}


def _described() -> dict[str, str]:
    form = request.form
    return _named() | {"type": form["Type"], "attributes": form.get("Attributes", "{}")}


def _wanted() -> str:
    return request.args["FriendlyName"]
