"""Webhooks about numbers that stay in the WhatsApp Business app, read tolerantly.

Source: onboarding WhatsApp Business app users, and webhook reference (`smb_message_echoes`,
`smb_app_state_sync`, `history`), February 2026.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from gateway.plugin_api import AppContact, Change, Echo, HistoryPart, PastMessage, Reading

from . import shapes
from .errors_map import explain, meaning_of

FIELDS: Final = ("smb_message_echoes", "smb_app_state_sync", "history")
_FATES: Final = {
    "DELIVERED": "delivered",
    "READ": "read",
    "PLAYED": "played",
    "ERROR": "failed",
}


def read(change: Change) -> Reading:
    """The client's words in the app, its address book, or a part of its history."""
    if change.field == "smb_message_echoes":
        items = shapes.objects(change.value.get("message_echoes"))
        return Reading(echoes=tuple(map(_echo, filter(shapes.is_message, items))))
    if change.field == "smb_app_state_sync":
        return Reading(contacts=tuple(_contacts(change.value)))
    return Reading(history=_history(change.value))


def _echo(item: Mapping[str, Any]) -> Echo:
    kind = str(item["type"])
    content = shapes.content(item.get(kind), kind)
    return Echo(
        wamid=str(item["id"]),
        sent_at=shapes.at(item),
        type=kind,
        content=content,
        phone=shapes.e164(item.get("to")),
        wa_id=shapes.text(item.get("to")),
        bsuid=shapes.text(item.get("to_user_id")),
        context_wamid=_about(item, content),
    )


def _contacts(value: Mapping[str, Any]) -> Iterator[AppContact]:
    for item in shapes.objects(value.get("state_sync")):
        contact = shapes.object_in(item.get("contact"))
        digits = "".join(c for c in str(contact.get("phone_number", "")) if c.isdigit())
        phone = shapes.e164(digits)
        if item.get("type") != "contact" or phone is None:
            continue
        name = shapes.text(contact.get("full_name")) or shapes.text(contact.get("first_name"))
        yield AppContact(phone=phone, name=None if item.get("action") == "remove" else name)


def _history(value: Mapping[str, Any]) -> HistoryPart | None:
    ours = shapes.object_in(value.get("metadata")).get("display_phone_number")
    parts = shapes.objects(value.get("history"))
    if not parts:
        return None
    for part in parts:
        for error in shapes.objects(part.get("errors")):
            return HistoryPart(refusal=explain(meaning_of(error), error))
    told = [shapes.object_in(part.get("metadata")).get("progress") for part in parts]
    return HistoryPart(
        messages=tuple(
            _past(item, thread, str(ours))
            for part in parts
            for thread in shapes.objects(part.get("threads"))
            for item in shapes.objects(thread.get("messages"))
            if shapes.is_message(item)
        ),
        progress=max((one for one in told if isinstance(one, int)), default=None),
    )


def _past(item: Mapping[str, Any], thread: Mapping[str, Any], ours: str) -> PastMessage:
    kind = str(item["type"])
    content = shapes.content(item.get(kind), kind)
    person = shapes.object_in(thread.get("context"))
    wa_id = shapes.text(person.get("wa_id")) or shapes.text(thread.get("id"))
    fate = shapes.object_in(item.get("history_context")).get("status")
    return PastMessage(
        wamid=str(item["id"]),
        sent_at=shapes.at(item),
        type=kind,
        content=content,
        phone=shapes.e164(thread.get("id")) or shapes.e164(wa_id),
        wa_id=wa_id,
        bsuid=shapes.text(person.get("user_id")),
        by_client=str(item.get("from", "")).lstrip("+") == ours.lstrip("+"),
        status=_FATES.get(str(fate).upper(), "sent"),
        context_wamid=_about(item, content),
    )


def _about(item: Mapping[str, Any], content: Mapping[str, Any]) -> str | None:
    """What is quoted, corrected or taken back."""
    quoted = shapes.object_in(item.get("context")).get("id")
    return shapes.text(quoted) or shapes.text(content.get("original_message_id"))
