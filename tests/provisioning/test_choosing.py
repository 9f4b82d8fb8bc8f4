"""Whom to ask for a number, whatever the suppliers' standings and the policy are."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import get_args

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.costs.contract import Money
from gateway.provisioning.choosing import Standing, in_order, objection, plan
from gateway.provisioning.contract import NumberType, Quote
from gateway.settings_values import NumberPolicy

NOW = datetime(2026, 11, 27, 18, tzinfo=UTC)
NAMES = ("alpha", "beta", "gamma", "delta")
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
MOMENTS = st.none() | st.sampled_from([NOW - timedelta(seconds=1), NOW + timedelta(seconds=9)])


@st.composite
def standings(draw: st.DrawFn) -> list[Standing]:
    names = draw(st.permutations(NAMES))[: draw(st.integers(0, len(NAMES)))]
    positions = draw(st.permutations(range(len(NAMES))))
    return [
        Standing(
            name=name,
            position=positions[index] if draw(st.booleans()) else None,
            is_paused=draw(st.booleans()),
            is_removed=draw(st.booleans()),
            is_heard=draw(st.booleans()),
            rests_until=draw(MOMENTS),
        )
        for index, name in enumerate(names)
    ]


POLICIES = st.none() | st.builds(
    NumberPolicy,
    country=st.just("MA"),
    types=st.lists(st.sampled_from(get_args(NumberType)), unique=True).map(tuple),
    suppliers=st.lists(st.sampled_from(NAMES), unique=True).map(tuple),
    most_monthly=st.none() | st.decimals(0, 9, places=2),
    currency=st.just("USD"),
)


@PATIENT
@given(standings(), POLICIES)
def test_who_can_be_asked_is_asked_and_of_everybody_else_it_is_said_why(
    all_standings: list[Standing], policy: NumberPolicy | None
) -> None:
    made = plan(all_standings, policy, NOW)
    named = policy.suppliers if policy and policy.suppliers else NAMES
    offered = {it.name for it in all_standings if not it.is_removed and it.name in named}
    left_out = {reason.supplier: reason.code for reason in made.left_out}
    asked = dict.fromkeys(ask.supplier for ask in made.asks)

    assert set(asked) | set(left_out) == offered
    assert not set(asked) & set(left_out)
    for standing in all_standings:
        rests = standing.rests_until is not None and standing.rests_until > NOW
        if standing.name in offered:
            assert (standing.name in left_out) == (standing.is_paused or rests)
    types = list(policy.types) if policy and policy.types else [None]
    assert [(ask.number_type, ask.supplier) for ask in made.asks] == [
        (kind, name) for kind in types for name in asked
    ]


@PATIENT
@given(standings(), POLICIES)
def test_whom_an_operator_prefers_comes_first_then_whoever_is_heard(
    all_standings: list[Standing], policy: NumberPolicy | None
) -> None:
    ordered = in_order(all_standings, policy)
    preferred = [it.position for it in ordered if it.position is not None]
    others = [it for it in ordered if it.position is None]

    assert preferred == sorted(preferred)
    assert ordered[len(preferred) :] == others
    assert others == sorted(others, key=lambda it: not it.is_heard)
    configured = (
        list(policy.suppliers) if policy and policy.suppliers else [it.name for it in all_standings]
    )
    for heard in (True, False):
        names = [configured.index(it.name) for it in others if it.is_heard is heard]
        assert names == sorted(names)


@PATIENT
@given(st.decimals(0, 9, places=2), st.sampled_from(["USD", "EUR"]), POLICIES)
def test_nothing_is_bought_above_the_price_or_at_one_that_cannot_be_compared(
    amount: Decimal, currency: str, policy: NumberPolicy | None
) -> None:
    price = Money(amount=amount, currency=currency)
    refused = objection("alpha", Quote(monthly=price, set_up=None), policy)
    unknown = objection("alpha", Quote(monthly=None, set_up=None), policy)
    if policy is None or policy.most_monthly is None:
        assert (refused, unknown) == (None, None)
        return
    assert unknown
    assert unknown.code == "price_not_comparable"
    assert (refused is None) == (currency == "USD" and amount <= policy.most_monthly)
