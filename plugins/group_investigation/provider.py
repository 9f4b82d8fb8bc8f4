"""Groups: investigated, not offered.

What Meta's Groups API can and cannot do, from Meta's documentation and changelog:

- Only Official Business Accounts may use it (since 3 February 2026; when it was announced on
  6 October 2025 a limit of 100,000 people a day was asked for as well). Others get error 131215.
  Becoming one takes press coverage, a verified portfolio and 30 days on the platform.
- Nobody can be added: people join by an invite link, and whoever was removed cannot use it again.
- A group holds at most 8 people besides the business; a number may have 10,000 groups.
- Numbers that stay in the WhatsApp Business app (coexistence) are excluded.
- Text templates and media templates do work in groups, contrary to what is usually said.
  Buttons, lists, flows and authentication templates do not (14 November 2025).
- A message is paid once for each person it is delivered to. Whether the prices of 1 October 2026
  hold in groups as well is not confirmed.
"""

from collections.abc import Callable, Mapping, Sequence

from marshmallow import Schema

from gateway.plugin_api import (
    CaseBlocker,
    CaseFacts,
    CaseTraits,
    GroupsLab,
    GroupsReport,
    GroupStanding,
    GroupsTrial,
    InvestigatesGroups,
    LineRequest,
    Link,
    OnboardingProvider,
    Step,
)

from . import experiment
from .report import report


class NoSettings(Schema):
    """Nothing to configure: the case cannot be started."""


class Groups(OnboardingProvider, InvestigatesGroups):
    name = "groups"
    settings_schema = NoSettings
    startable = False
    traits = CaseTraits(
        title="WhatsApp groups",
        setup_ease="low",
        candidate_trust="low",
        technical_complexity="very high",
        client_requirement="None.",
        number_owner="Whoever owns the number that opened the group.",
        when_a_recruiter_leaves=(
            "A group of the line stays; one that was opened on a recruiter's phone leaves with it."
        ),
        time_to_live=(
            "Weeks at best: the sender has to become an Official Business Account first."
        ),
        pros=(
            "Several recruiters and a candidate see the same conversation.",
            "Text and media templates work in groups too.",
        ),
        cons=(
            "Open to Official Business Accounts only, which few recruiting companies can become.",
            "Nobody can be added: each person has to follow an invite link.",
            "At most 8 people besides the business.",
            "Candidates in one group learn of one another.",
            "Every message is charged once for each member it reaches.",
            "No buttons, lists or flows, and no numbers with coexistence.",
        ),
        paid_by="platform",
        links=(
            Link(
                title="Meta's documentation of the Groups API",
                url="https://developers.facebook.com/documentation/business-messaging/whatsapp/groups",
            ),
        ),
    )

    def blockers(self, facts: CaseFacts) -> Sequence[CaseBlocker]:
        return tuple(
            CaseBlocker(code="case_not_offered", detail=detail, who="meta")
            for detail in (
                "Meta opens its Groups API to Official Business Accounts only; it would take such "
                "an account for each line.",
                "A business can add nobody to a group; people come in by an invite link alone.",
                "A group holds at most 8 people besides the business.",
                "Numbers that stay in the WhatsApp Business app (coexistence) cannot use groups.",
            )
        )

    def report(self, standing: GroupStanding) -> GroupsReport:
        return report(standing)

    def experiment(self, lab: GroupsLab, *, pairs: int, messages: int) -> GroupsTrial:
        return experiment.run(lab, pairs=pairs, messages=messages)

    def plan(self, request: LineRequest, steps: Mapping[str, Callable[[], Step]]) -> Sequence[Step]:
        return ()
