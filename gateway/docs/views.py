"""`/docs`: Swagger UI over the API's document, and every error code explained. For anybody to read.

Everything comes from here: the browser is told to load, and to call, nothing of anybody else's.
"""

import re
from collections.abc import Mapping
from importlib import resources
from itertools import groupby
from pathlib import Path
from typing import Final

from flask import Blueprint, Response, current_app, render_template, send_from_directory
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape

from gateway.errors import ErrorCode
from gateway.problems import not_found

blueprint: Final = Blueprint(
    "docs",
    __name__,
    url_prefix="/docs",
    template_folder="templates",
    static_folder="static",
)
_READER: Final = Path(str(resources.files("flask_swagger_ui"))) / "dist"
_OF_READER: Final = ("swagger-ui.css", "swagger-ui-bundle.js")
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self';"
    " img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@blueprint.get("")
def reference() -> ResponseReturnValue:
    """The API, operation by operation."""
    return render_template("docs/reference.html")


@blueprint.get("/errors")
def errors() -> ResponseReturnValue:
    """Every error code, with an anchor of its own."""
    return render_template(
        "docs/errors.html", groups=grouped(current_app.extensions["plugin_host"].error_codes)
    )


@blueprint.get("/reader/<name>")
def reader(name: str) -> ResponseReturnValue:
    """A file of Swagger UI, as its package brings it."""
    if name not in _OF_READER:
        raise not_found("file")
    return send_from_directory(_READER, name, max_age=3600)


@blueprint.after_request
def protect(response: Response) -> Response:
    """Tell the browser what these pages never do."""
    response.headers.update(_HEADERS)
    return response


@blueprint.app_template_filter()
def with_code(text: str) -> Markup:
    """What stands between backticks, as code."""
    return Markup(re.sub("`(.+?)`", r"<code>\1</code>", str(escape(text))))


def grouped(codes: Mapping[str, ErrorCode]) -> list[tuple[int | None, list[ErrorCode]]]:
    """By the status of the answer, those that messages and steps show last; each by name."""
    ordered = sorted(codes.values(), key=lambda code: (_rank(code), code.code))
    return [(status, list(them)) for status, them in groupby(ordered, lambda code: code.status)]


def _rank(code: ErrorCode) -> int:
    return 1000 if code.status is None else code.status
