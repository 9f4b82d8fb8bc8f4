"""What a phone shows of one message: words, a file, what to answer with. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

_KINDS: Final = {
    "audio": "Voice message",
    "image": "Photo",
    "document": "Document",
    "video": "Video",
    "sticker": "Sticker",
    "location": "Location",
    "contacts": "Contact card",
    "reaction": "Reaction",
}


@dataclass(frozen=True, kw_only=True)
class Bubble:
    """`kind` is that of a message that is not words; `answers` are what a tap on it sends."""

    id: str
    wamid: str
    mine: bool
    kind: str | None
    text: str
    url: str | None
    quotes: str | None
    answers: Sequence[tuple[str, Mapping[str, Any]]]
    is_read: bool
    at: datetime


def bubble(message: Mapping[str, Any], seen: Collection[str]) -> Bubble:
    """One message that the phone received or its owner wrote; `seen`: which of these were read."""
    kind = str(message["type"])
    content = message.get("text") or message.get(kind) or {}
    held = content if isinstance(content, Mapping) else {"contacts": content}
    words = _words(kind, held)
    return Bubble(
        id=_id(message["wamid"]),
        wamid=str(message["wamid"]),
        mine="to" in message,
        kind=None if words else kind,
        text=words or ": ".join(filter(None, (_KINDS.get(kind, kind), _detail(kind, held)))),
        url=held.get("url"),
        quotes=_quoted(message.get("context")),
        answers=() if "to" in message else tuple(_answers(message)),
        is_read=message["wamid"] in seen,
        at=datetime.fromisoformat(message.get("received_at") or message["written_at"]),
    )


def _words(kind: str, content: Mapping[str, Any]) -> str:
    if kind == "interactive":
        reply = content.get("button_reply") or content.get("list_reply") or {}
        parts = [(content.get(name) or {}).get("text") for name in ("header", "body", "footer")]
        return str(reply.get("title") or "\n".join(filter(None, parts)))
    return str(content.get("body") or (content.get("text") if kind == "button" else "") or "")


def _detail(kind: str, content: Mapping[str, Any]) -> str:
    if kind == "location":
        return str(content.get("name") or f"{content.get('latitude')}, {content.get('longitude')}")
    if kind == "contacts":
        names = (contact.get("name") or {} for contact in content.get("contacts") or ())
        return ", ".join(str(name.get("formatted_name", "")) for name in names)
    if kind == "reaction":
        return str(content.get("emoji") or "taken back")
    return str(content.get("filename") or content.get("caption") or "")


def _answers(message: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """What can be tapped: the buttons and rows of an interactive message."""
    action = (message.get("interactive") or {}).get("action") or {}
    found = [
        ("button_reply", button["reply"]) for button in action.get("buttons") or ()
    ] + [
        ("list_reply", row)
        for section in action.get("sections") or ()
        for row in section.get("rows") or ()
    ]  # fmt: skip
    return [
        (reply["title"], {"type": "interactive", "interactive": {"type": name, name: reply}})
        for name, reply in found
    ]


def _quoted(context: Mapping[str, Any] | None) -> str | None:
    return _id(context["message_id"]) if context else None


def _id(wamid: Any) -> str:
    return f"m{str(wamid).removeprefix('wamid.')}"
