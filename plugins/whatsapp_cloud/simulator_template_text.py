"""What a template may look like and what it says once its variables are filled: pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .simulator_errors import GraphError

_VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_NAME = re.compile(r"[a-z0-9_]{1,512}")
_CATEGORIES = ("MARKETING", "UTILITY", "AUTHENTICATION")
_LONGEST = {"HEADER": 60, "BODY": 1024, "FOOTER": 60}
_LENGTH_SUBCODES = {"HEADER": 2388047, "BODY": 2388072, "FOOTER": 2388073}
_FILES = ("IMAGE", "VIDEO", "DOCUMENT")


def check(template: Mapping[str, Any]) -> None:
    """Refuse what Meta would refuse at once, before any review."""
    if not _NAME.fullmatch(str(template.get("name", ""))):
        raise GraphError(100, "name takes a-z, 0-9 and _ only, up to 512 characters.")
    if template.get("category") not in _CATEGORIES or not template.get("language"):
        raise GraphError(100, f"language and a category of {_CATEGORIES} are needed.")
    components = template.get("components")
    if not isinstance(components, list) or part(components, "BODY") is None:
        raise GraphError(100, "components need a BODY.")
    for component in components:
        kind, text = str(component.get("type", "")).upper(), str(component.get("text", ""))
        if len(text) > _LONGEST.get(kind, len(text)):
            raise GraphError(100, f"{kind} is too long.", subcode=_LENGTH_SUBCODES[kind])
        _check_buttons(component)
    _check_body(part(components, "BODY") or {}, named=is_named(template))


def render(template: Mapping[str, Any], sent: Mapping[str, Any]) -> str:
    """The text of the body as the person reads it; refuses parameters that do not fit."""
    given = sent.get("components") or []
    named = is_named(template)
    header = part(template["components"], "HEADER")
    if header is not None:
        if header.get("format") in _FILES:
            _check_file(header, _parameters(given, "header"))
        else:
            _fill(header.get("text", ""), _parameters(given, "header"), named)
    for position in _url_variables(template["components"]):
        if not any(str(c.get("index")) == position and c.get("parameters") for c in given):
            raise GraphError(131008, f"The button {position} needs its parameter.")
    body = part(template["components"], "BODY") or {}
    return _fill(body["text"], _parameters(given, "body"), named)


def part(components: Iterable[Mapping[str, Any]], kind: str) -> Mapping[str, Any] | None:
    """The component of a kind, however its type is written."""
    return next((c for c in components if str(c.get("type", "")).upper() == kind), None)


def is_named(template: Mapping[str, Any]) -> bool:
    return str(template.get("parameter_format", "POSITIONAL")).upper() == "NAMED"


def _check_body(body: Mapping[str, Any], *, named: bool) -> None:
    text = str(body.get("text", "")).strip()
    variables = _VARIABLE.findall(text)
    if not text:
        raise GraphError(100, "BODY needs a text.")
    if not variables:
        return
    if _VARIABLE.match(text) or re.search(r"\{\{\s*\w+\s*\}\}$", text):
        raise GraphError(100, "A variable may not open or close the body.", subcode=2388299)
    expected = [str(number) for number in range(1, len(set(variables)) + 1)]
    if not named and sorted(set(variables), key=str) != sorted(expected, key=str):
        raise GraphError(100, "Positional variables count from {{1}} without a gap.")
    example = body.get("example") or {}
    shown = (
        [item.get("param_name") for item in example.get("body_text_named_params") or ()]
        if named
        else next(iter(example.get("body_text") or ()), [])
    )
    if len(shown) != len(set(variables)):
        raise GraphError(100, "BODY needs an example for each of its variables.")


def _check_buttons(component: Mapping[str, Any]) -> None:
    buttons = component.get("buttons") or []
    if len(buttons) > 10 or any(len(str(b.get("text", ""))) > 25 for b in buttons):
        raise GraphError(100, "At most 10 buttons, with labels up to 25 characters.")


def _check_file(header: Mapping[str, Any], parameters: Sequence[Mapping[str, Any]]) -> None:
    kind = str(header["format"]).lower()
    if [parameter.get("type") for parameter in parameters] != [kind]:
        raise GraphError(132012, f"The header wants one parameter of the type {kind}.")


def _url_variables(components: Iterable[Mapping[str, Any]]) -> list[str]:
    buttons = (part(components, "BUTTONS") or {}).get("buttons") or []
    return [str(at) for at, button in enumerate(buttons) if "{{" in str(button.get("url", ""))]


def _parameters(given: Iterable[Mapping[str, Any]], kind: str) -> list[Mapping[str, Any]]:
    found = next((c for c in given if str(c.get("type", "")).lower() == kind), None)
    return list((found or {}).get("parameters") or ())


def _fill(text: str, parameters: Sequence[Mapping[str, Any]], named: bool) -> str:
    variables = list(dict.fromkeys(_VARIABLE.findall(text)))
    if len(parameters) != len(variables):
        raise GraphError(
            132000, f"The template has {len(variables)} parameters, not {len(parameters)}."
        )
    if any(p.get("type") != "text" or not p.get("text") for p in parameters):
        raise GraphError(132012, "Each parameter here must be a text that is not empty.")
    if named:
        values = {str(p.get("parameter_name")): str(p["text"]) for p in parameters}
        if set(values) != set(variables):
            raise GraphError(132012, f"The parameters must be named {variables}.")
    else:
        values = {str(at): str(p["text"]) for at, p in enumerate(parameters, start=1)}
    return _VARIABLE.sub(lambda found: values[found.group(1)], text)
