"""Carries messages by the Cloud API, and knows its templates."""

import hmac
import json
import re
from collections.abc import Mapping, Sequence
from copy import copy
from hashlib import sha256
from typing import Any, ClassVar, Self
from urllib.parse import quote

from marshmallow import Schema

from gateway.plugin_api import (
    Acceptance,
    ActsForOthers,
    Change,
    HttpClient,
    MediaCarrier,
    MessagingProvider,
    OutcomeUnknown,
    OutgoingFile,
    OutgoingMessage,
    Reading,
    ReadReceipts,
    Recipient,
    Refused,
    TemplateCatalogue,
    TemplateDraft,
    TemplateState,
)

from . import webhooks
from .graph import Graph, text_in
from .groups import WhatsAppGroups
from .settings import NAME, WhatsAppCloudSettings

_NAMED_VARIABLE = re.compile(r"\{\{\s*[a-z_]\w*\s*\}\}")
_TEMPLATE_FIELDS = "name,language,category,status,rejected_reason"


class WhatsAppCloudMessaging(
    MessagingProvider, TemplateCatalogue, MediaCarrier, ReadReceipts, WhatsAppGroups, ActsForOthers
):
    """The messages of the Cloud API.

    Meta has no idempotency key: our message id travels in `biz_opaque_callback_data` and comes
    back in every status, which is what settles an OutcomeUnknown.
    """

    name: ClassVar[str] = NAME
    webhook_name: ClassVar[str] = "whatsapp"
    settings_schema: ClassVar[type[Schema]] = WhatsAppCloudSettings

    def __init__(self, settings: Mapping[str, Any], http: HttpClient) -> None:
        super().__init__(settings, http)
        self._graph = Graph(settings, http)

    def acting_by(self, access_token: str) -> Self:
        theirs = copy(self)
        theirs._graph = Graph(self.settings, self.http, access_token=access_token)
        return theirs

    def send(self, message: OutgoingMessage) -> Acceptance:
        quoted = message.context_wamid
        answer = self._graph.post(
            f"{message.phone_number_id}/messages",
            {
                "messaging_product": "whatsapp",
                "recipient_type": "individual",
                **_address(message.recipient),
                "type": message.type,
                message.type: _content(message),
                **({"context": {"message_id": quoted}} if quoted else {}),
                "biz_opaque_callback_data": message.message_id,
            },
        )
        return _acceptance(answer)

    def challenge(self, query: Mapping[str, str]) -> str | None:
        given = query.get("hub.verify_token", "").encode()
        if query.get("hub.mode") != "subscribe":
            return None
        if not hmac.compare_digest(given, self.settings["verify_token"].encode()):
            return None
        return query.get("hub.challenge")

    def is_genuine(self, body: bytes, headers: Mapping[str, str]) -> bool:
        given = headers.get("x-hub-signature-256", "").encode()
        digest = hmac.new(self.settings["app_secret"].encode(), body, sha256).hexdigest()
        return hmac.compare_digest(given, f"sha256={digest}".encode())

    def split(self, body: bytes) -> Sequence[Change]:
        return webhooks.split(body)

    def read(self, change: Change) -> Reading:
        return webhooks.read(change)

    def fetch_media(self, phone_number_id: str, media_id: str, *, limit: int) -> bytes:
        known = self._graph.get(quote(media_id, safe=""), {"phone_number_id": phone_number_id})
        if int(known.get("file_size") or 0) > limit:
            raise Refused("too_large", f"The file has over {limit} bytes.", who="client")
        return self._graph.download(text_in(known, "url"), limit=limit)

    def upload_media(self, phone_number_id: str, file: OutgoingFile) -> str:
        return self._graph.upload_media(
            f"{phone_number_id}/media",
            file.content,
            content_type=file.mime_type,
            name=file.filename,
        )

    def mark_read(self, phone_number_id: str, wamid: str) -> None:
        self._graph.post(
            f"{phone_number_id}/messages",
            {"messaging_product": "whatsapp", "status": "read", "message_id": wamid},
        )

    def find_template(self, waba_id: str, name: str, language: str) -> TemplateState | None:
        # Meta finds every name that contains this one, in every language.
        found = self._graph.pages(
            f"{waba_id}/message_templates", {"name": name, "fields": _TEMPLATE_FIELDS}
        )
        for item in found:
            if (item.get("name"), item.get("language")) == (name, language):
                return _template(item, name, language)
        return None

    def submit_template(self, waba_id: str, draft: TemplateDraft) -> TemplateState:
        asked: dict[str, Any] = {
            "name": draft.name,
            "language": draft.language,
            "category": draft.category,
            "components": list(draft.components),
        }
        if _NAMED_VARIABLE.search(json.dumps(asked["components"])):
            asked["parameter_format"] = "NAMED"
        answer = self._graph.post(f"{waba_id}/message_templates", asked)
        text_in(answer, "id")
        return _template(answer, draft.name, draft.language)


def _address(recipient: Recipient) -> dict[str, str]:
    # Meta prefers `to` when both are given; with a phone the answer also tells the wa_id.
    if recipient.phone is not None:
        return {"to": recipient.phone}
    if recipient.bsuid is not None:
        return {"recipient": recipient.bsuid}
    raise Refused(
        "no_recipient", "The person has neither phone nor BSUID: add one of them.", who="client"
    )


def _content(message: OutgoingMessage) -> Any:
    # Shared contacts are the one kind that Meta wants as a list.
    return message.content["contacts"] if message.type == "contacts" else message.content


def _acceptance(answer: Mapping[str, Any]) -> Acceptance:
    messages = answer.get("messages")
    if not isinstance(messages, list) or not messages:
        raise OutcomeUnknown("no_answer", "Meta's answer names no message: look.", who="meta")
    person: Mapping[str, Any] = next(iter(answer.get("contacts") or ()), {})
    return Acceptance(
        wamid=text_in(messages[0], "id"), wa_id=person.get("wa_id"), bsuid=person.get("user_id")
    )


def _template(item: Mapping[str, Any], name: str, language: str) -> TemplateState:
    reason = item.get("rejected_reason")
    return TemplateState(
        name=name,
        language=language,
        category=text_in(item, "category"),
        status=text_in(item, "status"),
        rejected_reason=None if reason in (None, "NONE") else reason,
    )
