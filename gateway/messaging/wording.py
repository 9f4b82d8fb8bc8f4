"""What a person wrote, in words."""

from gateway.messaging.models import Message


def words(row: Message) -> str:
    """What the person wrote or chose, if the message is words."""
    content = row.content
    if row.type == "interactive":
        reply = content.get("button_reply") or content.get("list_reply") or {}
        asked = content.get("body") or content.get("nfm_reply") or {}
        return str(reply.get("title") or asked.get("text") or asked.get("body") or "")
    return str(content.get({"text": "body", "button": "text"}.get(row.type, ""), ""))
