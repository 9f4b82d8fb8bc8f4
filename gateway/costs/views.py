"""What a client's lines cost, over HTTP. The figures are the pricing plugin's."""

from datetime import date
from typing import Any

from flask import current_app, jsonify
from flask.typing import ResponseReturnValue
from flask_smorest import Blueprint

from gateway import clock
from gateway.api import require_client
from gateway.costs.contract import EstimateFacts, Pricing, UnknownRateCard
from gateway.costs.schemas import EstimateRequest, EstimateShown, MonthQuery, MonthShown
from gateway.openapi import refusals
from gateway.problems import Problem

blueprint = Blueprint("costs", __name__, url_prefix="/v1/clients/<client_id>")
estimates = Blueprint("estimates", __name__, url_prefix="/v1/costs")


@blueprint.get("/costs")
@blueprint.doc(**refusals("no_pricing"))
@blueprint.arguments(MonthQuery, location="query")
@blueprint.response(200, MonthShown)
def show_costs(query: dict[str, Any], client_id: str) -> ResponseReturnValue:
    """One calendar month, this one where none is named; in USD and in MAD where a rate is known."""
    require_client(client_id)  # the plugin reads in a transaction of its own
    return jsonify(pricing().month(client_id, asked_month(query)))


@estimates.post("/estimate")
@estimates.doc(**refusals("no_pricing", "unknown_rate_card"))
@estimates.arguments(EstimateRequest)
@estimates.response(200, EstimateShown)
def estimate(body: dict[str, Any]) -> ResponseReturnValue:
    """What a month would cost in each case, the introduction priced as utility and as marketing."""
    facts = EstimateFacts(**{**body, "on": body["on"] or clock.now().date()})
    try:
        return jsonify(pricing().estimate(facts))
    except UnknownRateCard as unknown:
        raise Problem(422, "unknown_rate_card", str(unknown), pointer="/rate_card") from None


def asked_month(query: dict[str, Any]) -> date:
    """A day of the month that was asked for."""
    chosen = query["month"]
    return date.fromisoformat(f"{chosen}-01") if chosen else clock.now().date()


def pricing() -> Pricing:
    """Whoever knows prices; 501 where nobody does."""
    found: Pricing | None = current_app.extensions["plugin_host"].pricing
    if found is None:
        raise Problem(501, "no_pricing", "No plugin that knows prices is enabled.")
    return found
