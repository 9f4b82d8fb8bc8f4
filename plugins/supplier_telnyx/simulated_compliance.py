"""The routes of the simulated Telnyx's regulatory flow. The fault panel knows each by its name."""

from typing import Any

from flask import Blueprint, request

from gateway.plugin_api import Faults
from plugins.supplier_telnyx.simulated_papers import Papers

_GROUPS = "/v2/requirement_groups"


def add_routes(routes: Blueprint, papers: Papers, faults: Faults) -> None:
    """Mount them beside the account's. Requirement groups come without `data` around them."""

    @routes.get("/v2/requirements")
    def requirements() -> Any:
        with faults.around("supplier", "read_requirements"):
            return _list(papers.requirements(request.args["filter[country_code]"]))

    @routes.get(_GROUPS)
    def groups() -> Any:
        with faults.around("supplier", "read_groups"):
            wanted = request.args["filter[customer_reference]"]
            return papers.all("requirement_groups", customer_reference=wanted)

    @routes.post(_GROUPS)
    def add_group() -> Any:
        with faults.around("supplier", "add_group"):
            return papers.open_group(request.get_json())

    @routes.get(f"{_GROUPS}/<group_id>")
    def group(group_id: str) -> Any:
        with faults.around("supplier", "read_group"):
            return papers.look("requirement_groups", group_id)

    @routes.patch(f"{_GROUPS}/<group_id>")
    def fill(group_id: str) -> Any:
        with faults.around("supplier", "fill_group"):
            return papers.fill(group_id, request.get_json()["regulatory_requirements"])

    @routes.post(f"{_GROUPS}/<group_id>/submit_for_approval")
    def hand_in(group_id: str) -> Any:
        with faults.around("supplier", "hand_in"):
            return papers.hand_in(group_id)

    @routes.get("/v2/comments")
    def comments() -> Any:
        with faults.around("supplier", "read_comments"):
            wanted = request.args["filter[comment_record_id]"]
            return _list(papers.all("comments", comment_record_id=wanted))

    @routes.post("/v2/addresses")
    def add_address() -> Any:
        with faults.around("supplier", "add_address"):
            return {"data": papers.make("addresses", request.get_json())}

    @routes.post("/v2/documents")
    def add_document() -> Any:
        with faults.around("supplier", "add_document"):
            size = len(request.files["file"].read())
            values = {**request.form, "size": {"amount": size, "unit": "bytes"}}
            return {"data": papers.make("documents", values)}

    @routes.get("/v2/<any(addresses, documents):kind>")
    def parts(kind: str) -> Any:
        with faults.around("supplier", f"read_{kind}"):
            wanted = request.args["filter[customer_reference][eq]"]
            return _list(papers.all(kind, customer_reference=wanted))


def _list(data: list[dict[str, Any]]) -> dict[str, Any]:
    return {"data": data, "meta": {"total_results": len(data)}}
