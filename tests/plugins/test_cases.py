"""The three cases as a client compares them."""

import pytest

from gateway.http_client import HttpClient
from gateway.onboarding.steps import COMMON
from gateway.plugin_api import CaseTraits, LineRequest, OnboardingProvider
from plugins.embedded_signup.provider import EmbeddedSignup
from plugins.group_investigation.provider import Groups
from plugins.virtual_number.provider import VirtualNumber

CASES: list[type[OnboardingProvider]] = [VirtualNumber, EmbeddedSignup, Groups]
REQUEST = LineRequest(
    line_id="line_01", client_id="cli_01", client_name="Atlas Logistics", country="MA"
)


def made(case: type[OnboardingProvider]) -> OnboardingProvider:
    return case({}, HttpClient(pool=1))


def ratings(traits: CaseTraits) -> tuple[str, str, str]:
    return traits.setup_ease, traits.candidate_trust, traits.technical_complexity


def test_the_cases_are_rated_as_the_strategy_rates_them() -> None:
    assert [case.name for case in CASES] == ["virtual-number", "embedded-signup", "groups"]
    assert [ratings(case.traits) for case in CASES] == [
        ("high", "high", "low"),
        ("medium", "high", "low"),
        ("low", "low", "very high"),
    ]
    assert [case.traits.paid_by for case in CASES] == ["platform", "client", "platform"]


def test_only_the_virtual_number_is_recommended() -> None:
    assert [case.startable for case in CASES] == [True, True, False]
    assert [len(case.traits.recommended_because) for case in CASES] == [6, 0, 0]


@pytest.mark.parametrize("case", CASES)
def test_a_case_says_all_that_a_client_asks(case: type[OnboardingProvider]) -> None:
    traits = case.traits

    assert traits.pros
    assert traits.cons
    assert all(
        [
            traits.client_requirement,
            traits.number_owner,
            traits.when_a_recruiter_leaves,
            traits.time_to_live,
        ]
    )


@pytest.mark.parametrize("case", CASES)
def test_a_case_has_blockers_exactly_where_it_cannot_be_started(
    case: type[OnboardingProvider],
) -> None:
    blockers = made(case).blockers()

    assert bool(blockers) is not case.startable
    assert all(blocker.detail.endswith(".") for blocker in blockers)


def test_what_is_missing_is_said_by_code() -> None:
    assert {blocker.code for blocker in made(Groups).blockers()} == {"case_not_offered"}


def test_a_virtual_number_takes_the_common_steps_in_order() -> None:
    plan = made(VirtualNumber).plan(REQUEST, COMMON)

    assert [step.name for step in plan] == [
        "papers",
        "order",
        "place",
        "add",
        "code",
        "register",
        "brand",
        "introduce",
    ]


def test_a_number_of_the_clients_takes_a_sign_up_and_no_code_of_ours() -> None:
    plan = made(EmbeddedSignup).plan(REQUEST, COMMON)

    assert [step.name for step in plan] == [
        "signup",
        "subscribe",
        "register",
        "payment",
        "brand",
        "introduce",
    ]


def test_what_cannot_be_started_has_no_plan() -> None:
    assert list(made(Groups).plan(REQUEST, COMMON)) == []
