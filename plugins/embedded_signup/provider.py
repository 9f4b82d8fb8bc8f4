"""The client's own number by Embedded Signup v4.

Facts of Meta's documentation, February 2026: Embedded Signup is open to Tech Providers and Solution
Partners only, which takes business verification and app review; coexistence leaves a number in the
WhatsApp Business app and excludes only Nigeria and South Africa, so that +212 may use it. A number
of the consumer app has to leave it first.
"""

from collections.abc import Callable, Mapping, Sequence

from marshmallow import Schema

from gateway.plugin_api import (
    CaseBlocker,
    CaseFacts,
    CaseTraits,
    LineRequest,
    Link,
    OnboardingProvider,
    Step,
)

from .registering import RegisterClean
from .steps import Payment, Present, RegisterOwn, SignUp, Subscribe


class NoSettings(Schema):
    """There is nothing to configure: the app's sign-up is the connector's."""


class EmbeddedSignup(OnboardingProvider):
    name = "embedded-signup"
    settings_schema = NoSettings
    startable = True
    needs_connector = True
    traits = CaseTraits(
        title="The client's own number",
        setup_ease="medium",
        candidate_trust="high",
        technical_complexity="low",
        client_requirement=(
            "A number that no consumer WhatsApp account uses (delete the account in the app "
            "first); a number of the WhatsApp Business app may stay there by coexistence, +212 "
            "included."
        ),
        number_owner="The client.",
        when_a_recruiter_leaves=(
            "The number stays the client's; the conversations held over the line stay with it."
        ),
        time_to_live=(
            "Minutes on Meta's sign-up page with a number at hand; the name's review on top."
        ),
        pros=(
            "Candidates see a number they may know already.",
            "The number and the WhatsApp account belong to the client, who may take them away.",
            "The client's own limits: no place in the platform's portfolios is needed.",
        ),
        cons=(
            "A person of the client's has to go through Meta's sign-up and type a code.",
            "The client needs a payment method of its own at Meta.",
            "A number in personal use has to be freed first, and its chats are lost.",
            "With coexistence a line sends no more than 20 messages a second.",
        ),
        paid_by="client",
        links=(
            Link(
                title="Meta's documentation of the Cloud API",
                url="https://developers.facebook.com/docs/whatsapp/cloud-api",
            ),
            Link(
                title="Meta's Embedded Signup flow",
                url="https://developers.facebook.com/docs/whatsapp/embedded-signup",
            ),
        ),
    )

    def blockers(self, facts: CaseFacts) -> Sequence[CaseBlocker]:
        found = []
        if not facts.can_sign_up:
            found.append(
                CaseBlocker(
                    code="signup_not_configured",
                    detail="The operator has not configured Meta's sign-up, which takes an app of a"
                    " Tech Provider's (`signup_config_id` of `whatsapp-cloud`).",
                    who="operator",
                )
            )
        if facts.operator and not facts.operator.acts_for_others:
            found.append(
                CaseBlocker(
                    code="not_tech_provider",
                    detail="Meta does not let the operator's app act for other businesses: it takes"
                    " a verified business, and both permissions of WhatsApp approved for advanced"
                    " access.",
                    who="operator",
                    seen_at=facts.operator.seen_at,
                )
            )
        return found

    def plan(self, request: LineRequest, steps: Mapping[str, Callable[[], Step]]) -> Sequence[Step]:
        return (
            SignUp(),
            Subscribe(),
            RegisterClean(RegisterOwn(steps["register"]())),
            Payment(),
            Present(),
            steps["introduce"](),
        )
