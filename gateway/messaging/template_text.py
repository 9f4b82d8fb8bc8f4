"""What a template says. Pure functions over its components, in Meta's form."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

_BLANK: Final = re.compile(r"\{\{\s*(\w+)\s*\}\}")

Components = Sequence[Mapping[str, Any]]


def body(components: Components) -> str:
    """The text of the body, its blanks as they are written: `{{1}}`."""
    found = (part for part in components if str(part.get("type", "")).upper() == "BODY")
    return str(next(found, {}).get("text", ""))


def blanks(components: Components) -> int:
    """How many texts the body wants."""
    return len(names(body(components)))


def names(text: str) -> list[str]:
    """The names or numbers of a text's blanks, each once, as they come."""
    return list(dict.fromkeys(_BLANK.findall(text)))


def filled(components: Components, content: Mapping[str, Any]) -> str:
    """The body as the candidate reads it, with the parameters of a template message."""
    given = {
        str(parameter.get("parameter_name", place)): str(parameter.get("text", ""))
        for part in content.get("components", ())
        if str(part.get("type", "")).lower() == "body"
        for place, parameter in enumerate(part.get("parameters", ()), start=1)
    }
    return _BLANK.sub(lambda blank: given.get(blank[1], blank[0]), body(components))
