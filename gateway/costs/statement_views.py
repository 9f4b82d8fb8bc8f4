"""A client's statements over HTTP. What stands in them is the pricing plugin's."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from flask import Response, jsonify
from flask.typing import ResponseReturnValue
from flask_smorest import Blueprint

from gateway import clock
from gateway.api import require_client
from gateway.costs.contract import CannotClose, IssuesStatements, UnknownStatement
from gateway.costs.schemas import MonthQuery
from gateway.costs.statement_schemas import SpendingShown, StatementListShown, StatementShown
from gateway.costs.views import pricing
from gateway.openapi import MONTH, refusals
from gateway.problems import Problem, not_found

blueprint = Blueprint("statements", __name__, url_prefix="/v1/clients/<client_id>/costs/statements")
spendings = Blueprint("spendings", __name__, url_prefix="/v1/clients/<client_id>/costs/spending")


@blueprint.get("")
@blueprint.doc(**refusals("no_pricing"))
@blueprint.response(200, StatementListShown)
def list_statements(client_id: str) -> ResponseReturnValue:
    """The client's statements, the newest month first, all at once."""
    require_client(client_id)
    found = [*statements().statements(client_id)]
    return jsonify(data=found, has_more=False, next_cursor=None)


@blueprint.get("/<month>")
@blueprint.doc(**refusals("no_pricing"))
@blueprint.response(200, StatementShown)
def show_statement(client_id: str, month: str) -> ResponseReturnValue:
    """A statement (2026-11) with its lines: as it was closed or, while open, as it is by now."""
    require_client(client_id)
    with refused_as_problems():
        return jsonify(statements().statement(client_id, day_of(month)))


@blueprint.get("/<month>/csv")
@blueprint.doc(**refusals("no_pricing"))
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="*/*")
def export_statement(client_id: str, month: str) -> ResponseReturnValue:
    """A statement as a CSV file, a row for each line."""
    require_client(client_id)
    with refused_as_problems():
        return as_file(statements().statement_csv(client_id, day_of(month)), month)


@blueprint.post("/<month>/close")
@blueprint.doc(**refusals("no_pricing", "month_not_over", "earlier_month_open"))
@blueprint.response(200, StatementShown)
def close_statement(client_id: str, month: str) -> ResponseReturnValue:
    """Close a month that is over, for good; one that is closed already is answered as it is."""
    require_client(client_id)
    with refused_as_problems():
        day = day_of(month)
        statements().close_statement(client_id, day)
        return jsonify(statements().statement(client_id, day))


@spendings.get("")
@spendings.doc(**refusals("no_pricing"))
@spendings.arguments(MonthQuery, location="query")
@spendings.response(200, SpendingShown)
def show_spending(query: dict[str, Any], client_id: str) -> ResponseReturnValue:
    """A month day by day, and per conversation and reply; this one where none is named."""
    require_client(client_id)
    chosen = query["month"]
    day = day_of(chosen) if chosen else clock.now().date()
    return jsonify(statements().spending(client_id, day))


def statements() -> IssuesStatements:
    """Whoever issues statements; 501 where nobody does."""
    found = pricing()
    if not isinstance(found, IssuesStatements):
        raise Problem(501, "no_pricing", "The plugin that knows prices issues no statements.")
    return found


def day_of(month: str) -> date:
    """The first day of a month that is written as 2026-11; any other text names no statement."""
    if not re.fullmatch(MONTH, month):
        raise not_found("statement")
    return date.fromisoformat(f"{month}-01")


def as_file(csv: str, month: str, what: str = "statement") -> Response:
    response = Response(csv, mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{what}-{month}.csv"'
    return response


@contextmanager
def refused_as_problems() -> Iterator[None]:
    """What the plugin refuses, as the API and the pages say it."""
    try:
        yield
    except UnknownStatement as unknown:
        raise Problem(404, "not_found", str(unknown)) from None
    except CannotClose as refused:
        raise Problem(409, refused.code, str(refused)) from None
