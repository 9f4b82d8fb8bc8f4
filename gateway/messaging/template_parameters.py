"""Whether a message fills its template: every blank once, and nothing besides. Pure.

Source: the components of an approved template and those of a template message.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.messaging import template_text

Part = Mapping[str, Any]
_FILES: Final = ("image", "video", "document", "location")
_BUTTONS: Final = {"url": "text", "quick_reply": "payload", "copy_code": "coupon_code"}


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """What does not fit; the pointer is into the message."""

    pointer: str
    detail: str


def check(template: Sequence[Part], content: Part) -> Wrong | None:
    """The first thing that does not fit, if anything does not."""
    return next(_wrongs(template, content), None)


def _wrongs(template: Sequence[Part], content: Part) -> Iterator[Wrong]:
    places: dict[tuple[str, str], str] = {}
    for place, given in enumerate(content.get("components", ())):
        pointer = f"/template/components/{place}"
        key = (given["type"], given.get("index", ""))
        if key in places:
            yield Wrong(pointer=pointer, detail=f"The {given['type']} is filled twice.")
        places[key] = pointer
        yield from _component(template, given, pointer)
    for (kind, index), what in _required(template):
        if (kind, index) not in places:
            which = f"{kind} {index}".strip()
            detail = f"The template's {which} wants {what}: add its component."
            yield Wrong(pointer="/template/components", detail=detail)


def _component(template: Sequence[Part], given: Part, pointer: str) -> Iterator[Wrong]:
    if given["type"] == "button":
        yield from _button(template, given, pointer)
        return
    part = _part(template, given["type"])
    file = str(part.get("format", "")).lower()
    if file in _FILES:
        yield from _kinds(given["parameters"], [file], pointer)
    else:
        yield from _texts(
            template_text.names(str(part.get("text", ""))), given["parameters"], pointer
        )


def _texts(wanted: Sequence[str], given: Sequence[Part], pointer: str) -> Iterator[Wrong]:
    yield from _kinds(given, ["text"] * len(wanted), pointer)
    if all(name.isdecimal() for name in wanted):
        return
    for place, parameter in enumerate(given):
        if parameter.get("parameter_name") not in wanted:
            yield Wrong(
                pointer=f"{pointer}/parameters/{place}/parameter_name",
                detail=f"The template's blanks are named {', '.join(wanted)}.",
            )
    names = [parameter.get("parameter_name") for parameter in given]
    if len(set(names)) < len(names):
        yield Wrong(pointer=f"{pointer}/parameters", detail="A blank is filled twice.")


def _kinds(given: Sequence[Part], wanted: Sequence[str], pointer: str) -> Iterator[Wrong]:
    if len(given) != len(wanted):
        detail = f"The template wants {len(wanted)} parameters here, not {len(given)}."
        yield Wrong(pointer=f"{pointer}/parameters", detail=detail)
        return
    for place, (parameter, kind) in enumerate(zip(given, wanted, strict=True)):
        if parameter["type"] != kind:
            yield Wrong(
                pointer=f"{pointer}/parameters/{place}/type",
                detail=f"The template wants a {kind} here.",
            )


def _button(template: Sequence[Part], given: Part, pointer: str) -> Iterator[Wrong]:
    buttons = _buttons(template)
    at = int(given["index"])
    if at >= len(buttons):
        detail = f"The template has {len(buttons)} buttons; they count from 0."
        yield Wrong(pointer=f"{pointer}/index", detail=detail)
        return
    kind = str(buttons[at].get("type", "")).lower()
    if given["sub_type"] != kind or (
        kind == "url" and not template_text.names(str(buttons[at].get("url", "")))
    ):
        detail = f"The template's button {at} is of the type {kind} and takes no such parameter."
        yield Wrong(pointer=f"{pointer}/sub_type", detail=detail)
        return
    yield from _kinds(given["parameters"], [_BUTTONS[kind]], pointer)


def _required(template: Sequence[Part]) -> Iterator[tuple[tuple[str, str], str]]:
    for kind in ("header", "body"):
        part = _part(template, kind)
        file = str(part.get("format", "")).lower()
        if file in _FILES:
            yield (kind, ""), f"a {file}"
        elif count := len(template_text.names(str(part.get("text", "")))):
            yield (kind, ""), f"{count} parameters"
    for at, button in enumerate(_buttons(template)):
        kind = str(button.get("type", "")).lower()
        if kind == "copy_code" or (
            kind == "url" and template_text.names(str(button.get("url", "")))
        ):
            yield ("button", str(at)), f"a {_BUTTONS[kind]}"


def _buttons(template: Sequence[Part]) -> Sequence[Part]:
    found: Sequence[Part] = _part(template, "buttons").get("buttons") or ()
    return found


def _part(template: Sequence[Part], kind: str) -> Part:
    return next((part for part in template if str(part.get("type", "")).lower() == kind), {})
