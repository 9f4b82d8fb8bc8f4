"""What Meta's webhooks say of accounts and of how numbers stand."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from gateway.plugin_api import AccountNotice, AccountRestriction

_FIELDS: Final = (
    "account_alerts",
    "account_review_update",
    "account_update",
    "phone_number_quality_update",
)
# Of the many events of `account_update`, those that may change what leaves a number.
_EVENTS: Final = (
    "ACCOUNT_DELETED",
    "ACCOUNT_OFFBOARDED",
    "ACCOUNT_RECONNECTED",
    "ACCOUNT_RESTRICTION",
    "ACCOUNT_VIOLATION",
    "DISABLED_UPDATE",
    "PARTNER_ADDED",
    "PARTNER_APP_INSTALLED",
    "PARTNER_APP_UNINSTALLED",
    "PARTNER_REMOVED",
)


def notice(field: str, value: Mapping[str, Any]) -> AccountNotice | None:
    """Most say that something changed, not how it stands now; a restriction is told whole."""
    if field not in _FIELDS or (field == "account_update" and value.get("event") not in _EVENTS):
        return None
    if value.get("event") != "ACCOUNT_RESTRICTION":
        return AccountNotice()
    told = value.get("restriction_info")
    return AccountNotice(
        restrictions=tuple(
            AccountRestriction(
                kind=str(item.get("restriction_type") or "UNKNOWN"),
                until=_moment(item.get("expiration")),
            )
            for item in (told if isinstance(told, list) else ())
            if isinstance(item, dict)
        )
    )


def _moment(seconds: Any) -> datetime | None:
    # What lies beyond the year 2200 is no time that Meta means.
    if isinstance(seconds, int) and not isinstance(seconds, bool) and 0 < seconds < 7_258_118_400:
        return datetime.fromtimestamp(seconds, UTC)
    return None
