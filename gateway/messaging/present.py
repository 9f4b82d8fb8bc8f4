"""How conversations and messages are shown, to the API and to the pages alike."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from gateway import clock
from gateway.messaging import consent, media, outgoing, people, policy, wording
from gateway.messaging.models import Conversation, Media, Message

_PLACEHOLDERS = {
    "audio": "Voice message",
    "image": "Photo",
    "document": "Document",
    "video": "Video",
    "sticker": "Sticker",
    "location": "Location",
    "contacts": "Contact card",
    "reaction": "Reaction",
    "order": "Order",
    "system": "Notice from WhatsApp",
    "edit": "Correction",
    "revoke": "Message taken back",
    "media_placeholder": "File that the app did not share",
    "unsupported": "A kind of message that WhatsApp does not pass on",
}
_CHANGES = {"edit": "edited", "revoke": "withdrawn"}


def conversation(session: Session, row: Conversation) -> dict[str, Any]:
    return conversations(session, [row])[0]


def conversations(session: Session, rows: Sequence[Conversation]) -> list[dict[str, Any]]:
    if not rows:
        return []
    client_id = rows[0].client_id
    heard = [row.id for row in rows if row.last_inbound_at]
    doubts = consent.doubts(session, client_id, heard) if heard else []
    newest = {message.conversation_id: message for message in doubts}
    candidates = people.candidates(session, client_id, [row.candidate_id for row in rows])
    begun = [row.introduction_id for row in rows if row.introduction_id]
    introductions = outgoing.by_id(session, client_id, begun)
    return [
        {
            "id": row.id,
            "line_id": row.line_id,
            "status": "open" if row.recruiter_id else "unassigned",
            "recruiter_id": row.recruiter_id,
            "candidate": candidates[row.candidate_id],
            "introduction": _introduction(introductions.get(row.introduction_id or "")),
            "reply_window": {
                "open": policy.window_is_open(row.last_inbound_at, clock.now()),
                "closes_at": policy.window_closes_at(row.last_inbound_at),
            },
            "stop_suspected": _doubt(newest.get(row.id)),
            "applications": row.applications,
            "last_message_at": row.last_message_at,
            "created_at": row.created_at,
        }
        for row in rows
    ]


def _doubt(message: Message | None) -> dict[str, Any] | None:
    return {"message_id": message.id, "at": message.created_at} if message else None


def _introduction(message: Message | None) -> dict[str, Any] | None:
    if message is None:
        return None
    return {
        "status": message.status,
        "language": message.content.get("language", {}).get("code"),
        "message_id": message.id,
        "reason": message.reason,
    }


def message(session: Session, row: Message) -> dict[str, Any]:
    """A message in Meta's shape: its content stands under its type's name."""
    return messages(session, [row])[0]


def messages(session: Session, rows: Sequence[Message]) -> list[dict[str, Any]]:
    files = media.of(session, rows)
    wamids = [wamid for row in rows if (wamid := target(row))]
    named = outgoing.by_wamid(session, rows[0].client_id, wamids) if wamids else {}
    changed = changes(session, rows)
    return [_message(row, files.get(row.media_id or ""), named, changed) for row in rows]


def changes(session: Session, rows: Sequence[Message]) -> dict[str, dict[str, Any]]:
    """Of the messages that were corrected or taken back since, by our ids: how, by what, when."""
    ids = {row.wamid: row.id for row in rows if row.wamid}
    found = outgoing.changes(session, rows[0].client_id, list(ids)) if ids else {}
    return {
        ids[wamid]: {
            "how": _CHANGES[change.type],
            "message_id": change.id,
            "at": change.created_at.isoformat(),
        }
        for wamid, change in found.items()
    }


def target(row: Message) -> str | None:
    """The wamid of the message that this one quotes or reacts to."""
    if row.type == "reaction":
        return str(row.content.get("message_id") or "") or None
    return row.context_wamid


def _message(
    row: Message,
    file: Media | None,
    named: Mapping[str, str],
    changed: Mapping[str, dict[str, Any]],
) -> dict[str, Any]:
    wamid = target(row)
    return {
        "id": row.id,
        "conversation_id": row.conversation_id,
        "wamid": row.wamid,
        "direction": row.direction,
        "type": row.type,
        row.type: row.content,
        "context": {"message_id": named.get(wamid), "wamid": wamid} if wamid else None,
        "changed": changed.get(row.id),
        "media": file and media.shown(file),
        "preview": preview(row),
        "introduction": row.introduction,
        "status": row.status,
        "reason": row.reason,
        "error": row.error,
        "source": row.source,
        "category": row.category,
        "recruiter_id": row.recruiter_id,
        "not_before": row.not_before and row.not_before.isoformat(),
        "expires_at": row.expires_at and row.expires_at.isoformat(),
        "created_at": row.created_at.isoformat(),
        "sent_at": row.sent_at and row.sent_at.isoformat(),
        "delivered_at": row.delivered_at and row.delivered_at.isoformat(),
        "read_at": row.read_at and row.read_at.isoformat(),
    }


def preview(row: Message) -> str:
    """The message in one line: its words, or the name of its kind and what tells it apart."""
    content = row.content
    if row.type == "template":
        return f"Template {content.get('name')} ({content.get('language', {}).get('code')})"
    if row.type in ("text", "button", "interactive"):
        return wording.words(row) or "Reply"
    if row.type == "reaction" and not content.get("emoji"):
        return "Reaction taken back"
    name = _PLACEHOLDERS.get(row.type, f"Message of the kind {row.type}")
    detail = _detail(row)
    return f"{name}: {detail}" if detail else name


def _detail(row: Message) -> str:
    content = row.content
    if row.type == "location":
        place = [str(content[name]) for name in ("name", "address") if content.get(name)]
        return ", ".join(place) or f"{content.get('latitude')}, {content.get('longitude')}"
    if row.type == "contacts":
        return ", ".join(filter(None, map(_card, content.get("contacts") or ())))
    if row.type == "edit":
        corrected = content.get("message") or {}
        return str((corrected.get("text") or {}).get("body") or "")
    for name in ("emoji", "caption", "filename", "body"):
        if content.get(name):
            return str(content[name])
    return ""


def _card(contact: Any) -> str:
    """One shared contact: the name, and the numbers where there are any."""
    if not isinstance(contact, dict):
        return ""
    phones = [str(phone.get("phone", "")) for phone in contact.get("phones") or ()]
    named = contact.get("name") or {}
    return " ".join(filter(None, (str(named.get("formatted_name", "")), *phones)))
