"""The three cases as a client compares them."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from gateway.http_client import HttpClient
from gateway.onboarding.steps import COMMON
from gateway.plugin_api import (
    CaseFacts,
    CaseTraits,
    Cost,
    LineRequest,
    Money,
    OnboardingProvider,
    OperatorSeen,
    SupplierSeen,
)
from gateway.provisioning.choosing import Reason
from plugins.embedded_signup.provider import EmbeddedSignup
from plugins.group_investigation.provider import Groups
from plugins.virtual_number.provider import VirtualNumber

HTTP = HttpClient(pool=1)
NOTHING = CaseFacts(
    country="MA",
    client=None,
    suppliers=(),
    left_out=(),
    ready=0,
    placed=0,
    room=0,
    can_sign_up=True,
    operator=None,
    portfolios=(),
    number_price=None,
    estimate=None,
)
CASES: list[type[OnboardingProvider]] = [VirtualNumber, EmbeddedSignup, Groups]
REQUEST = LineRequest(
    line_id="line_01", client_id="cli_01", client_name="Atlas Logistics", country="MA"
)


def made(case: type[OnboardingProvider]) -> OnboardingProvider:
    return case({}, HTTP)


def codes(case: type[OnboardingProvider], **facts: Any) -> set[str]:
    return {blocker.code for blocker in made(case).blockers(replace(NOTHING, **facts))}


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
def test_a_case_is_stopped_exactly_where_it_cannot_be_started(
    case: type[OnboardingProvider],
) -> None:
    blockers = made(case).blockers(NOTHING)

    assert any(blocker.stops for blocker in blockers) is not case.startable
    assert all(blocker.detail.endswith(".") for blocker in blockers)


def test_what_is_missing_is_said_by_code() -> None:
    assert codes(EmbeddedSignup, can_sign_up=False) == {"signup_not_configured"}
    direct = OperatorSeen(acts_for_others=False, seen_at=datetime(2026, 11, 26, tzinfo=UTC))
    assert codes(EmbeddedSignup, operator=direct) == {"not_tech_provider"}
    assert codes(Groups) == {"case_not_offered"}


def test_a_virtual_number_waits_for_a_number_and_for_a_place() -> None:
    assert codes(VirtualNumber) == {"no_supplier", "portfolio_full"}
    paused = Reason(
        supplier="acme", code="supplier_paused", detail="Nothing is ordered.", who="operator"
    )
    assert codes(VirtualNumber, left_out=(paused,), room=1) == {"supplier_paused"}
    assert codes(VirtualNumber, ready=1) == set(), "what is kept ready needs neither"
    unseen = SupplierSeen(name="acme", seen_at=None, refusal=None, wants_papers=False, lacking=())
    assert codes(VirtualNumber, suppliers=(unseen,), room=1) == set()
    states = [claim.state for claim in VirtualNumber({}, HTTP).claims(NOTHING)]
    assert states == ["does_not_hold", "holds", "holds", "holds", "does_not_hold", "holds_in_part"]


def test_the_month_is_held_against_the_figure_that_the_strategy_states() -> None:
    def cost(mad: str, month: str | None) -> tuple[str, bool]:
        price = Money(amount=Decimal(mad), currency="MAD")
        case = {"case": "virtual-number", "invoiced": {"USD": "1", "MAD": month}}
        facts = replace(
            NOTHING,
            number_price=Cost(money=price, converted={}, source="a card"),
            estimate={"cases": [case, {**case, "invoiced": {"USD": "1", "MAD": "3.00"}}]},
        )
        claim = VirtualNumber({}, HTTP).claims(facts)[5]
        return claim.state, (month or "not known") in claim.why

    assert cost("10.50", "11.55") == ("holds", True)
    assert cost("10.50", "11.56") == ("holds_in_part", True)
    assert cost("10.50", None) == ("holds_in_part", True)
    assert cost("11.56", "30.00") == ("does_not_hold", True)


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
