"""Who may be sent what, and when: every rule by itself."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.messaging import policy
from gateway.messaging.policy import Facts

NOW = datetime(2026, 11, 10, 12, tzinfo=UTC)
DAY = timedelta(hours=24)
MOMENT = timedelta(microseconds=1)


def verdict(
    *,
    wrote_ago: timedelta | None = None,
    introduced: bool = True,
    template_approved: bool | None = None,
) -> str:
    return policy.judge(
        Facts(
            type="text" if template_approved is None else "template",
            now=NOW,
            last_inbound_at=None if wrote_ago is None else NOW - wrote_ago,
            introduced=introduced,
            template_approved=template_approved,
        )
    ).rule


@pytest.mark.parametrize(
    ("wrote_ago", "rule"),
    [
        (None, "reply_window_closed"),
        (timedelta(0), "allowed"),
        (DAY - MOMENT, "allowed"),
        (DAY, "reply_window_closed"),
        (DAY + MOMENT, "reply_window_closed"),
    ],
)
def test_free_text_may_be_sent_for_24_hours(wrote_ago: timedelta | None, rule: str) -> None:
    assert verdict(wrote_ago=wrote_ago) == rule


@pytest.mark.parametrize("wrote_ago", [None, timedelta(0), DAY])
def test_a_template_needs_no_window_but_approval(wrote_ago: timedelta | None) -> None:
    assert verdict(wrote_ago=wrote_ago, template_approved=True) == "allowed"
    assert verdict(wrote_ago=wrote_ago, template_approved=False) == "template_not_approved"


@pytest.mark.parametrize("template_approved", [None, True, False])
def test_nothing_goes_before_the_introduction(template_approved: bool | None) -> None:
    found = verdict(wrote_ago=timedelta(0), introduced=False, template_approved=template_approved)
    assert found == "introduction_missing"


@pytest.mark.parametrize(
    ("last_inbound_at", "closes_at", "is_open"),
    [(None, None, False), (NOW, NOW + DAY, True), (NOW - DAY, NOW, False)],
)
def test_the_window_says_when_it_closes(
    last_inbound_at: datetime | None, closes_at: datetime | None, is_open: bool
) -> None:
    assert policy.window_closes_at(last_inbound_at) == closes_at
    assert policy.window_is_open(last_inbound_at, NOW) is is_open


def test_the_refusal_says_what_is_the_case() -> None:
    def detail(last_inbound_at: datetime | None) -> str:
        facts = Facts(
            type="text",
            now=NOW,
            last_inbound_at=last_inbound_at,
            introduced=True,
            template_approved=None,
        )
        return policy.judge(facts).detail

    assert "has not written yet" in detail(None)
    assert "More than 24 hours" in detail(NOW - DAY)


@pytest.mark.parametrize(
    ("name_approved", "hold_until_named", "reason"),
    [
        (False, True, "display_name_pending"),
        (True, True, None),
        (False, False, None),
        (True, False, None),
    ],
)
def test_an_introduction_waits_for_the_name_unless_the_client_chose_otherwise(
    name_approved: bool, hold_until_named: bool, reason: str | None
) -> None:
    found = policy.hold_introduction(name_approved=name_approved, hold_until_named=hold_until_named)
    assert found == reason
