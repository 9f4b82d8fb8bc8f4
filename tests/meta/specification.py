"""Meta's published OpenAPI document, read as schemas that calls and webhooks can be held against.

The document is not part of this project: its path is given on the command line.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

WEBHOOKS = "/whatsapp/webhooks"
# Which parameter of a path an id stands for, by the first digits the simulator gives its ids.
_KINDS = {
    "11": "Business-ID",
    "12": "group_id",
    "16": "Business-ID",
    "22": "WABA-ID",
    "26": "WABA-ID",
    "33": "Phone-Number-ID",
    "34": "Pre-Verified-Phone-Number-ID",
    "44": "Media-ID",
    "99": "Application-ID",
}


def load_spec(path: Path) -> dict[str, Any]:
    """The document as plain values; dates in its examples stay texts."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
    plain: dict[str, Any] = json.loads(json.dumps(document, default=str))
    return plain


def example_webhooks(spec: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The document's own webhook payloads, by name."""
    media = spec["paths"][WEBHOOKS]["post"]["requestBody"]["content"]["application/json"]
    return [(name, example["value"]) for name, example in media["examples"].items()]


def for_line(payload: Any, phone_number_id: str) -> Any:
    """The payload as if it were about this line."""
    if isinstance(payload, dict):
        return {
            key: phone_number_id if key == "phone_number_id" else for_line(value, phone_number_id)
            for key, value in payload.items()
        }
    if isinstance(payload, list):
        return [for_line(item, phone_number_id) for item in payload]
    return payload


@dataclass(frozen=True)
class Specification:
    """What the document says of one call."""

    document: Mapping[str, Any]

    def described(self, method: str, path: str) -> str | None:
        """The document's path for a call such as `/v25.0/3300…/messages`, if it has the call."""
        given = path.strip("/").split("/")
        for template, item in self.document["paths"].items():
            parts = template.strip("/").split("/")
            if method.lower() in item and len(parts) == len(given) and _fits(parts, given):
                return str(template)
        return None

    def request(self, method: str, template: str) -> dict[str, Any] | None:
        """The schema of a JSON request body."""
        body = self._operation(method, template).get("requestBody", {})
        return self._json_schema(body)

    def response(self, method: str, template: str, status: int) -> dict[str, Any] | None:
        """The schema of a JSON answer of this status."""
        answers = self._operation(method, template)["responses"]
        return self._json_schema(self._resolved(answers.get(str(status), {}), ()))

    def unknown_fields(self, method: str, template: str, query: str) -> Iterator[str]:
        """The fields a call asks for that its answer does not have in the document."""
        schema = self.response(method, template, 200)
        asked = fields_of(query)
        if schema is None or not asked:
            return
        known = set(_objects(schema)[-1].get("properties", {}))
        yield from (name for name in asked if name not in known)

    def webhook(self) -> dict[str, Any]:
        found = self.request("post", WEBHOOKS)
        assert found is not None
        return found

    def _operation(self, method: str, template: str) -> Any:
        return self.document["paths"][template][method.lower()]

    def _json_schema(self, holder: Any) -> dict[str, Any] | None:
        schema = holder.get("content", {}).get("application/json", {}).get("schema")
        if schema is None:
            return None
        resolved: dict[str, Any] = self._resolved(schema, ())
        return resolved

    def _resolved(self, node: Any, seen: tuple[str, ...]) -> Any:
        if isinstance(node, list):
            return [self._resolved(item, seen) for item in node]
        if not isinstance(node, dict):
            return node
        if "$ref" in node:
            reference = node["$ref"]
            if reference in seen:
                return {}
            target: Any = self.document
            for step in reference.removeprefix("#/").split("/"):
                target = target[step]
            return self._resolved(target, (*seen, reference))
        return _repaired({key: self._resolved(value, seen) for key, value in node.items()})


def fields_of(query: str) -> list[str]:
    """The names in `fields=`, without what is said of them in brackets."""
    text = parse_qs(query).get("fields", [""])[0]
    while (plain := re.sub(r"\.\w+\([^()]*\)|\{[^{}]*\}", "", text)) != text:
        text = plain
    return [name for name in text.split(",") if name]


def only_asked(schema: Mapping[str, Any], query: str) -> Mapping[str, Any]:
    """The schema of an answer to a call that named its fields: the others are not there."""
    asked = fields_of(query)
    if asked:
        found = _objects(schema)[-1]
        found["required"] = [name for name in found.get("required", ()) if name in {*asked, "id"}]
    return schema


def _objects(schema: Mapping[str, Any]) -> list[Any]:
    """An answer's object and, where it is a list, the one that its items are."""
    items = schema.get("properties", {}).get("data", {}).get("items", {})
    return [schema, items] if "properties" in items else [schema]


def problems(schema: Mapping[str, Any], instance: Any) -> Iterator[ValidationError]:
    """Where the instance differs. Of alternatives, the one its `type` names is meant."""
    validator = Draft202012Validator(_narrowed(schema, instance))
    yield from validator.iter_errors(instance)


def _fits(parts: list[str], given: list[str]) -> bool:
    for part, value in zip(parts, given, strict=True):
        if part == "{Version}":
            continue
        if part.startswith("{"):
            if part.strip("{}") != _KINDS.get(value[:2]):
                return False
        elif part != value:
            return False
    return True


def _repaired(schema: dict[str, Any]) -> dict[str, Any]:
    # `nullable` is OpenAPI 3.0, which the document's 3.1 no longer has.
    if schema.pop("nullable", False) is True and isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
    # Parts of an allOf that each forbid what the others require fit no value at all.
    for part in schema.get("allOf", ()):
        if part.get("additionalProperties") is False:
            del part["additionalProperties"]
    return schema


def _narrowed(schema: Mapping[str, Any], instance: Any) -> Mapping[str, Any]:
    kind = instance.get("type") if isinstance(instance, dict) else None
    for alternative in schema.get("oneOf", ()):
        for part in (alternative, *alternative.get("allOf", ())):
            types = part.get("properties", {}).get("type", {})
            if kind is not None and kind in types.get("enum", ()):
                chosen: Mapping[str, Any] = alternative
                return chosen
    return schema
