"""The health of lines over HTTP."""

from typing import Any

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from gateway import clock
from gateway.api import client_scope
from gateway.database import platform
from gateway.provisioning import budget, health, numbers, service
from gateway.provisioning.health_rules import UNKNOWN
from gateway.provisioning.models import Line
from gateway.provisioning.schemas import HealthShown

blueprint = Blueprint("provisioning", __name__, url_prefix="/v1/clients/<client_id>/lines")


@blueprint.get("/<line_id>/health")
@blueprint.response(200, HealthShown)
def show_health(client_id: str, line_id: str) -> dict[str, Any]:
    """How a line stands with Meta: quality, limits, registration, and what somebody must do."""
    with client_scope(client_id) as session:
        return shown(session, service.line(session, client_id, line_id))


def shown(session: Session, line: Line) -> dict[str, Any]:
    """A line's health as it was seen last, with its age."""
    row = health.of_line(session, line.client_id, line.id)
    number = numbers.number_of(session, line.id)
    seen_at = row and row.seen_at
    return {
        "line_id": line.id,
        "state": row.state if row else UNKNOWN,
        "seen_at": seen_at,
        "age_seconds": seen_at and int((clock.now() - seen_at).total_seconds()),
        "changed_at": row and row.changed_at,
        "messaging_limit": _limit(number.portfolio_id if number else None),
        "seen": row and row.seen,
        "problems": row.problems if row else [],
    }


def _limit(portfolio_id: str | None) -> int | None:
    """The limit is the portfolio's: no client's scope sees it."""
    if portfolio_id is None:
        return None
    with platform() as session:
        return budget.limit(session, portfolio_id)
