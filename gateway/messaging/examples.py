"""Requests as the API's document shows them."""

from typing import Any, Final

from gateway.openapi import example_of

OPENING: Final[dict[str, Any]] = {
    "line_id": example_of("line_id"),
    "recruiter_id": example_of("recruiter_id"),
    "candidate": {"name": "Imane Tazi", "phone": "+212661000001", "language": "fr"},
    "application_ref": "DRIVER-118",
}

BATCH: Final[dict[str, Any]] = {
    "conversations": [
        {**OPENING, "idempotency_key": "driver-118-imane"},
        {
            **OPENING,
            "candidate": {"name": "Youssef Benali", "phone": "0661000002"},
            "idempotency_key": "driver-118-youssef",
        },
    ]
}

MESSAGE: Final[dict[str, Any]] = {
    "type": "text",
    "text": {"body": "Could you come in on Thursday at ten?"},
}
