"""Whom to ask for a number, in which order, and which offer to take: decided from facts alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.errors import Actor, ProviderError
from gateway.provisioning.contract import NumberOffer, NumberType, Quote
from gateway.provisioning.papers_contract import OF_PAPERS
from gateway.settings_values import NumberPolicy

# Somebody can change these meanwhile: they are waited for. All else is for an operator.
_PASSING: Final = ("out_of_stock", "supplier_paused", "pool_budget", *OF_PAPERS)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A supplier as it stands now; those that are configured come in that order."""

    name: str
    position: int | None = None  # an operator's preference; None: as configured
    is_paused: bool = False
    is_removed: bool = False
    is_heard: bool = True  # an enabled code capture hears its numbers
    rests_until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why a supplier gives us no number. `passing`: it may give one later."""

    supplier: str
    code: str
    detail: str
    who: Actor
    passing: bool = False
    provider_code: str | None = None
    retry_after: float | None = None  # seconds, where asking again soon may help

    @classmethod
    def of(cls, supplier: str, error: ProviderError) -> "Reason":
        soon = (error.retry_after or 0.0) if error.retryable else None
        return cls(
            supplier=supplier,
            code=error.code,
            detail=error.detail,
            who=error.who,
            passing=error.code in _PASSING,
            provider_code=error.provider_code,
            retry_after=soon,
        )


@dataclass(frozen=True, kw_only=True)
class Ask:
    """Ask this supplier; for this type of number, where one is wanted."""

    supplier: str
    number_type: NumberType | None = None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Whom to ask, in order, until one can deliver; and why others are not asked."""

    asks: tuple[Ask, ...]
    left_out: tuple[Reason, ...]


def in_order(standings: Iterable[Standing], policy: NumberPolicy | None = None) -> list[Standing]:
    """Those on offer: first whom an operator prefers, then as configured.

    Of the latter, those whose numbers nobody hears by itself come last: a person must listen.
    """
    named = policy.suppliers if policy else ()
    found = [it for it in standings if not it.is_removed and (not named or it.name in named)]
    last = len(found)

    def rank(standing: Standing) -> tuple[bool, int, bool, int]:
        preferred = standing.position is not None
        configured = named.index(standing.name) if named else found.index(standing)
        position = standing.position if standing.position is not None else last
        return (not preferred, position, not preferred and not standing.is_heard, configured)

    return sorted(found, key=rank)


def plan(standings: Iterable[Standing], policy: NumberPolicy | None, now: datetime) -> Plan:
    """A better type from whoever has it goes before a better supplier."""
    left_out: list[Reason] = []
    asked: list[str] = []
    for standing in in_order(standings, policy):
        reason = _why_not(standing, now)
        if reason:
            left_out.append(reason)
        else:
            asked.append(standing.name)
    types: Sequence[NumberType | None] = policy.types if policy and policy.types else (None,)
    asks = tuple(Ask(supplier=name, number_type=kind) for kind in types for name in asked)
    return Plan(asks=asks, left_out=tuple(left_out))


def of_each_type(offers: Iterable[NumberOffer]) -> list[NumberOffer]:
    """The first offer of each type that a code can reach, in the supplier's order."""
    found: dict[NumberType, NumberOffer] = {}
    for offer in offers:
        if offer.hears:
            found.setdefault(offer.number_type, offer)
    return list(found.values())


def objection(supplier: str, quote: Quote, policy: NumberPolicy | None) -> Reason | None:
    """Why a number is not taken at this price."""
    if policy is None or policy.most_monthly is None:
        return None
    most = f"{policy.most_monthly:f} {policy.currency}"
    price = quote.monthly
    if price is None or price.currency != policy.currency:
        told = f"in {price.currency}" if price else "not"
        return Reason(
            supplier=supplier,
            code="price_not_comparable",
            detail=f"The price is told {told}; what it may be is {most} a month.",
            who="operator",
        )
    if price.amount > policy.most_monthly:
        return Reason(
            supplier=supplier,
            code="too_expensive",
            detail=f"A number costs {price.amount:f} {price.currency} a month, more than {most}.",
            who="operator",
        )
    return None


def _why_not(standing: Standing, now: datetime) -> Reason | None:
    if standing.is_paused:
        return Reason(
            supplier=standing.name,
            code="supplier_paused",
            detail=f"Nothing is ordered at {standing.name} until an operator resumes it.",
            who="operator",
            passing=True,
        )
    if standing.rests_until and standing.rests_until > now:
        return unwell(standing.name, (standing.rests_until - now).total_seconds())
    return None


def unwell(supplier: str, seconds: float) -> Reason:
    """It failed too often lately to be asked now."""
    return Reason(
        supplier=supplier,
        code="supplier_unwell",
        detail=f"{supplier} failed several times in a row; it is tried again soon.",
        who="supplier",
        retry_after=max(1.0, seconds),
    )
