"""How numbers stand, as the Graph API shows it.

Source: business phone number and WABA references (`health_status`, `account_review_status`).
"""

from collections.abc import Mapping
from typing import Any, Final

from gateway.plugin_api import (
    AccountHealth,
    HealthEntity,
    HealthError,
    MessagingLimit,
    NumberHealth,
)

from .graph import Graph, text_in

_FIELDS: Final = (
    "id,status,platform_type,code_verification_status,name_status,quality_rating,health_status,"
    "whatsapp_business_manager_messaging_limit"
)
TIERS: Final[Mapping[str, int | None]] = {
    "TIER_250": 250,
    "TIER_2K": 2_000,
    "TIER_10K": 10_000,
    "TIER_100K": 100_000,
    "TIER_UNLIMITED": None,
}


def account(graph: Graph, waba_id: str) -> AccountHealth:
    """Two calls: the account, and all of its numbers at once."""
    held = graph.get(waba_id, {"fields": "id,account_review_status"})
    params = {"fields": _FIELDS, "limit": "100"}
    return AccountHealth(
        review=str(held.get("account_review_status") or "UNKNOWN"),
        numbers=tuple(_number(item) for item in graph.pages(f"{waba_id}/phone_numbers", params)),
    )


def is_connected(item: Mapping[str, Any]) -> bool:
    """Registered on the Cloud API: it can send and receive."""
    return item.get("status") == "CONNECTED" and item.get("platform_type") == "CLOUD_API"


def limit_in(told: Any) -> MessagingLimit | None:
    """A limit by its tier or as a number; None where it is neither."""
    if isinstance(told, str) and told in TIERS:
        return MessagingLimit(people=TIERS[told])
    if isinstance(told, int) and not isinstance(told, bool) and told > 0:
        return MessagingLimit(people=told)
    return None


def _number(item: Mapping[str, Any]) -> NumberHealth:
    told: Mapping[str, Any] = item.get("health_status") or {}
    return NumberHealth(
        phone_number_id=text_in(item, "id"),
        status=str(item.get("status") or "UNKNOWN"),
        connected=is_connected(item),
        code_verified=item.get("code_verification_status") == "VERIFIED",
        name_status=str(item.get("name_status") or "NONE"),
        quality_rating=str(item.get("quality_rating") or "UNKNOWN"),
        can_send=str(told.get("can_send_message") or "UNKNOWN"),
        entities=tuple(_entity(entity) for entity in told.get("entities") or ()),
        limit=limit_in(item.get("whatsapp_business_manager_messaging_limit")),
    )


def _entity(entity: Mapping[str, Any]) -> HealthEntity:
    return HealthEntity(
        kind=str(entity.get("entity_type") or "UNKNOWN"),
        id=str(entity.get("id") or ""),
        can_send=str(entity.get("can_send_message") or "UNKNOWN"),
        errors=tuple(
            HealthError(
                code=str(error.get("error_code") or ""),
                description=str(error.get("error_description") or ""),
                solution=error.get("possible_solution") or None,
            )
            for error in entity.get("errors") or ()
        ),
    )
