"""JSON pointers (RFC 6901)."""

import re
from typing import Any, Final

_WELL_FORMED: Final = re.compile(r"(?:/(?:[^~/]|~[01])*)*")
_PLACE: Final = re.compile(r"0|[1-9][0-9]{0,8}")


def is_well_formed(pointer: str) -> bool:
    return _WELL_FORMED.fullmatch(pointer) is not None


def value_at(document: Any, pointer: str) -> Any:
    """What stands there; None where nothing does."""
    found = document
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict):
            found = found.get(name)
        elif isinstance(found, list) and _PLACE.fullmatch(name) and int(name) < len(found):
            found = found[int(name)]
        else:
            return None
    return found
