"""Which supplier an activation buys of, and that it never buys of two."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from threading import Barrier

import pytest
from flask import Flask

from gateway import workers
from gateway.database import tenant
from gateway.errors import AccountStopped, OutcomeUnknown, Refused
from gateway.onboarding import service
from gateway.onboarding.steps import order
from gateway.provisioning import suppliers
from gateway.settings_values import NumberPolicy
from tests.onboarding.shops import DOWN, Shop, Street, opened

SOLD_OUT = Refused("out_of_stock", "There is none.", who="supplier")


@pytest.fixture
def a() -> Shop:
    return Shop("alpha", "4.00")


@pytest.fixture
def b() -> Shop:
    return Shop("beta", "2.00")


@pytest.fixture
def street(
    app: Flask, client_id: str, monkeypatch: pytest.MonkeyPatch, a: Shop, b: Shop
) -> Iterator[Street]:
    with opened(app, monkeypatch, client_id, a, b) as made:
        yield made


def test_the_first_that_can_deliver_is_bought_of(street: Street, a: Shop, b: Shop) -> None:
    failures = [SOLD_OUT, DOWN, AccountStopped("supplier_login_refused", "No."), None, DOWN]
    for failure in failures:
        a.fails = {"search": failure} if failure else {}
        assert street.bought_of() == ("beta" if failure else "alpha")
    suppliers.prefer(["beta"])
    assert street.bought_of() == "beta"
    assert (a.bought, b.bought) == (1, 5)


def test_why_nobody_sells_is_told_of_each_and_waited_for_where_it_may_pass(
    street: Street, a: Shop, b: Shop
) -> None:
    line = street.line()
    suppliers.pause("alpha", "invoice")
    b.fails["search"] = SOLD_OUT
    step = street.work(line)
    assert (step.state, step.error["code"]) == ("waiting", "supplier_paused")
    assert "alpha: Nothing is ordered" in step.error["detail"]
    assert "beta: There is none." in step.error["detail"]

    b.fails["search"] = Refused("country_not_sold", "Not there.")
    suppliers.prefer(["alpha"])  # paused it stays
    suppliers.resume("alpha")
    a.fails["search"] = Refused("country_not_sold", "Not here.")
    step = street.work(line)
    assert (step.state, step.error["code"], step.who) == ("failed", "country_not_sold", "operator")
    assert step.error["detail"] == "alpha: Not here. beta: Not there."


def test_an_order_whose_answer_was_lost_is_nobody_elses(street: Street, a: Shop, b: Shop) -> None:
    """It worked: the number is found. It may not have: the same shop is asked, until that is
    certain; being paused meanwhile changes nothing of it."""
    lost = OutcomeUnknown("no_answer", "It said nothing.")
    a.fails_after["order"] = lost
    worked = street.line()
    street.work(worked)
    assert street.work(worked).state == "done"

    a.fails["order"] = lost
    never = street.line()
    street.work(never)
    suppliers.pause("alpha", "down")
    step = street.work(never)
    assert (step.state, step.error["code"]) == ("running", "order_unconfirmed")
    assert (a.bought, b.bought) == (1, 0)


def test_it_moves_on_once_it_is_certain_that_nothing_was_ordered(
    street: Street, a: Shop, b: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order, "SETTLED", 0.0)
    a.fails["order"] = OutcomeUnknown("no_answer", "It said nothing.")
    line = street.line()
    street.work(line)
    suppliers.pause("alpha", "down")
    street.work(line)
    assert street.seller(line) == "beta"

    suppliers.resume("alpha")
    a.fails["order"] = Refused("papers_missing", "Not without papers.", who="operator")
    refused = street.line()
    street.work(refused)
    assert street.seller(refused) == "beta"
    assert (a.bought, b.bought) == (0, 2)


def test_a_cancelled_activation_gives_back_what_its_supplier_has(street: Street, a: Shop) -> None:
    line = street.line()
    a.fails_after["order"] = OutcomeUnknown("no_answer", "It said nothing.")
    street.work(line)
    suppliers.pause("alpha", "over")
    street.act(service.cancel, line)
    assert street.work(line).state == "undone"
    assert (a.bought, a.rented) == (1, {})


def test_a_supplier_that_keeps_failing_rests_and_one_tries_it_again(
    street: Street, a: Shop, b: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suppliers, "FIRST_REST", timedelta(hours=1))  # real time goes on
    a.fails["search"] = DOWN
    for _ in range(suppliers.MOST_FAILURES - 1):
        suppliers.failed("alpha")
    for _ in range(3):
        assert street.bought_of() == "beta"
    assert a.said == ["search"], "it rests after the fifth failure"

    b.fails["search"] = SOLD_OUT
    waits = [street.line() for _ in range(3)]
    step = street.work(waits[0])
    assert "alpha failed several times in a row" in step.error["detail"]

    monkeypatch.setattr(suppliers, "FIRST_REST", timedelta())
    suppliers.resume("alpha")
    for _ in range(suppliers.MOST_FAILURES):
        suppliers.failed("alpha")
    a.said.clear()
    monkeypatch.setattr(suppliers, "FIRST_REST", timedelta(hours=1))
    street.work(waits[0])
    assert a.said == ["search"], "one tries, finds it down, and the others leave it alone"

    a.fails.clear()
    suppliers.resume("alpha")
    street.work(waits[0])
    assert [street.seller(line) for line in waits] == ["alpha"] * 3


def test_a_policy_says_which_type_at_which_price_of_whom(
    app: Flask, client_id: str, monkeypatch: pytest.MonkeyPatch, a: Shop, b: Shop
) -> None:
    a.types = ("local",)
    policy = NumberPolicy(
        country="MA",
        types=("mobile", "local"),
        suppliers=("alpha", "beta"),
        most_monthly=Decimal(3),
        currency="USD",
    )
    other = Shop("gamma", "1.00")
    with opened(app, monkeypatch, client_id, other, a, b, policies=[policy]) as street:
        assert street.bought_of() == "beta", "it has the better type"
        b.types = ("local",)
        assert street.bought_of() == "beta", "alpha is too expensive"
        b.fails["search"] = Refused("country_not_sold", "Not there.")
        step = street.work(street.line())
        assert (step.state, step.error["code"]) == ("failed", "type_not_sold")
        assert "4.00 USD a month, more than 3 USD" in step.error["detail"]
        assert other.bought == 0


def test_two_activations_of_one_client_at_the_same_moment(
    app: Flask, street: Street, a: Shop
) -> None:
    """Two clicks are one line; two requests are two lines, each with a number of its own, however
    many workers look at them at once."""

    def at_once(act: Callable[[], str | None]) -> list[str | None]:
        together = Barrier(2)

        def run(_: int) -> str | None:
            with app.app_context():
                together.wait()
                return act()

        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(run, range(2)))

    def click() -> str:
        with tenant(street.client_id) as session:
            return service.activate(session, street.client_id, case="virtual-number").id

    clicked = at_once(click)
    asked = at_once(street.line)
    at_once(lambda: workers.drain(service.ADVANCE))

    assert len(set(clicked)) == 1
    lines = {str(line) for line in (*clicked, *asked)}
    assert len(lines) == 3
    assert set(a.rented) == lines
    assert a.bought == 3
    assert len({number.phone_number for number in a.rented.values()}) == 3
