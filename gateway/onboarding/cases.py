"""The comparison a client decides by, out of what the providers declare and what pricing knows."""

from dataclasses import asdict
from typing import Any

from flask import current_app

from gateway import clock
from gateway.costs.contract import Cost
from gateway.database import platform
from gateway.onboarding import service
from gateway.onboarding.contract import Blocker, OnboardingProvider
from gateway.provisioning import capacity, placing


def comparison(country: str) -> list[dict[str, Any]]:
    """Every case, the recommended one first."""
    rows = [_case(provider, country) for provider in service.providers()]
    return sorted(rows, key=lambda row: not row["recommended"])


def _case(provider: OnboardingProvider, country: str) -> dict[str, Any]:
    traits = provider.traits
    return {
        **asdict(traits),
        "case": provider.name,
        "startable": service.is_startable(provider),
        "recommended": bool(traits.recommended_because) and service.is_startable(provider),
        "monthly_number_cost": _rent(provider, country),
        "blockers": [
            asdict(blocker) for blocker in (*service.blockers(provider), *_no_room(provider))
        ],
    }


def _no_room(provider: OnboardingProvider) -> list[Blocker]:
    """A line of the platform's can be asked for, and waits, while its portfolios are full."""
    if not provider.startable or provider.traits.paid_by != "platform":
        return []
    with platform() as session:
        full = all(room.is_full for room in capacity.rooms(session))
    return [Blocker(code="portfolio_full", detail=placing.FULL, who="operator")] if full else []


def _rent(provider: OnboardingProvider, country: str) -> dict[str, Any] | None:
    """What the number costs a month where the platform rents it; null without a price."""
    pricing = current_app.extensions["plugin_host"].pricing
    if pricing is None or not provider.startable or provider.traits.paid_by != "platform":
        return None
    cost: Cost | None = pricing.quote_number(country, clock.now().date())
    return shown(cost) if cost else None


def shown(cost: Cost) -> dict[str, Any]:
    """A price as the API shows it."""
    return {
        **cost.money.as_json(),
        "converted": {currency: money.as_json() for currency, money in cost.converted.items()},
        "source": cost.source,
    }
