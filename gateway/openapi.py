"""The API's document, made whole in one place: what flask-smorest cannot know of every operation.

Who may ask, which errors any call of its kind can answer, how ids look, names and tags.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

from apispec import APISpec, BasePlugin
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.common import resolve_schema_instance
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import fields
from werkzeug.routing import Rule

from gateway.openapi_webhooks import EventTypes, webhooks
from gateway.problem_codes import CODES
from gateway.shapes import SOMETIMES, Shown

_PREFIX_OF: Final[Mapping[str, str]] = {
    "budget_id": "bud",
    "candidate_id": "cand",
    "client_id": "cli",
    "connection_id": "ats",
    "conversation_id": "conv",
    "document_id": "doc",
    "endpoint_id": "whe",
    "hand_over_to": "rec",
    "line_id": "line",
    "media_id": "med",
    "message_id": "msg",
    "recruiter_id": "rec",
}
"""Which kind of id stands under a name, in paths and bodies alike."""

MONTH: Final = "^(?!0000)[0-9]{4}-(0[1-9]|1[0-2])$"
_BODIES: Final = ("post", "put", "patch")
_IDEMPOTENCY: Final = (
    "idempotency_key_malformed",
    "idempotency_in_flight",
    "idempotency_key_reused",
)
_KEY: Final = {
    "in": "header",
    "name": "Idempotency-Key",
    "description": "Sent again with the same key, the request takes effect once (24 hours).",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}
_PROBLEM: Final = {"$ref": "#/components/schemas/Problem"}
_REFUSALS: Final = "x-refusals"
INFO: Final = {
    "description": "WhatsApp recruitment lines for ATS vendors: one number per recruiting company,"
    " every conversation kept, every client's data apart.\n\n"
    "A refusal is a problem (RFC 9457) whose `code` never changes its meaning;"
    " [the reference](/docs/errors) says what each means and what to do. Lists come as `data`,"
    " `has_more` and `next_cursor`. New fields, codes and kinds may be added: ignore what you do"
    " not know."
}


class Fault(Shown):
    pointer = fields.String(metadata={"description": "A JSON pointer into the request."})
    detail = fields.String()


class Problem(Shown):
    """Why a request was refused (RFC 9457). Some codes bring more with them, such as
    `reply_window` and `templates`, `blockers`, or `state`."""

    type = fields.String(metadata={"format": "uri-reference"})
    title = fields.String()
    status = fields.Integer()
    detail = fields.String(metadata={"description": "What to do, in a sentence."})
    code = fields.String(metadata={"description": "Stable; decide by this."})
    doc_url = fields.String(metadata={"format": "uri"})
    request_id = fields.String(metadata={"description": "Quote it when you ask for help."})
    errors = fields.List(fields.Nested(Fault), metadata=SOMETIMES)


def refusals(*codes: str) -> dict[str, Any]:
    """Documents by which codes this operation, unlike others, may be refused: for `doc()`."""
    return {_REFUSALS: codes}


def pattern_of(name: str) -> str | None:
    """How the ids under this name look, and months."""
    if name == "month":
        return MONTH
    prefix = _PREFIX_OF.get(name)
    return prefix and f"^{prefix}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$"


def example_of(name: str) -> str:
    if name == "month":
        return "2026-11"
    return f"{_PREFIX_OF[name]}_01kam7x2v4e8wr9tq3c5n6p0hs"


class _Converter(OpenAPIConverter):
    """Adds a schema's `also`: JSON Schema of what its fields do not say one by one."""

    def schema2jsonschema(self, schema: Any) -> dict[str, Any]:
        described: dict[str, Any] = super().schema2jsonschema(schema)  # type: ignore[no-untyped-call]
        return {**described, **getattr(schema, "also", {})}


