"""What the pages people see have in common: one blueprint, and how a page is rendered."""

from collections.abc import Mapping
from typing import Any, Final

import structlog
from flask import Blueprint, abort, current_app, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from gateway.console import access, words
from gateway.costs.contract import IssuesStatements
from gateway.problems import Problem
from gateway.tenancy import service as tenancy

log = structlog.get_logger()

blueprint: Final = Blueprint(
    "console",
    __name__,
    url_prefix="/console",
    template_folder="templates",
    static_folder="static",
)
blueprint.add_app_template_global(access.csrf_token, "csrf_token")


def page(
    session: Session, name: str, status: int = 200, *, here: str | None = None, **values: Any
) -> ResponseReturnValue:
    """A page of the session's client; or only those of its parts that `?fragment=` names.

    `here` is where its parts are read again: a form that was refused stands at another address.
    """
    values |= {"client": tenancy.client(session, g.client_id), "page": name}
    values["here"] = here or url_for(f"console.{name}")
    wanted = request.args.get("fragment")
    if wanted is None or request.method != "GET":
        return render_template(f"console/{name}.html", **values), status
    parts = wanted.split(",")
    if not set(parts) <= set(FRAGMENTS[name]):
        abort(404)
    return "".join(render_template(f"console/_{part}.html", **values) for part in parts)


FRAGMENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "line": ("activate", "health", "app", "steps", "card"),
    "talks": ("talks",),
    "talk": ("talks", "window", "thread", "composer"),
    "new_talk": ("talks",),
    "papers": (),
    "recruiters": (),
    "costs": (),
    "statement": (),
}
"""The parts of each page that are read again while it is open."""


@blueprint.context_processor
def _everywhere() -> dict[str, Any]:
    settings = current_app.extensions["settings"]
    return {
        "words": words,
        "fragments": FRAGMENTS,
        "has_costs": isinstance(current_app.extensions["plugin_host"].pricing, IssuesStatements),
        "platform": settings.platform.name,
        "sandbox_url": settings.sandbox.url if settings.sandbox.enabled else None,
    }


@blueprint.errorhandler(HTTPException)
def _http_error(error: HTTPException) -> ResponseReturnValue:
    return access.refusal(error.code or 500, error.name, error.description or "")


@blueprint.errorhandler(Exception)
def _unforeseen(error: Exception) -> ResponseReturnValue:
    log.exception("page_failed", request_id=g.get("request_id"), path=request.path)
    text = f"Something went wrong here; tell whoever runs the gateway: {g.get('request_id')}."
    return access.refusal(500, "This page failed", text)


@blueprint.errorhandler(Problem)
def _problem(problem: Problem) -> ResponseReturnValue:
    if problem.status == 404:
        return access.refusal(404, "There is nothing here", access.NOTHING)
    return access.refusal(problem.status, "That did not work", problem.detail)
