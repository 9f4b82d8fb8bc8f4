"""Who may be sent what, and when: every rule by itself."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.messaging import policy
from gateway.messaging.policy import Facts, Verdict

NOW = datetime(2026, 11, 10, 12, tzinfo=UTC)
DAY = timedelta(hours=24)
MOMENT = timedelta(microseconds=1)


def judged(*, wrote_ago: timedelta | None = None, **others: Any) -> Verdict:
    facts: dict[str, Any] = {
        "is_template": others.get("category") is not None,
        "category": None,
        "opted_out_at": None,
        "marketing_stopped_at": None,
        "marketing_withheld_until": None,
        "has_opted_in": False,
        "budget_stops": False,
        "unanswered": 1,
        "most_unanswered": 2,
    }
    last = None if wrote_ago is None else NOW - wrote_ago
    return policy.judge(Facts(now=NOW, last_inbound_at=last, **{**facts, **others}))


def verdict(**facts: Any) -> str:
    return judged(**facts).rule


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
    assert verdict(wrote_ago=wrote_ago, category="utility") == "allowed"
    assert verdict(wrote_ago=wrote_ago, is_template=True) == "template_not_approved"


def test_marketing_needs_an_opt_in_that_was_not_taken_back() -> None:
    assert verdict(category="marketing") == "opt_in_missing"
    assert verdict(category="marketing", has_opted_in=True) == "allowed"
    stopped = {"has_opted_in": True, "marketing_stopped_at": NOW - DAY}
    assert verdict(category="marketing", **stopped) == "marketing_stopped"
    assert verdict(category="utility", **stopped) == "allowed"


def test_what_the_platform_withheld_is_not_tried_again_for_a_day() -> None:
    withheld = {"has_opted_in": True, "marketing_withheld_until": NOW + MOMENT}
    assert verdict(category="marketing", **withheld) == "marketing_withheld"
    assert "2026-11-10 12:00 UTC" in judged(category="marketing", **withheld).detail
    assert verdict(category="utility", **withheld) == "allowed"
    assert verdict(wrote_ago=MOMENT, **withheld) == "allowed"
    withheld["marketing_withheld_until"] = NOW
    assert verdict(category="marketing", **withheld) == "allowed"
    assert policy.MARKETING_REST == DAY


@pytest.mark.parametrize(
    ("is_template", "wrote_ago", "held"),
    [
        (True, None, True),
        (True, DAY, True),
        (True, timedelta(hours=1, microseconds=1), True),  # in the evening: asleep by now
        (True, timedelta(hours=1), False),  # in the quiet hours: awake
        (True, MOMENT, False),
        (False, timedelta(hours=2), False),
    ],
)
def test_nobody_is_woken_who_did_not_ask(
    is_template: bool, wrote_ago: timedelta | None, held: bool
) -> None:
    quiet = (NOW - timedelta(hours=1), NOW + timedelta(hours=9))
    last = None if wrote_ago is None else NOW - wrote_ago
    found = policy.hold_quiet(is_template=is_template, last_inbound_at=last, quiet=quiet)
    assert found == (policy.Hold(reason="quiet_hours", until=quiet[1]) if held else None)
    assert policy.hold_quiet(is_template=True, last_inbound_at=None, quiet=None) is None


@pytest.mark.parametrize(
    ("is_template", "wrote_ago", "first"),
    [(True, None, True), (True, DAY, True), (True, DAY - MOMENT, False), (False, None, False)],
)
def test_only_a_template_outside_the_window_takes_a_place(
    is_template: bool, wrote_ago: timedelta | None, first: bool
) -> None:
    last = None if wrote_ago is None else NOW - wrote_ago
    assert policy.writes_first(is_template=is_template, last_inbound_at=last, now=NOW) is first


@pytest.mark.parametrize(
    ("unanswered", "rule"), [(2, "allowed"), (3, "too_many_unanswered_templates")]
)
def test_no_more_templates_than_may_wait_for_an_answer(unanswered: int, rule: str) -> None:
    assert verdict(category="utility", unanswered=unanswered) == rule
    assert verdict(wrote_ago=MOMENT, unanswered=unanswered) == "allowed"


@pytest.mark.parametrize(
    ("wrote_ago", "rule"),
    [
        (None, "candidate_opted_out"),
        (2 * MOMENT, "candidate_opted_out"),  # before they asked us to stop
        (MOMENT, "candidate_opted_out"),  # the very word
        (timedelta(0), "allowed"),  # after it
    ],
)
def test_who_asked_us_to_stop_is_only_answered(wrote_ago: timedelta | None, rule: str) -> None:
    stopped = {"opted_out_at": NOW - MOMENT}
    assert verdict(wrote_ago=wrote_ago, **stopped) == rule
    assert verdict(wrote_ago=wrote_ago, category="utility", **stopped) == "candidate_opted_out"


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
    assert "has not written yet" in judged().detail
    assert "More than 24 hours" in judged(wrote_ago=DAY).detail


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
