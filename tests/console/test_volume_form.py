"""The month that a client expects, as the comparison asks for it."""

import re

import pytest

from gateway.onboarding.case_schemas import VolumeQuery
from tests.console.browser import Browser


@pytest.mark.parametrize("kind", VolumeQuery().fields)
def test_every_kind_of_message_is_asked_for_and_priced(browser: Browser, kind: str) -> None:
    page = browser.read(f"/console/?{kind}=7000")
    assert re.search(rf'<input id="{kind}" [^>]*value="7000"', page)
    costs = [re.findall(r"<p>([\d.,]+ USD[^<]*)", browser.read(f"/console/?{kind}={count}"))
             for count in (0, 7000)]  # fmt: skip
    assert costs[0]
    assert costs[0] != costs[1]
