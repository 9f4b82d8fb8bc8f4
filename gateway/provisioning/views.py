"""The health of lines over HTTP."""

from typing import Any

from flask_smorest import Blueprint

from gateway.api import client_scope
from gateway.database import platform
from gateway.provisioning import budget, health, numbers, service
from gateway.provisioning.schemas import HealthShown

blueprint = Blueprint("provisioning", __name__, url_prefix="/v1/clients/<client_id>/lines")


@blueprint.get("/<line_id>/health")
@blueprint.response(200, HealthShown)
def show_health(client_id: str, line_id: str) -> dict[str, Any]:
    """How a line stands with Meta: quality, limits, registration, and what somebody must do."""
    with client_scope(client_id) as session:
        line = service.line(session, client_id, line_id)
        number = numbers.number_of(session, line.id)
        limit = _limit(number.portfolio_id if number else None)
        return {**health.shown(session, client_id, line.id), "messaging_limit": limit}


def _limit(portfolio_id: str | None) -> int | None:
    """The limit is the portfolio's: no client's scope sees it."""
    if portfolio_id is None:
        return None
    with platform() as session:
        return budget.limit(session, portfolio_id)
