"""What Meta's webhooks say of accounts and of how numbers stand."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from gateway.plugin_api import AccountNotice, AccountRestriction, NumberCapacity

_FIELDS: Final = (
    "account_alerts",
    "account_review_update",
    "account_update",
    "phone_number_quality_update",
)
_BAN_STATES: Final = {"DISABLE": True, "SCHEDULE_FOR_DISABLE": True, "REINSTATE": False}
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
        return AccountNotice(banned=_is_banned(value))
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


def capacity(value: Mapping[str, Any]) -> tuple[NumberCapacity, ...]:
    """How many numbers may be held, where a change tells that."""
    told = (
        (value.get(f"max_phone_numbers_per_{holder}"), holder == "business")
        for holder in ("business", "waba")
    )
    return tuple(
        NumberCapacity(numbers=numbers, of_portfolio=of_portfolio)
        for numbers, of_portfolio in told
        if isinstance(numbers, int) and not isinstance(numbers, bool) and numbers >= 0
    )


def _is_banned(value: Mapping[str, Any]) -> bool | None:
    if value.get("event") == "ACCOUNT_DELETED":
        return True
    ban = value.get("ban_info")
    state = ban.get("waba_ban_state") if isinstance(ban, Mapping) else None
    # Who is to be disabled soon takes no new number either.
    return _BAN_STATES.get(str(state))


def _moment(seconds: Any) -> datetime | None:
    # What lies beyond the year 2200 is no time that Meta means.
    if isinstance(seconds, int) and not isinstance(seconds, bool) and 0 < seconds < 7_258_118_400:
        return datetime.fromtimestamp(seconds, UTC)
    return None
