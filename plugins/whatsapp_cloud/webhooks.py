"""What Meta's webhooks say, read tolerantly: pure, and silent about kinds it does not know.

Source: webhook reference of the WhatsApp Business Platform. Shapes follow the version chosen in
the app's subscription, so nothing here depends on a field that came or went with one.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.plugin_api import (
    AccountStopped,
    Change,
    Identifiers,
    InboundMessage,
    MarketingStopped,
    MarketingWithheld,
    Preference,
    Reading,
    Refused,
    StatusUpdate,
    TemplateNotice,
)

from . import account_news, app_webhooks
from .errors_map import code_of, explain, meaning_of
from .health import limit_in
from .name_reasons import name_notices
from .shapes import at, content, e164, is_complete, is_stamped, object_in, objects, text

_ABOUT_TEMPLATES = (
    "message_template_components_update",
    "message_template_status_update",
    "template_category_update",
)
_TELLING_LIMITS = ("business_capability_update", "phone_number_quality_update")


def split(body: bytes) -> Sequence[Change]:
    """The changes of a body, in order. Refused `malformed_webhook` where it is none of Meta's."""
    try:
        payload = json.loads(body)
    except ValueError as error:
        raise _malformed("no JSON") from error
    if not isinstance(payload, dict) or payload.get("object") != "whatsapp_business_account":
        raise _malformed("no WhatsApp webhook")
    if not isinstance(payload.get("entry"), list):
        raise _malformed("without entries")
    return tuple(
        _change(entry, change)
        for entry in objects(payload["entry"])
        for change in objects(entry.get("changes"))
    )


def read(change: Change) -> Reading:
    """What people wrote and wish, what became of messages and templates; else nothing."""
    if change.field == "user_preferences":
        return Reading(preferences=_preferences(change.value))
    if change.field in _ABOUT_TEMPLATES:
        return Reading(templates=_templates(change.value))
    if change.field == "phone_number_name_update":
        return Reading(names=name_notices(change.value))
    if change.field in _TELLING_LIMITS:
        told = change.value.get("max_daily_conversations_per_business")
        notice = account_news.notice(change.field, change.value)
        capacity = account_news.capacity(change.value)
        return Reading(limit=limit_in(told), capacity=capacity, account=notice)
    if change.field in app_webhooks.FIELDS:
        return app_webhooks.read(change)
    if change.field != "messages":
        return Reading(account=account_news.notice(change.field, change.value))
    value = change.value
    people = objects(value.get("contacts"))
    return Reading(
        messages=tuple(
            _message(item, people)
            for item in objects(value.get("messages"))
            # A group's message belongs to no conversation between two.
            if is_complete(item, "type") and "group_id" not in item
        ),
        statuses=tuple(
            _status(item) for item in objects(value.get("statuses")) if is_complete(item, "status")
        ),
    )


def _preferences(value: Mapping[str, Any]) -> tuple[Preference, ...]:
    return tuple(
        Preference(
            phone=e164(item.get("wa_id")),
            wa_id=text(item.get("wa_id")),
            bsuid=text(item.get("user_id")),
            wants_marketing=item["value"] == "resume",
            at=at(item),
            detail=text(item.get("detail")),
        )
        for item in objects(value.get("user_preferences"))
        if item.get("category") == "marketing_messages"
        and item.get("value") in ("stop", "resume")
        and is_stamped(item)
    )


def _templates(value: Mapping[str, Any]) -> tuple[TemplateNotice, ...]:
    name = text(value.get("message_template_name"))
    language = text(value.get("message_template_language"))
    return (TemplateNotice(name=name, language=language),) if name and language else ()


def _change(entry: Mapping[str, Any], change: Mapping[str, Any]) -> Change:
    field = str(change.get("field", ""))
    value = object_in(change.get("value"))
    shown = str(value.get("display_phone_number", ""))
    return Change(
        field=field,
        waba_id=_waba_id(entry, field, value),
        phone_number_id=text(object_in(value.get("metadata")).get("phone_number_id")),
        phone_number=e164("".join(c for c in shown if c.isdigit())),
        value=value,
    )


def _waba_id(entry: Mapping[str, Any], field: str, value: Mapping[str, Any]) -> str | None:
    # Where a partner comes or goes, the entry carries the partner's id and not the WABA's.
    if field == "account_update" and str(value.get("event", "")).startswith("PARTNER_"):
        return text(object_in(value.get("waba_info")).get("waba_id"))
    return text(entry.get("id"))


def _message(item: Mapping[str, Any], people: Sequence[Mapping[str, Any]]) -> InboundMessage:
    kind = str(item["type"])
    person = _person(item, people)
    return InboundMessage(
        wamid=str(item["id"]),
        sent_at=at(item),
        type=kind,
        content=content(item.get(kind), kind),
        phone=e164(item.get("from")),
        wa_id=text(person.get("wa_id")),
        bsuid=text(item.get("from_user_id")) or text(person.get("user_id")),
        profile_name=text(object_in(person.get("profile")).get("name")),
        context_wamid=text(object_in(item.get("context")).get("id")),
        moved_to=_moved(object_in(item.get("system"))),
    )


def _moved(notice: Mapping[str, Any]) -> Identifiers | None:
    if notice.get("type") not in ("user_changed_number", "user_changed_user_id"):
        return None
    return Identifiers(
        phone=e164(notice.get("wa_id")),
        wa_id=text(notice.get("wa_id")),
        bsuid=text(notice.get("user_id")),
    )


def _person(item: Mapping[str, Any], people: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The contact who wrote this; one batch may carry several people's messages."""
    for key, name in (("from_user_id", "user_id"), ("from", "wa_id")):
        for person in people:
            if item.get(key) is not None and item[key] == person.get(name):
                return person
    return people[0] if len(people) == 1 else {}


def _status(item: Mapping[str, Any]) -> StatusUpdate:
    errors = objects(item.get("errors"))
    meaning = meaning_of(errors[0]) if errors else None
    kind = meaning and meaning.kind
    pricing = object_in(item.get("pricing"))
    return StatusUpdate(
        wamid=str(item["id"]),
        message_id=text(item.get("biz_opaque_callback_data")),
        status=str(item["status"]),
        at=at(item),
        recipient=_first_text(
            item, "recipient_participant_id", "recipient_id", "recipient_user_id"
        ),
        error_code=code_of(errors[0]) if errors else None,
        error_detail=explain(meaning, errors[0]) if meaning else None,
        stops_marketing=kind is MarketingStopped,
        pricing_category=text(pricing.get("category")),
        pricing_type=text(pricing.get("type")),
        withholds_marketing=kind is MarketingWithheld,
        stops_line=meaning.code if meaning and kind is AccountStopped else None,
    )


def _first_text(item: Mapping[str, Any], *keys: str) -> str:
    return next((found for key in keys if (found := text(item.get(key)))), "")


def _malformed(what: str) -> Refused:
    return Refused("malformed_webhook", f"The body is {what}: nothing to route.", who="meta")
