"""What a template says. Pure functions over its components, in Meta's form."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

_BLANK: Final = re.compile(r"\{\{\s*(\d+)\s*\}\}")

Components = Sequence[Mapping[str, Any]]


def body(components: Components) -> str:
    """The text of the body, its blanks as they are written: `{{1}}`."""
    found = (part for part in components if str(part.get("type", "")).upper() == "BODY")
    return str(next(found, {}).get("text", ""))


def blanks(components: Components) -> int:
    """How many texts the body wants."""
    return max((int(number) for number in _BLANK.findall(body(components))), default=0)


def filled(components: Components, content: Mapping[str, Any]) -> str:
    """The body as the candidate reads it, with the parameters of a template message."""
    given = [
        str(parameter.get("text", ""))
        for part in content.get("components", ())
        if str(part.get("type", "")).lower() == "body"
        for parameter in part.get("parameters", ())
    ]

    def text(blank: re.Match[str]) -> str:
        number = int(blank[1])
        return given[number - 1] if 0 < number <= len(given) else blank[0]

    return _BLANK.sub(text, body(components))
