"""Why Meta refuses a display name, in our words.

Source: webhook reference of `phone_number_name_update`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.plugin_api import ErrorCode, NameNotice


@dataclass(frozen=True, kw_only=True)
class NameReason:
    """What one of Meta's reasons means, and what to do."""

    code: str
    means: str
    do: str


_REASONS: Mapping[str, NameReason] = {
    "NAME_EMPLOYEE_ISSUE": NameReason(
        code="display_name_of_employee",
        means="Meta took the name for that of an employee.",
        do="Name the business, not somebody who works there.",
    ),
    "NAME_INDIVIDUAL_ISSUE": NameReason(
        code="display_name_of_person",
        means="Meta took the name for that of a private person.",
        do="Name the business; its trade or its legal form beside the name helps.",
    ),
    "NAME_ENDCLIENT_NOTRELATED": NameReason(
        code="display_name_not_related",
        means="Meta sees no relation between the name and the business.",
        do="Show the name on the business's website and give it as its `website`; or choose"
        " the name that stands there, or the client's own WhatsApp account by Embedded Signup.",
    ),
    "NAME_FORMAT_UNACCEPTABLE": NameReason(
        code="display_name_format",
        means="The name's spelling breaks Meta's rules.",
        do="Write it as the business does elsewhere: no capitals throughout, signs or address.",
    ),
    "NAME_NOT_CONSISTENT": NameReason(
        code="display_name_not_consistent",
        means="The business goes by another name elsewhere.",
        do="Choose the name that stands on its website and its papers.",
    ),
}
_UNKNOWN = NameReason(
    code="display_name_declined",
    means="Meta declined the name and gives no reason.",
    do="See the WhatsApp Manager, or choose another display name.",
)


def name_notices(value: Mapping[str, Any]) -> tuple[NameNotice, ...]:
    """What one notice says; REJECTED alone is a decision against the name."""
    name = value.get("requested_verified_name")
    if not isinstance(name, str) or not name:
        return ()
    if value.get("decision") != "REJECTED":
        return (NameNotice(name=name),)
    told = str(value.get("rejection_reason") or "UNKNOWN")
    reason = _REASONS.get(told, _UNKNOWN)
    detail = f"{reason.means} {reason.do}"
    return (NameNotice(name=name, code=reason.code, detail=detail, provider_code=told),)


def explained() -> list[ErrorCode]:
    return [
        ErrorCode(code=reason.code, means=reason.means, do=reason.do)
        for reason in _REASONS.values()
    ]
