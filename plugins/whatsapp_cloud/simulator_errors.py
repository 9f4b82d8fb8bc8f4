"""How the simulated Graph API refuses."""

from typing import Any

from flask import Response, jsonify

_TITLES = {
    0: "The app user could not be authenticated",
    1: "Unknown API error",
    2: "Service temporarily unavailable",
    3: "Capability or permission missing",
    4: "Application request limit reached",
    10: "Permission denied",
    33: "Parameter value is not valid",
    100: "Invalid parameter",
    190: "The access token is invalid",
    368: "Temporarily blocked for policy violations",
    2200: "Callback verification failed",
    80007: "Account rate limit reached",
    130429: "Throughput reached",
    131000: "Something went wrong",
    131008: "Required parameter is missing",
    131009: "Parameter value is not valid",
    131016: "Service unavailable",
    131021: "Recipient cannot be sender",
    131026: "Message undeliverable",
    131031: "Account locked",
    131042: "Business eligibility payment issue",
    131047: "Re-engagement message",
    131048: "Spam rate limit reached",
    131049: "Message not delivered to keep engagement healthy",
    131051: "Unsupported message type",
    131056: "Pair rate limit reached",
    132000: "Number of parameters does not match",
    132001: "Template does not exist",
    132012: "Parameter format does not match",
    132015: "Template is paused",
    132016: "Template is disabled",
    133004: "Server temporarily unavailable",
    133005: "Two-step verification PIN mismatch",
    133006: "Phone number re-verification needed",
    133010: "Phone number not registered",
    133016: "Register and deregister limit exceeded",
    136024: "Verification code was not sent",
    136025: "Verification code is not valid",
}
_STATUSES = {
    **dict.fromkeys((0, 190), 401),
    **dict.fromkeys((10, 368, 131031, 130497), 403),
    **dict.fromkeys((4, 80007, 130429, 131048, 131056, 133016), 429),
    **dict.fromkeys((2, 131016, 133004), 503),
    **dict.fromkeys((3, 131000), 500),
    132001: 404,
}


class GraphError(Exception):
    """The simulated Graph API refuses a call."""

    def __init__(
        self,
        code: int,
        details: str,
        *,
        subcode: int | None = None,
        user_title: str | None = None,
        user_message: str | None = None,
    ) -> None:
        super().__init__(f"{code}: {details}")
        self.code = code
        self.details = details
        self.subcode = subcode
        self.user_title = user_title
        self.user_message = user_message


def no_such_object(identifier: str) -> GraphError:
    """What Meta answers to an id that it does not know or does not show."""
    return GraphError(100, f"Object {identifier!r} does not exist or is not visible.", subcode=33)


def title_of(code: int) -> str:
    """The heading of a code, as answers and failed statuses carry it."""
    return _TITLES.get(code, "The request failed")


def answer(error: GraphError, trace: str) -> tuple[Response, int]:
    """The error object and its HTTP status, which says less than the code."""
    held: dict[str, Any] = {
        "message": f"(#{error.code}) {title_of(error.code)}",
        "type": "OAuthException",
        "code": error.code,
        "error_subcode": error.subcode,
        "error_data": {"messaging_product": "whatsapp", "details": error.details},
        "error_user_title": error.user_title,
        "error_user_msg": error.user_message,
        "fbtrace_id": trace,
    }
    # The fault panel may ask for a bare HTTP failure, 500 to 599.
    status = error.code if 500 <= error.code < 600 else _STATUSES.get(error.code, 400)
    return jsonify(error={key: value for key, value in held.items() if value is not None}), status
