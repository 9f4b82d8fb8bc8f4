"""What happened, as plugins and vendors are told."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

HOOK_OF: Mapping[str, str] = MappingProxyType(
    {
        "line.activated": "on_lines_activated",
        "message.sent": "on_message_statuses_changed",
        "message.delivered": "on_message_statuses_changed",
        "message.delivery_learned": "on_message_statuses_changed",
        "message.read": "on_message_statuses_changed",
        "message.played": "on_message_statuses_changed",
        "message.failed": "on_message_statuses_changed",
        "line.number_replaced": "on_numbers_replaced",
        "line.rent_moved": "on_numbers_replaced",
        "line.released": "on_lines_released",
        "number.given_back": "on_numbers_given_back",
        "template.changed": "on_templates_changed",
        "number.pooled": "on_numbers_given_back",
    }
)
"""The hook that tells plugins of an event type. Types that are not here reach vendors only."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """One thing that happened to one client. `data` is what the API shows of it, as JSON values."""

    event_id: str
    type: str  # noun.past_tense
    client_id: str
    occurred_at: datetime  # UTC
    data: Mapping[str, Any]
