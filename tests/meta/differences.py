"""Where the platform moved on from the specification of October 2025 (v23.0), and how we know."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A place where the platform moved on from the specification of October 2025 (v23.0)."""

    template: str
    side: str
    where: str  # the JSON path of the value
    rule: str  # the keyword of JSON Schema that it breaks
    names: str  # what the validator's message is about
    because: str


EXPECTED = (
    Difference(
        template="/{Version}/{Phone-Number-ID}/messages",
        side="request",
        where="$",
        rule="required",
        names="'to'",
        because="since 2026 a person without a phone is addressed by `recipient`, without `to`",
    ),
    Difference(
        template="/{Version}/{Phone-Number-ID}/messages",
        side="request",
        where="$.template.language",
        rule="required",
        names="'policy'",
        because="the message reference wants `code` alone; `policy` is of older versions",
    ),
    Difference(
        template="/{Version}/{WABA-ID}/phone_numbers",
        side="response",
        where="$.data[*].status",
        rule="enum",
        names="'CONNECTED'",
        because="the platform answers CONNECTED, which the list of October 2025 lacks",
    ),
    Difference(
        template="/{Version}/{WABA-ID}/phone_numbers",
        side="response",
        where="$.data[*].status",
        rule="enum",
        names="'DISCONNECTED'",
        because="a number that was taken off is answered as DISCONNECTED, which the list lacks",
    ),
)

_NUMBER = "/{Version}/{Phone-Number-ID}"
_NUMBERS = "/{Version}/{WABA-ID}/phone_numbers"
_ACCOUNT = "/{Version}/{WABA-ID}"
_PROFILE = "/{Version}/{Phone-Number-ID}/whatsapp_business_profile"
_PHONE_NUMBERS = "the reference of business phone numbers has it (Meta, phone numbers, 2026)"
_SIGN_UP = (
    "onboarding WhatsApp Business app users tells numbers of the app by it (Meta, 2026-02-04)"
)
_HEALTH = "the references of numbers and accounts have it (Meta, health status)"
_FLAT = (
    "the document nests the profile in `business_profile`; the page on business profiles has its"
    " fields in `data[0]` itself, as clients read them (Meta, business profiles)"
)

FIELDS: Mapping[tuple[str, str], str] = {
    **dict.fromkeys(
        (
            (_NUMBER, "status"),
            *((at, "platform_type") for at in (_NUMBER, _NUMBERS)),
            *((at, "new_display_name") for at in (_NUMBER, _NUMBERS)),
            *((at, "new_name_status") for at in (_NUMBER, _NUMBERS)),
            (_NUMBERS, "name_status"),
        ),
        _PHONE_NUMBERS,
    ),
    **dict.fromkeys(((_NUMBER, "is_on_biz_app"), (_NUMBERS, "is_on_biz_app")), _SIGN_UP),
    **dict.fromkeys(((_NUMBERS, "health_status"), (_ACCOUNT, "health_status")), _HEALTH),
    **dict.fromkeys(
        (
            (_PROFILE, name)
            for name in (
                *("about", "description", "profile_picture_url", "websites"),
                *("vertical", "address", "email"),
            )
        ),
        _FLAT,
    ),
    (_NUMBERS, "whatsapp_business_manager_messaging_limit"): (
        "limits are the portfolio's since 2025-10-07; `messaging_limit_tier` is deprecated"
        " (Meta, messaging limits)"
    ),
    (_NUMBER, "is_official_business_account"): (
        "the document has it in the list of an account's numbers (Meta, official business accounts)"
    ),
    (_ACCOUNT, "primary_funding_id"): (
        "it shows a payment method, to Solution Partners alone (Meta, WABA reference)"
    ),
    (_ACCOUNT, "pricing_analytics"): "the page on analytics has it (Meta, analytics)",
    ("/{Version}/{WABA-ID}/message_templates", "rejected_reason"): (
        "the reference of message templates has it (Meta, templates)"
    ),
    ("/{Version}/{Business-ID}", "verification_status"): (
        "the reference of the business has it (Meta, Business node)"
    ),
}
"""The fields that are asked for though the document's objects lack them, and who has them."""
