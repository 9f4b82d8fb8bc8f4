"""Costs: where a month's money went, and the client's statements, which print well."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from flask import abort, current_app, g, request
from flask.typing import ResponseReturnValue

from gateway import clock
from gateway.console import statement_words
from gateway.console.charts import Chart, stacked
from gateway.console.pages import blueprint, page
from gateway.costs.contract import IssuesStatements
from gateway.costs.reports_contract import ReportsSpending
from gateway.costs.statement_views import as_file, day_of, refused_as_problems
from gateway.database import tenant
from gateway.provisioning import numbers
from gateway.tenancy import service as tenancy


@blueprint.get("/costs")
def costs() -> ResponseReturnValue:
    issues = _issues()
    chosen = request.args.get("month")
    with refused_as_problems():
        month = day_of(chosen) if chosen else clock.now().date()
    spent, statements = issues.spending(g.client_id, month), issues.statements(g.client_id)
    anomalies = issues.anomalies(g.client_id, month) if isinstance(issues, ReportsSpending) else ()
    currency = "MAD" if spent["totals"]["MAD"] is not None else "USD"
    with tenant(g.client_id) as scope:
        return page(
            scope,
            "costs",
            spent=spent,
            currency=currency,
            anomalies=anomalies,
            chart=_chart(month, spent, currency),
            recruiters={row.id: row.name for row in tenancy.recruiters(scope, g.client_id)},
            numbers=numbers.by_line(scope, g.client_id),
            statements=statements,
        )


@blueprint.get("/costs/<month>")
def statement(month: str) -> ResponseReturnValue:
    issues = _issues()
    with refused_as_problems():
        found = issues.statement(g.client_id, day_of(month))
    with tenant(g.client_id) as scope:
        client = tenancy.client(scope, g.client_id)
        asked = request.args.get("language", client.default_language or "en")
        language = asked if asked in statement_words.LANGUAGES else "en"
        everybody = tenancy.recruiters(scope, g.client_id)
        return page(
            scope,
            "statement",
            here=request.path,
            statement=found,
            language=language,
            languages=statement_words.LANGUAGES,
            t=statement_words.TEXTS[language],
            recruiters={row.id: row.name for row in everybody},
            numbers=numbers.by_line(scope, g.client_id),
        )


@blueprint.get("/costs/<month>/csv")
def statement_file(month: str) -> ResponseReturnValue:
    issues = _issues()
    with refused_as_problems():
        return as_file(issues.statement_csv(g.client_id, day_of(month)), month)


def _issues() -> IssuesStatements:
    found = current_app.extensions["plugin_host"].pricing
    if not isinstance(found, IssuesStatements):
        abort(404)
    return found


def _chart(month: date, spent: Mapping[str, Any], currency: str) -> Chart:
    first = month.replace(day=1)
    after = (first + timedelta(31)).replace(day=1)
    days = [(first + timedelta(number)).isoformat() for number in range((after - first).days)]
    values = {
        (row["day"], row["category"]): Decimal(row["amounts"][currency] or 0)
        for row in spent["days"]
    }
    return stacked(days, sorted({category for _, category in values}), values)
