"""The recommended case: a number of the platform's, under the client's name and logo."""

from collections.abc import Callable, Mapping, Sequence

from marshmallow import Schema

from gateway.plugin_api import (
    CaseBlocker,
    CaseFacts,
    CaseTraits,
    Claim,
    LineRequest,
    Link,
    OnboardingProvider,
    Step,
)
from plugins.virtual_number import claims
from plugins.virtual_number.obstacles import obstacles

_STEPS = ("papers", "order", "place", "add", "code", "register", "brand", "introduce")


class NoSettings(Schema):
    """There is nothing to configure: suppliers and portfolios are the core's settings."""


class VirtualNumber(OnboardingProvider):
    """Every step is the platform's; the client asks and waits."""

    name = "virtual-number"
    settings_schema = NoSettings
    startable = True
    traits = CaseTraits(
        title="A virtual number from LinkoJob",
        setup_ease="high",
        candidate_trust="high",
        technical_complexity="low",
        client_requirement="None: no phone, no Meta account and no card of the client's.",
        number_owner="The platform, which rents it for the client.",
        when_a_recruiter_leaves=(
            "The number and every conversation stay; a colleague takes over with the history."
        ),
        time_to_live=(
            "Minutes where a supplier has a number in stock; on top, Meta reviews the introduction "
            "and the name."
        ),
        pros=(
            "One click; nobody at the client touches a phone or Meta's pages.",
            "The client's name and logo, with no person's name on them.",
            "No conflict with anybody's personal WhatsApp.",
            "The platform watches quality, limits and bans of the line.",
        ),
        cons=(
            "The client cannot take the number along without the platform's consent.",
            "A number's place counts against Meta's limits for the platform's portfolios.",
            "Few suppliers have Moroccan numbers; without stock an operator must find one.",
            "Candidates see the bare number until Meta approves the display name.",
        ),
        paid_by="platform",
        links=(
            Link(
                title="Meta's documentation of the Cloud API",
                url="https://developers.facebook.com/docs/whatsapp/cloud-api",
            ),
        ),
        recommended_because=claims.statements(),
    )

    def blockers(self, facts: CaseFacts) -> Sequence[CaseBlocker]:
        return tuple(obstacles(facts))

    def claims(self, facts: CaseFacts) -> Sequence[Claim]:
        return claims.claims(facts)

    def plan(self, request: LineRequest, steps: Mapping[str, Callable[[], Step]]) -> Sequence[Step]:
        return tuple(steps[name]() for name in _STEPS)
