"""A few clients' months, in small what the benchmark does with many more."""

from collections.abc import Iterator
from datetime import date

import pytest

from tests.harness import Gateway
from tests.plugins.cost_reporting import year


@pytest.fixture(autouse=True)
def context(gateway: Gateway) -> Iterator[None]:
    with gateway.app.app_context():
        yield


def test_every_month_closes_and_the_sum_is_that_of_a_plain_recomputation(gateway: Gateway) -> None:
    firms = year.companies([gateway.client(f"Company {number}") for number in range(10)])
    months = list(year.month_starts(date(2025, 7, 1), 3))
    history = year.play(firms, months, messages=60, seed=7)

    corrections = year.require_right(firms, months, history)
    assert corrections > len(firms), "there was something to correct"
