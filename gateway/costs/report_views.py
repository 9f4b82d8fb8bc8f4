"""Reports over HTTP: a vendor's clients side by side. The figures are the pricing plugin's."""

from typing import Any

from flask import Response, g, jsonify
from flask.typing import ResponseReturnValue
from flask_smorest import Blueprint

from gateway.api import require_client
from gateway.costs.report_schemas import AnomalyShown, ClientSpendingShown, ClientsQuery
from gateway.costs.reports_contract import ReportsSpending
from gateway.costs.schemas import MonthQuery
from gateway.costs.statement_views import as_file
from gateway.costs.views import asked_month, pricing
from gateway.ids import parse
from gateway.openapi import refusals
from gateway.pages import cursor, listed, position, whole
from gateway.problems import Problem
from gateway.tenancy import service as tenancy

blueprint = Blueprint("cost_reports", __name__, url_prefix="/v1/clients/<client_id>/costs")
of_vendor = Blueprint("costs_by_client", __name__, url_prefix="/v1/costs")


@of_vendor.get("")
@of_vendor.doc(**refusals("no_pricing", "invalid_cursor"))
@of_vendor.arguments(ClientsQuery, location="query")
@of_vendor.response(200, listed(ClientSpendingShown))
def list_costs(query: dict[str, Any]) -> ResponseReturnValue:
    """What each of your clients cost in a month, this one where none is named, in one list."""
    month, limit = asked_month(query), query["limit"]
    reports = reporting()
    found = tenancy.clients_after(g.vendor_id, position(query["after"], bits=128), limit + 1)
    shown = found[:limit]
    figures = reports.spending_of([client.client_id for client in shown], month)
    more = len(found) > limit
    return jsonify(
        data=[
            {"name": client.name, "external_ref": client.external_ref, **row}
            for client, row in zip(shown, figures, strict=True)
        ],
        has_more=more,
        next_cursor=cursor(parse("cli", shown[-1].client_id).int) if more else None,
    )


@blueprint.get("/spending/csv")
@blueprint.doc(**refusals("no_pricing"))
@blueprint.arguments(MonthQuery, location="query")
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="*/*")
def export_spending(query: dict[str, Any], client_id: str) -> Response:
    """What messages cost per conversation and reply, a row for the client, each line, recruiter."""
    require_client(client_id)
    month = asked_month(query)
    return as_file(reporting().spending_csv(client_id, month), f"{month:%Y-%m}", "spending")


@blueprint.get("/anomalies")
@blueprint.doc(**refusals("no_pricing"))
@blueprint.arguments(MonthQuery, location="query")
@blueprint.response(200, listed(AnomalyShown))
def list_anomalies(query: dict[str, Any], client_id: str) -> ResponseReturnValue:
    """What stands out in a month: templates that Meta made dearer, days far dearer than usual."""
    require_client(client_id)
    return jsonify(whole(reporting().anomalies(client_id, asked_month(query))))


def reporting() -> ReportsSpending:
    """Whoever reports; 501 where nobody does."""
    found = pricing()
    if not isinstance(found, ReportsSpending):
        raise Problem(501, "no_pricing", "The plugin that knows prices reports nothing.")
    return found
