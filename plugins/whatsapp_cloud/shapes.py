"""The pieces that webhooks are made of, read tolerantly."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any


def e164(digits: Any) -> str | None:
    """`212600000001` as `+212600000001`; what is not all digits is no phone number."""
    if isinstance(digits, str) and digits.isascii() and digits.isdigit():
        return f"+{digits}"
    return None


def content(held: Any, kind: str) -> Mapping[str, Any]:
    """What stands under the type's name. Shared contacts are the one kind that is a list."""
    return {kind: held} if isinstance(held, list) else object_in(held)


def is_complete(item: Mapping[str, Any], kind: str) -> bool:
    """Whether it has an id, a time, and what `kind` names."""
    return bool(item.get("id") and item.get(kind)) and is_stamped(item)


def is_message(item: Mapping[str, Any]) -> bool:
    return is_complete(item, "type")


def is_stamped(item: Mapping[str, Any]) -> bool:
    stamp = str(item.get("timestamp"))
    return stamp.isdecimal() and len(stamp) < 12


def at(item: Mapping[str, Any]) -> datetime:
    return datetime.fromtimestamp(int(item["timestamp"]), UTC)


def text(value: Any) -> str | None:
    return str(value) if value not in (None, "") else None


def object_in(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def objects(values: Any) -> Sequence[Mapping[str, Any]]:
    found: Iterable[Any] = values if isinstance(values, list) else ()
    return tuple(value for value in found if isinstance(value, dict))
