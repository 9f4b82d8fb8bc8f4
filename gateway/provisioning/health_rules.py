"""What of a number's health somebody must know: in plain words, who must act, and what to do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.errors import Actor
from gateway.provisioning.health_contract import HealthEntity, NumberHealth

GOOD: Final = "good"
AT_RISK: Final = "at_risk"
BLOCKED: Final = "blocked"
UNKNOWN: Final = "unknown"
RANK: Final[Mapping[str, int]] = {GOOD: 0, AT_RISK: 1, BLOCKED: 2}
STATES: Final = (GOOD, AT_RISK, BLOCKED, UNKNOWN)

_GONE: Final = ("DELETED", "MIGRATED")
_ENTITIES: Final[Mapping[str, str]] = {
    "PHONE_NUMBER": "the number",
    "WABA": "the WhatsApp account",
    "BUSINESS": "the business portfolio",
    "APP": "the app",
}


@dataclass(frozen=True, kw_only=True)
class Concern:
    """One thing that is wrong. `stops`: nothing can leave the line while it is so."""

    code: str
    detail: str
    do: str
    who: Actor
    stops: bool = False
    provider_code: str | None = None


@dataclass(frozen=True, kw_only=True)
class Restriction:
    """Something that the platform told us the account may not do until then."""

    kind: str
    until: datetime | None


def state_of(concerns: Sequence[Concern]) -> str:
    if any(concern.stops for concern in concerns):
        return BLOCKED
    return AT_RISK if concerns else GOOD


def concerns(
    seen: NumberHealth | None, *, review: str, restrictions: Sequence[Restriction], now: datetime
) -> list[Concern]:
    """All that is wrong, the worst first. `seen` None: the account has the number no longer."""
    if seen is None or seen.status in _GONE:
        gone = Concern(
            code="number_gone",
            detail="The WhatsApp account does not hold this number any more.",
            do="See in the WhatsApp Manager what became of it; release the line if it stays gone.",
            who="operator",
            stops=True,
        )
        return [gone]
    found = [*_sending(seen), *_standing(seen, review), *_restricted(restrictions, now)]
    return sorted(found, key=lambda concern: not concern.stops)


def _sending(seen: NumberHealth) -> Iterator[Concern]:
    if not seen.connected:
        yield Concern(
            code="number_not_connected",
            detail=f"The number is not registered on the Cloud API ({seen.status}).",
            do="We register it again by ourselves; if it stays so, look at it in the WhatsApp"
            " Manager.",
            who="gateway",
            stops=True,
        )
    for entity in seen.entities:
        if seen.connected or entity.kind != "PHONE_NUMBER":
            yield from _entity(entity)
    if seen.connected and seen.can_send == "BLOCKED" and not _blocking(seen):
        yield _blocked("Meta lets nothing leave the number, and does not say why.", None, None)


def _entity(entity: HealthEntity) -> Iterator[Concern]:
    name = _ENTITIES.get(entity.kind, entity.kind)
    why = " ".join(error.description for error in entity.errors)
    do = " ".join(error.solution for error in entity.errors if error.solution)
    codes = ", ".join(error.code for error in entity.errors)
    if entity.can_send == "BLOCKED":
        yield _blocked(f"Meta has blocked {name}. {why}".strip(), do, codes)
    elif entity.can_send == "LIMITED":
        yield Concern(
            code="sending_limited",
            detail=f"Meta limits {name}. {why}".strip(),
            do=do or "See the WhatsApp Manager.",
            who="operator",
            provider_code=codes or None,
        )


def _blocked(detail: str, do: str | None, codes: str | None) -> Concern:
    return Concern(
        code="sending_blocked",
        detail=detail,
        do=do or "See the WhatsApp Manager, and appeal there.",
        who="operator",
        stops=True,
        provider_code=codes or None,
    )


def _blocking(seen: NumberHealth) -> bool:
    return any(entity.can_send == "BLOCKED" for entity in seen.entities)


def _standing(seen: NumberHealth, review: str) -> Iterator[Concern]:
    if seen.quality_rating in ("YELLOW", "RED"):
        low = seen.quality_rating == "RED"
        yield Concern(
            code="quality_low" if low else "quality_medium",
            detail="Many people block or report this line: Meta rates its quality"
            f" {'low' if low else 'medium'}.",
            do="Write only to people who expect it, and send fewer templates for a week.",
            who="client",
        )
    if seen.name_status in ("DECLINED", "EXPIRED"):
        yield Concern(
            code="name_not_approved",
            detail="Meta does not let the line show its name: candidates see the bare number.",
            do="Give the company a name that fits Meta's rules.",
            who="client",
        )
    if review == "REJECTED":
        yield Concern(
            code="account_rejected",
            detail="Meta's review rejected the WhatsApp account.",
            do="Appeal in the WhatsApp Manager.",
            who="operator",
        )


def _restricted(restrictions: Sequence[Restriction], now: datetime) -> Iterator[Concern]:
    for restriction in restrictions:
        if restriction.until is None or restriction.until > now:
            until = f" until {restriction.until:%Y-%m-%d %H:%M} UTC" if restriction.until else ""
            yield Concern(
                code="account_restricted",
                detail=f"Meta restricts the WhatsApp account{until}.",
                do="Wait, or appeal in the WhatsApp Manager.",
                who="operator",
                provider_code=restriction.kind,
            )
