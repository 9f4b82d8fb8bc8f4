"""Reads any JSON event by the pointers of its connection."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gateway.plugin_api import AtsAdapter, Refused, Wanted

from .pointers import value_at
from .settings import Settings
from .signature import is_signed


class GenericAts(AtsAdapter):
    name = "generic"
    settings_schema = Settings

    def is_genuine(
        self, secret: str, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> bool:
        return is_signed(secret, headers, body, now)

    def event_id(self, headers: Mapping[str, str], body: bytes) -> str:
        return headers["webhook-id"]

    def read(self, settings: Mapping[str, Any], body: bytes) -> Wanted | None:
        event = _parsed(body)
        conditions: Mapping[str, Any] = settings.get("only", {})
        if not all(_is_one_of(value_at(event, at), allowed) for at, allowed in conditions.items()):
            return None
        found = {name: _text(event, at) for name, at in settings["mapping"].items()}
        return Wanted(
            name=found["candidate.name"],
            phone=found["candidate.phone"],
            ats_candidate_id=found.get("candidate.ats_candidate_id"),
            language=found.get("candidate.language"),
            application_ref=found.get("application_ref"),
            recruiter_email=found.get("recruiter.email"),
            opt_in=_opt_in(found),
        )


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Refused("malformed_event", "The event is not JSON that can be read.") from None


def _is_one_of(value: Any, allowed: list[Any]) -> bool:
    """In JSON `true` and `1` are different, in Python they are equal."""
    return any(type(value) is type(other) and value == other for other in allowed)


def _text(event: Any, at: str) -> str | None:
    """The text at this place; a whole number by its digits; None where nothing is said."""
    value = value_at(event, at)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if value is None or isinstance(value, str):
        return (value or "").strip() or None
    raise Refused(
        "mapped_value_not_text", f"At {at} the event has neither a text nor a whole number."
    )


def _opt_in(found: Mapping[str, str | None]) -> Mapping[str, str] | None:
    """Whoever did not say when it agreed has not agreed."""
    parts = {name: found.get(f"candidate.opt_in.{name}") for name in ("source", "obtained_at")}
    parts["evidence"] = found.get("candidate.opt_in.evidence")
    return {name: text for name, text in parts.items() if text} if parts["obtained_at"] else None
