"""The document's `webhooks`: each event as it is pushed (Standard Webhooks)."""

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import Schema

EventTypes = Mapping[str, tuple[str, type[Schema]]]
"""By type: when it happens, and the schema of its data."""


def webhooks(types: EventTypes, resolve: Callable[[type[Schema]], Any]) -> dict[str, Any]:
    """The `webhooks` section: each event type, with when it happens and the schema of its data."""
    return {
        name: {"post": _push(name, summary, resolve(data))}
        for name, (summary, data) in types.items()
    }


def _push(name: str, summary: str, data: Any) -> dict[str, Any]:
    properties = {
        "id": {"type": "string"},
        "type": {"const": name},
        "timestamp": {"type": "string", "format": "date-time"},
        "client_id": {"type": "string"},
        "sequence": {
            "type": ["integer", "null"],
            "description": "Counts the events of a conversation, without a gap.",
        },
        "data": data,
    }
    body = {"type": "object", "required": list(properties), "properties": properties}
    return {
        "operationId": name,
        "summary": summary,
        "security": [],
        "parameters": [
            {
                "in": "header",
                "name": header,
                "required": True,
                "description": meaning,
                "schema": {"type": "string"},
            }
            for header, meaning in (
                ("webhook-id", "The event's id; a repeated push has the same."),
                ("webhook-timestamp", "When it was pushed, in Unix seconds."),
                ("webhook-signature", "`v1,` and the signature of id, timestamp and body."),
            )
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {"2XX": {"description": "Heard; anything else is told again."}},
    }
