"""What a message may hold: the limits of each type, pure."""

from collections.abc import Callable, Mapping
from typing import Any

from .simulator_errors import GraphError

FILES = frozenset({"image", "video", "audio", "document", "sticker"})


def check(kind: str, content: Any) -> None:
    """Refuse content that Meta would refuse. Whether a file or message exists is not seen here."""
    if kind not in _CHECKS:
        raise GraphError(131051, f"Messages of the type {kind!r} are not carried.")
    if not isinstance(content, list if kind == "contacts" else dict):
        raise GraphError(131008, f"{kind} is missing or of the wrong form.")
    _CHECKS[kind](content)


def _text(content: Mapping[str, Any]) -> None:
    _length("text.body", content.get("body"), 1, 4096)


def _file(content: Mapping[str, Any]) -> None:
    if not content.get("id") and not content.get("link"):
        raise GraphError(131008, "A file needs an id or a link.")
    _length("caption", content.get("caption", ""), 0, 1024)


def _location(content: Mapping[str, Any]) -> None:
    try:
        inside = abs(float(content["latitude"])) <= 90 and abs(float(content["longitude"])) <= 180
    except (KeyError, TypeError, ValueError):
        inside = False
    if not inside:
        raise GraphError(131009, "latitude and longitude are needed, in degrees.")


def _contacts(content: list[Any]) -> None:
    if not content or not all((c.get("name") or {}).get("formatted_name") for c in content):
        raise GraphError(131009, "Each contact needs name.formatted_name.")


def _reaction(content: Mapping[str, Any]) -> None:
    if not content.get("message_id") or "emoji" not in content:
        raise GraphError(131008, "A reaction needs message_id and emoji.")


def _interactive(content: Mapping[str, Any]) -> None:
    kind, action = content.get("type"), content.get("action") or {}
    longest = 4096 if kind == "list" else 1024
    _length("interactive.body", (content.get("body") or {}).get("text"), 1, longest)
    _length("interactive.footer", (content.get("footer") or {}).get("text", ""), 0, 60)
    if kind == "button":
        _buttons(action.get("buttons") or [])
    elif kind == "list":
        _list(action)


def _buttons(buttons: list[Any]) -> None:
    if not 1 <= len(buttons) <= 3:
        raise GraphError(131009, "One to three buttons.")
    for button in buttons:
        reply = button.get("reply") or {}
        _length("button id", reply.get("id"), 1, 256)
        _length("button title", reply.get("title"), 1, 20)


def _list(action: Mapping[str, Any]) -> None:
    _length("list button", action.get("button"), 1, 20)
    rows = [row for section in action.get("sections") or [] for row in section.get("rows") or []]
    if not 1 <= len(rows) <= 10:
        raise GraphError(131009, "One to ten rows in all sections together.")
    for row in rows:
        _length("row id", row.get("id"), 1, 200)
        _length("row title", row.get("title"), 1, 24)
        _length("row description", row.get("description", ""), 0, 72)


def _template(content: Mapping[str, Any]) -> None:
    if not content.get("name") or not isinstance(content.get("language"), dict):
        raise GraphError(131008, "A template needs its name and its language.")


def _length(what: str, text: Any, shortest: int, longest: int) -> None:
    if not isinstance(text, str) or not shortest <= len(text) <= longest:
        raise GraphError(100, f"{what} must have {shortest} to {longest} characters.")


_CHECKS: Mapping[str, Callable[[Any], None]] = {
    "text": _text,
    "location": _location,
    "contacts": _contacts,
    "reaction": _reaction,
    "interactive": _interactive,
    "template": _template,
    **dict.fromkeys(FILES, _file),
}
