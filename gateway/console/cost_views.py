"""Costs: where a month's money went, and the client's statements, which print well."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from flask import abort, current_app, g, request
from flask.typing import ResponseReturnValue

from gateway import clock
from gateway.console import statement_words
from gateway.console.charts import Chart, stacked
from gateway.console.pages import blueprint, page
from gateway.costs.contract import IssuesStatements
from gateway.costs.statement_views import as_file, day_of, refused_as_problems
from gateway.database import tenant
from gateway.messaging.activity import activity
from gateway.provisioning import service as provisioning
from gateway.tenancy import service as tenancy

_CENT: Final = Decimal("0.0001")


@blueprint.get("/costs")
def costs() -> ResponseReturnValue:
    issues = _issues()
    chosen = request.args.get("month")
    with refused_as_problems():
        month = day_of(chosen) if chosen else clock.now().date()
    spent, statements = issues.spending(g.client_id, month), issues.statements(g.client_id)
    currency = "MAD" if spent["totals"]["MAD"] is not None else "USD"
    since = datetime.combine(month.replace(day=1), time(), UTC)
    with tenant(g.client_id) as scope:
        done = activity(scope, g.client_id, since, _next(since))
        return page(
            scope,
            "costs",
            spent=spent,
            currency=currency,
            chart=_chart(month, spent, currency),
            conversations=done.conversations,
            replies=done.replies,
            per_conversation=_per(spent, currency, done.conversations),
            per_reply=_per(spent, currency, done.replies),
            free_share=_share(spent),
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
        numbers = {row.id: row for row in provisioning.lines(scope, g.client_id)}
        return page(
            scope,
            "statement",
            here=request.path,
            statement=found,
            language=language,
            languages=statement_words.LANGUAGES,
            t=statement_words.TEXTS[language],
            recruiters={row.id: row.name for row in everybody},
            numbers=numbers,
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
    last = _next(datetime.combine(first, time(), UTC)).date()
    days = [(first + timedelta(number)).isoformat() for number in range((last - first).days)]
    values = {
        (row["day"], row["category"]): Decimal(row["amounts"][currency] or 0)
        for row in spent["days"]
    }
    return stacked(days, sorted({category for _, category in values}), values)


def _per(spent: Mapping[str, Any], currency: str, count: int) -> str | None:
    whole = spent["spent_on_messages"][currency]
    if whole is None or not count:
        return None
    return f"{(Decimal(whole) / count).quantize(_CENT, ROUND_HALF_UP):f} {currency}"


def _share(spent: Mapping[str, Any]) -> str | None:
    if not spent["messages"]:
        return None
    share = Decimal(100 * spent["free"]) / spent["messages"]
    return f"{share.quantize(Decimal(1), ROUND_HALF_UP):f} %"


def _next(first: datetime) -> datetime:
    return (first + timedelta(days=31)).replace(day=1)
