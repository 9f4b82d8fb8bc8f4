"""How a client's ledger compares with what providers charged, over HTTP. Nobody is asked here."""

from typing import Any

from flask import jsonify
from flask.typing import ResponseReturnValue
from flask_smorest import Blueprint

from gateway.api import require_client
from gateway.costs.charges_contract import Reconciles
from gateway.costs.reconciling_schemas import ReconciliationShown
from gateway.costs.schemas import MonthQuery
from gateway.costs.views import asked_month, pricing
from gateway.openapi import refusals
from gateway.problems import Problem

blueprint = Blueprint("reconciling", __name__, url_prefix="/v1/clients/<client_id>")


@blueprint.get("/costs/reconciliation")
@blueprint.doc(**refusals("no_pricing"))
@blueprint.arguments(MonthQuery, location="query")
@blueprint.response(200, ReconciliationShown)
def show_reconciliation(query: dict[str, Any], client_id: str) -> ResponseReturnValue:
    """A month of the ledger beside what Meta and the suppliers say they charged."""
    require_client(client_id)
    reconciler = pricing()
    if not isinstance(reconciler, Reconciles):
        raise Problem(501, "no_pricing", "The plugin that knows prices compares no bills.")
    return jsonify(reconciler.reconciliation(asked_month(query), client_id))
