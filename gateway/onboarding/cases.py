"""The comparison a client decides by: what providers declare, what stands now, what it costs."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from sqlalchemy.orm import Session

from gateway.costs.contract import Cost
from gateway.database import visiting
from gateway.onboarding import case_facts, service
from gateway.onboarding.case_contract import CaseFacts
from gateway.onboarding.case_facts import Asker
from gateway.onboarding.contract import OnboardingProvider
from gateway.provisioning import operator_standing, stock

USUAL: Final[Mapping[str, int]] = {
    "introductions": 40, "marketing": 0, "utility": 0, "authentication": 0, "service": 0,
}  # fmt: skip
"""The messages a client and month that a comparison is made for unless others are named."""


def comparison(
    session: Session, asker: Asker, volume: Mapping[str, int] = USUAL
) -> list[dict[str, Any]]:
    """Every case, the recommended one first. What suppliers have is looked at soon if it is old."""
    facts = case_facts.gather(session, asker, volume)
    with visiting(session, None):
        stock.refresh(session, asker.country)
        operator_standing.refresh(session)
    rows = [_case(provider, facts) for provider in service.providers()]
    return sorted(rows, key=lambda row: not row["recommended"])


def _case(provider: OnboardingProvider, facts: CaseFacts) -> dict[str, Any]:
    traits = provider.traits
    blockers = provider.blockers(facts)
    startable = not any(blocker.stops for blocker in blockers)
    claims = zip(traits.recommended_because, provider.claims(facts), strict=True)
    return {
        **asdict(traits),
        "case": provider.name,
        "startable": startable,
        "recommended": bool(traits.recommended_because) and startable,
        "reasons": [{"statement": said, **asdict(claim)} for said, claim in claims],
        "monthly_number_cost": _rent(provider, facts),
        "monthly_cost": _month(provider, facts),
        "blockers": [asdict(blocker) for blocker in blockers],
    }


def _rent(provider: OnboardingProvider, facts: CaseFacts) -> dict[str, Any] | None:
    """What the number costs a month where the platform rents it; null without a price."""
    if not provider.startable or provider.traits.paid_by != "platform":
        return None
    return shown(facts.number_price) if facts.number_price else None


def _month(provider: OnboardingProvider, facts: CaseFacts) -> list[dict[str, Any]] | None:
    """The expected month, once for each category that Meta may put the introduction into."""
    found = facts.estimate["cases"] if facts.estimate else []
    return [dict(row) for row in found if row["case"] == provider.name] or None


def shown(cost: Cost) -> dict[str, Any]:
    """A price as the API shows it."""
    return {
        **cost.money.as_json(),
        "converted": {currency: money.as_json() for currency, money in cost.converted.items()},
        "source": cost.source,
    }