class Schemas(MarshmallowPlugin):
    """The schemas, under their names in the document, with the patterns of ids."""

    Converter = _Converter

    def __init__(self, events: EventTypes) -> None:
        super().__init__(schema_name_resolver=_name)
        self._events = events

    def init_spec(self, spec: APISpec) -> None:
        super().init_spec(spec)
        assert self.converter
        self.converter.add_attribute_function(_id_pattern)  # type: ignore[no-untyped-call]
        assert self.resolver
        spec.options["webhooks"] = webhooks(self._events, self.resolver.resolve_schema_dict)


def _name(schema: Any) -> str:
    """A schema's name in the document: `LineShown` is a Line there."""
    return resolve_schema_instance(schema).__class__.__name__.replace("Shown", "")


class Border(BasePlugin):
    """What every operation has in common."""

    def init_spec(self, spec: APISpec) -> None:
        self._spec = spec
        spec.components.schema("Problem", schema=Problem)
        spec.components.security_scheme("api_key", {"type": "http", "scheme": "bearer"})
        spec.options["security"] = [{"api_key": []}]
        spec.options["tags"] = []

    def path_helper(
        self,
        path: str | None = None,
        operations: dict[Any, Any] | None = None,
        parameters: list[dict[Any, Any]] | None = None,
        **_: Any,
    ) -> None:
        for parameter in parameters or ():
            if pattern := pattern_of(parameter["name"]):
                parameter["schema"] = {"type": "string", "pattern": pattern}
                parameter["example"] = example_of(parameter["name"])

    def operation_helper(
        self, path: str | None = "", operations: dict[Any, Any] | None = None, **given: Any
    ) -> None:
        rule: Rule = given["rule"]
        path = path or ""
        for method, operation in (operations or {}).items():
            operation["operationId"] = rule.endpoint.rpartition(".")[2]
            operation["tags"] = [self._tag(path)]
            responses = operation.setdefault("responses", {})
            responses.pop(422, None)  # flask-smorest's own, for arguments
            own = operation.pop(_REFUSALS, ())
            if not path.startswith("/v1/"):
                operation["security"] = []
                continue
            if method == "post":
                operation.setdefault("parameters", []).append(_KEY)
            responses.update(_refused([*_shared(path, method, operation), *own]))

    def _tag(self, path: str) -> str:
        steps = [step for step in path.split("/") if step and not step.startswith("{")]
        of_client = steps[1:2] == ["clients"] and len(steps) > 2
        noun = steps[2 if of_client else 1] if steps[0] == "v1" else "health"
        name = ("messages" if steps[-1] == "messages" else noun).replace("-", " ").capitalize()
        if {"name": name} not in self._spec.options["tags"]:
            self._spec.options["tags"].append({"name": name})
        return name


def _shared(path: str, method: str, operation: Mapping[str, Any]) -> Iterator[str]:
    """By which codes any call of this kind may be refused."""
    yield "invalid_api_key"
    if "{" in path:
        yield "not_found"
    if method in _BODIES:
        yield from ("malformed_request", "body_too_large", "unsupported_media_type")
    if method == "post":
        yield from _IDEMPOTENCY
    if method in _BODIES or operation.get("parameters"):
        yield "invalid_request"


def _refused(codes: list[str]) -> dict[str, Any]:
    by_status: dict[str, list[str]] = defaultdict(list)
    for code in codes:
        by_status[str(CODES[code].status)].append(
            f"[`{code}`](/docs/errors#{code}): {CODES[code].means}"
        )
    return {
        status: {
            "description": "\n\n".join(sentences),
            "content": {"application/problem+json": {"schema": _PROBLEM}},
        }
        for status, sentences in sorted(by_status.items())
    }


def _id_pattern(_converter: Any, field: fields.Field[Any], **_: Any) -> dict[str, str]:
    """The pattern of a field that holds an id, by the field's name."""
    pattern = pattern_of(field.name or "") if isinstance(field, fields.String) else None
    return {"pattern": pattern} if pattern else {}


def options(events: EventTypes) -> dict[str, Any]:
    """What flask-smorest is told of the document."""
    return {"info": INFO, "marshmallow_plugin": Schemas(events), "extra_plugins": [Border()]}
