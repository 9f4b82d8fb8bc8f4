"""Budgets over HTTP. They are the pricing plugin's."""

from decimal import Decimal
from typing import Any

from flask import jsonify
from flask.typing import ResponseReturnValue
from flask_smorest import Blueprint

from gateway.api import require_client
from gateway.costs.budget_schemas import BudgetRequest, BudgetShown, BudgetsShown
from gateway.costs.contract import Money
from gateway.costs.spending_contract import BudgetRefused, BudgetWanted, KeepsBudgets
from gateway.costs.views import pricing
from gateway.openapi import refusals
from gateway.problems import Problem, not_found

blueprint = Blueprint("budgets", __name__, url_prefix="/v1/clients/<client_id>/costs/budgets")


@blueprint.get("")
@blueprint.doc(**refusals("no_pricing"))
@blueprint.response(200, BudgetsShown)
def show_budgets(client_id: str) -> ResponseReturnValue:
    """What this month has cost so far and will at its end, and the budgets."""
    require_client(client_id)
    return jsonify(_keeper().budgets(client_id))


@blueprint.post("")
@blueprint.doc(**refusals("no_pricing", "unknown_line", "no_exchange_rate"))
@blueprint.arguments(BudgetRequest, example={"amount": "250.00", "currency": "MAD"})
@blueprint.response(200, BudgetShown)
def set_budget(body: dict[str, Any], client_id: str) -> ResponseReturnValue:
    """Set the budget of the client or of a line, in the place of the one that was."""
    require_client(client_id)
    money = Money(amount=Decimal(body["amount"]), currency=body["currency"])
    wanted = BudgetWanted(
        line_id=body["line_id"], money=money, stops_marketing=body["stops_marketing"]
    )
    try:
        return jsonify(_keeper().set_budget(client_id, wanted))
    except BudgetRefused as refused:
        raise Problem(422, refused.code, str(refused), pointer=refused.pointer) from None


@blueprint.delete("/<budget_id>")
@blueprint.doc(**refusals("no_pricing"))
@blueprint.response(204)
def remove_budget(client_id: str, budget_id: str) -> None:
    """Take a budget away; what it stopped may be sent again."""
    require_client(client_id)
    if not _keeper().remove_budget(client_id, budget_id):
        raise not_found("budget")


def _keeper() -> KeepsBudgets:
    keeper = pricing()
    if not isinstance(keeper, KeepsBudgets):
        raise Problem(501, "no_pricing", "The plugin that knows prices keeps no budgets.")
    return keeper
