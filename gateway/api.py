"""The HTTP border: who asks, in which scope, and how errors look (RFC 9457)."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, Final, TypeVar

import structlog
from flask import Flask, Response, current_app, g, jsonify, request
from flask.json.provider import DefaultJSONProvider
from flask_smorest import Api
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from gateway import idempotency, openapi
from gateway.database import enter_vendor, tenant, vendor
from gateway.events.catalogue import TYPES
from gateway.ids import InvalidId, new_id
from gateway.problem_codes import OF_STATUS
from gateway.problems import Problem, not_found
from gateway.tenancy import api_keys
from gateway.tenancy import service as tenancy

log = structlog.get_logger()

View = TypeVar("View", bound=Callable[..., Any])

_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
_DEEPEST: Final = 64
_BY_PARTS: Final = "judges_its_body_by_parts"


class _InOrder(DefaultJSONProvider):
    """Answers keep the order of their schemas, so that they begin with what they are."""

    sort_keys = False


class GatewayApp(Flask):
    """Flask, with one transaction a request: committed once the answer is made, before it leaves.

    If the view fails, or the answer cannot be made, nothing of it stays.
    """

    json_provider_class = _InOrder

    def dispatch_request(self) -> Response:
        with ExitStack() as g.transaction:
            has_key = idempotency.HEADER in request.headers
            if has_key and request.method == "POST" and "vendor_id" in g:
                return idempotency.once(vendor_scope, self._answer)
            return self._answer()

    def _answer(self) -> Response:
        return self.make_response(super().dispatch_request())


class ProblemApi(Api):  # type: ignore[misc]
    """flask-smorest, with problem details instead of its own error bodies."""

    ERROR_SCHEMA = openapi.Problem
    DEFAULT_ERROR_RESPONSE_NAME = None  # each error that can occur is documented by its status

    def _register_pagination_header(self) -> None:
        """Lists here say in their body how they go on."""

    def handle_http_exception(self, error: HTTPException) -> Response:
        data = getattr(error, "data", None) or {}
        status = error.code or 500
        detail = error.description or error.name
        response = problem_response(wrong(data.get("messages", {}), detail, status))
        for name, value in error.get_headers():
            if name.lower() not in ("content-type", "content-length"):
                response.headers[name] = value
        return response


def install(app: Flask) -> ProblemApi:
    """Put the border in place."""
    app.config.update(
        API_TITLE="LinkoJob gateway",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_JSON_PATH="openapi.json",
        OPENAPI_URL_PREFIX="/",
    )
    app.before_request(_begin)
    app.after_request(_finish)
    app.register_error_handler(Problem, problem_response)
    app.register_error_handler(InvalidId, _nobodys_id)
    app.register_error_handler(Exception, _unforeseen)
    return ProblemApi(app, spec_kwargs=openapi.options(TYPES))


def wrong(messages: Any, detail: str = "", status: int = 422) -> Problem:
    """What schemas found wrong (marshmallow's messages), each with its pointer, as a refusal."""
    errors = list(pointers(messages))
    if errors:
        detail = f"{errors[0]['pointer']}: {errors[0]['detail']}"
    return Problem(status, OF_STATUS.get(status, "error"), detail, extra={"errors": errors})


def problem_response(problem: Problem) -> Response:
    response = jsonify(problem_body(problem))
    response.status_code = problem.status
    response.content_type = "application/problem+json"
    if problem.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def problem_body(problem: Problem) -> dict[str, Any]:
    """A refusal as a problem document (RFC 9457)."""
    public_url = current_app.extensions["settings"].web.public_url
    body: dict[str, Any] = {
        "type": f"/docs/errors#{problem.code}",
        "title": problem.code.replace("_", " ").capitalize(),
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
        "doc_url": f"{public_url}/docs/errors#{problem.code}",
        "request_id": g.get("request_id"),
        **problem.extra,
    }
    if problem.pointer:
        body["errors"] = [{"pointer": problem.pointer, "detail": problem.detail}]
    return body


@contextmanager
def vendor_scope() -> Iterator[Session]:
    """The request's transaction, in the scope of the asking vendor."""
    if "session" in g:
        enter_vendor(g.session, g.vendor_id)
    else:
        g.session = g.transaction.enter_context(vendor(g.vendor_id))
    yield g.session


@contextmanager
def client_scope(client_id: str) -> Iterator[Session]:
    """The request's transaction, in the scope of a client of the asking vendor; else 404."""
    with vendor_scope() as session:
        tenancy.client(session, client_id)
        with tenant(client_id, within=session):
            yield session


def require_client(client_id: str) -> None:
    """404 where the asking vendor has no such client. Holds no transaction open."""
    tenancy.client_of(g.vendor_id, client_id)


def raw_body() -> bytes:
    """The whole body as it was sent; 413 where it is larger than this call may be."""
    body = request.get_data()
    if request.content_length is None and len(body) >= (request.max_content_length or 0):
        # Of a body without a length werkzeug reads that much and leaves the rest.
        raise Problem(413, "body_too_large", "The body is larger than this call may be.")
    return body


def by_parts(view: View) -> View:
    """Mark a view that calls `require_storable` itself, for each part of its body."""
    setattr(view, _BY_PARTS, True)
    return view


def require_storable(value: Any) -> None:
    """422 where a JSON value says what no database text can hold; nor does anybody mean it."""
    found = next((pointer for pointer, text in _texts(value) if _UNSTORABLE.search(text)), None)
    if found:
        raise Problem(
            422,
            "invalid_request",
            "Must not hold NUL characters or halves of surrogate pairs.",
            pointer=found,
        )


def _begin() -> None:
    g.request_id = new_id("req")
    web = current_app.extensions["settings"].web
    multipart = request.mimetype == "multipart/form-data"
    request.max_content_length = web.max_upload_bytes if multipart else web.max_body_bytes
    if request.path.startswith("/v1/"):
        _authenticate()
        if request.content_length and not multipart and request.mimetype != "application/json":
            raise Problem(415, "unsupported_media_type", "Send the body as application/json.")
        if request.is_json:
            _look_through()


def _authenticate() -> None:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    found = api_keys.vendor_of(key) if scheme.lower() == "bearer" else None
    if found is None:
        raise Problem(
            401,
            "invalid_api_key",
            "Send `Authorization: Bearer <api key>` with a key that is valid.",
        )
    g.vendor_id, key_id = found
    g.actor = key_id


def _look_through() -> None:
    body = raw_body()
    try:
        value = json.loads(body)
    except RecursionError:
        raise _too_deep() from None
    except ValueError:
        return  # whoever reads the body says so
    _require_shallow(value)
    view = current_app.view_functions.get(request.endpoint or "")
    if not hasattr(view, _BY_PARTS):
        require_storable(value)


def _require_shallow(value: Any) -> None:
    """400 where a body nests deeper than any call asks for: what reads it may use recursion."""
    level = [value]
    for _ in range(_DEEPEST):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return
    raise _too_deep()


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _too_deep() -> Problem:
    return Problem(400, "malformed_request", "The body is nested too deeply.")


def _texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a JSON value, with the pointer to where it stands."""
    if isinstance(value, str):
        yield path or "/", value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield path or "/", name
            yield from _texts(inner, f"{path}/{_escaped(name)}")
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _texts(inner, f"{path}/{place}")


def _nobodys_id(_error: InvalidId) -> Response:
    return problem_response(not_found("object"))


def _finish(response: Response) -> Response:
    response.headers["Request-Id"] = g.get("request_id", "")
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _unforeseen(error: Exception) -> Response | HTTPException:
    if isinstance(error, HTTPException):
        return error
    log.exception("request_failed", request_id=g.get("request_id"), path=request.path)
    return problem_response(
        Problem(500, "internal_error", "Something went wrong here; quote the request_id to us.")
    )


def pointers(messages: Any, path: str = "") -> Iterator[dict[str, str]]:
    """marshmallow's nested messages as JSON pointers."""
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            outer = name == "_schema" or (path == "" and name in ("json", "query", "form", "files"))
            yield from pointers(inner, path if outer else f"{path}/{_escaped(name)}")
    elif isinstance(messages, list):
        for message in messages:
            yield from pointers(message, path)
    else:
        yield {"pointer": path or "/", "detail": str(messages)}


def _escaped(name: object) -> str:
    """A key as a part of a JSON pointer (RFC 6901)."""
    return str(name).replace("~", "~0").replace("/", "~1")
