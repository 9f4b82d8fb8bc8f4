"""Every call that the adapter makes, and those only the simulator answers, once each."""

import contextlib
from typing import Any

from gateway.plugin_api import (
    Branding,
    Change,
    OutgoingFile,
    OutgoingMessage,
    ProviderError,
    Recipient,
    TemplateDraft,
)

from .loopback import LINE, PERSON, WABA, WAIT_SECONDS, Loopback, digits_in

_BODY = {
    "type": "BODY",
    "text": "Bonjour, je suis {{1}} de {{2}}.",
    "example": {"body_text": [["Sara", "Atlas"]]},
}
_TEMPLATE = {
    "name": "introduction",
    "language": {"code": "fr"},
    "components": [
        {
            "type": "body",
            "parameters": [{"type": "text", "text": "Sara"}, {"type": "text", "text": "Atlas"}],
        }
    ],
}
_LIST = {"button": "Choisir", "sections": [{"rows": [{"id": "1", "title": "Lundi"}]}]}
_REPLY = {"type": "reply", "reply": {"id": "yes", "title": "Oui"}}
CONTENTS: dict[str, list[dict[str, Any]]] = {
    "text": [{"body": "Bonjour", "preview_url": False}],
    "image": [{"link": "https://cdn.test/1.png", "caption": "Logo"}],
    "document": [{"link": "https://cdn.test/1.pdf", "filename": "offre.pdf"}],
    "audio": [{"link": "https://cdn.test/1.ogg"}],
    "video": [{"link": "https://cdn.test/1.mp4"}],
    "sticker": [{"link": "https://cdn.test/1.webp"}],
    "location": [{"latitude": "33.57", "longitude": "-7.58", "name": "Agence"}],
    "reaction": [{"emoji": "👍"}],
    "contacts": [
        {"contacts": [{"name": {"formatted_name": "Sara"}, "phones": [{"phone": "+212600000009"}]}]}
    ],
    "interactive": [
        {"type": "button", "body": {"text": "Oui ?"}, "action": {"buttons": [_REPLY]}},
        {"type": "list", "body": {"text": "Quand ?"}, "action": _LIST},
    ],
}


def drive(meta: Loopback) -> None:
    """Live through a line once: added, verified, branded, talking, taken off."""
    _become_a_line(meta)
    number = meta.registrar.find(waba_id=WABA, phone_number=LINE)
    assert number is not None
    _talk(meta, number.phone_number_id)
    _manage(meta, number.phone_number_id)


def _become_a_line(meta: Loopback) -> None:
    registrar = meta.registrar
    registrar.subscribe(WABA)
    number_id = registrar.add(waba_id=WABA, phone_number=LINE, display_name="Atlas Recrutement")
    with contextlib.suppress(ProviderError):
        registrar.register(number_id, pin="135790")  # before its time: the form of a refusal
    with contextlib.suppress(ProviderError):
        registrar.verify_code(number_id, "000000")
    registrar.request_code(number_id, method="VOICE", language="en_US")
    meta.operator.heard.get(timeout=WAIT_SECONDS)
    registrar.request_code(number_id, method="SMS", language="en_US")
    _, text = meta.operator.heard.get(timeout=WAIT_SECONDS)
    registrar.verify_code(number_id, digits_in(text))
    registrar.register(number_id, pin="135790")
    registrar.number(number_id)
    registrar.brand(number_id, Branding(about="About", description="Text", picture=b"\x89PNG"))
    registrar.profile(number_id)


def _talk(meta: Loopback, number_id: str) -> None:
    draft = TemplateDraft(
        name="introduction", language="fr", category="UTILITY", components=[_BODY]
    )
    meta.messaging.submit_template(WABA, draft)
    meta.next_change(lambda change: change.field == "message_template_status_update")
    meta.messaging.find_template(WABA, "introduction", "fr")
    _send(meta, number_id, "template", _TEMPLATE, Recipient(phone=PERSON, bsuid=None))
    said = {"to": LINE, "type": "text", "text": {"body": "Bonjour"}}
    meta.panel("POST", f"phones/{PERSON}/messages", said)
    change = meta.next_change(lambda found: bool(meta.messaging.read(found).messages))
    (message,) = meta.messaging.read(change).messages
    _send(meta, number_id, "text", CONTENTS["text"][0], Recipient(phone=None, bsuid=message.bsuid))
    for kind, contents in CONTENTS.items():
        for content in contents:
            to = {"message_id": message.wamid} if kind == "reaction" else {}
            _send(meta, number_id, kind, content | to, Recipient(phone=PERSON, bsuid=None))
    meta.messaging.mark_read(number_id, message.wamid)
    meta.next_change(lambda found: _tells(meta, found, "delivered"))
    meta.panel("POST", f"phones/{PERSON}/messages", said)
    meta.next_change(lambda found: _tells(meta, found, "read"))


def _tells(meta: Loopback, change: Change, name: str) -> bool:
    return any(status.status == name for status in meta.messaging.read(change).statuses)


def _send(
    meta: Loopback, number_id: str, kind: str, content: dict[str, Any], recipient: Recipient
) -> None:
    meta.messaging.send(
        OutgoingMessage(
            message_id="msg_01",
            phone_number_id=number_id,
            recipient=recipient,
            type=kind,
            content=content,
        )
    )


def _manage(meta: Loopback, number_id: str) -> None:
    file = OutgoingFile(content=b"\x89PNG", mime_type="image/png", filename="logo.png")
    media_id = meta.messaging.upload_media(number_id, file)
    meta.messaging.fetch_media(number_id, media_id, limit=100)
    meta.call("POST", number_id, json={"pin": "135790"})
    meta.call("POST", number_id, json={"new_display_name": "Atlas Maroc"})
    meta.next_change(lambda change: change.field == "phone_number_name_update")
    meta.call("GET", f"{WABA}/subscribed_apps")
    meta.call("DELETE", f"{WABA}/message_templates", params={"name": "introduction"})
    meta.call("GET", f"{WABA}/phone_numbers", headers={"Authorization": "Bearer other"})
    meta.registrar.deregister(number_id)
    meta.call("DELETE", f"{WABA}/subscribed_apps")
