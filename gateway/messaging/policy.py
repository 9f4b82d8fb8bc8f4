"""Who may be sent what, and when. Pure functions over facts: no database, no clock, no network."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

REPLY_WINDOW: Final = timedelta(hours=24)
MARKETING_REST: Final = timedelta(hours=24)  # after the platform withheld a marketing message

# Why a message that may be sent waits nevertheless.
HOLDS: Final = MappingProxyType(
    {
        "awaiting_reply": "It leaves once the candidate writes, if it may be sent then.",
        "display_name_pending": "It leaves once Meta has approved the line's display name.",
        "portfolio_limit": "The portfolio has written to as many people in 24 hours as Meta lets"
        " it write to first; it leaves when a place is free.",
        "quiet_hours": "The client's quiet hours: it leaves when they end, or when the candidate"
        " writes.",
    }
)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """All that decides about one outgoing message."""

    now: datetime
    last_inbound_at: datetime | None
    is_template: bool
    category: str | None  # of an approved template, as it is charged; else None
    opted_out_at: datetime | None
    marketing_stopped_at: datetime | None
    marketing_withheld_until: datetime | None
    has_opted_in: bool
    budget_stops: bool  # what the month may cost is used up, and this would cost more
    unanswered: int  # templates to this candidate since the last answer, those leaving now included
    most_unanswered: int


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """May it leave? `rule` is the stable code of the rule that refused."""

    allowed: bool
    rule: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class Hold:
    """A message waits for this reason (one of HOLDS), until then where that is known."""

    reason: str
    until: datetime | None


ALLOWED: Final = Verdict(allowed=True, rule="allowed", detail="The message may be sent.")


def window_closes_at(last_inbound_at: datetime | None) -> datetime | None:
    """When the reply window closes (or closed): 24 h after the candidate's last message."""
    return last_inbound_at + REPLY_WINDOW if last_inbound_at else None


def window_is_open(last_inbound_at: datetime | None, now: datetime) -> bool:
    closes_at = window_closes_at(last_inbound_at)
    return closes_at is not None and now < closes_at


def judge(facts: Facts) -> Verdict:
    """Whether this message may be sent now; the first rule that refuses says why."""
    withheld_until = facts.marketing_withheld_until or facts.now
    for refuses, rule, detail in (
        (
            _is_unwanted(facts),
            "candidate_opted_out",
            "The candidate asked for no more messages. If they write again, answer within 24 hours"
            " in free text; or record a new opt-in.",
        ),
        (
            facts.is_template and facts.category is None,
            "template_not_approved",
            "This template is not approved for this line; choose one of those listed.",
        ),
        (
            facts.category == "marketing" and facts.marketing_stopped_at is not None,
            "marketing_stopped",
            "The candidate stopped marketing messages, and Meta charges this template as one.",
        ),
        (
            facts.category == "marketing" and not facts.has_opted_in,
            "opt_in_missing",
            "Meta charges this template as marketing: record the candidate's opt-in first.",
        ),
        (
            facts.category == "marketing" and facts.now < withheld_until,
            "marketing_withheld",
            "Meta spares the candidate marketing messages for now; send none before"
            f" {withheld_until:%Y-%m-%d %H:%M} UTC.",
        ),
        (
            facts.budget_stops,
            "budget_reached",
            "The month's budget is used up and stops marketing; answers, and templates that Meta"
            " charges otherwise, may be sent.",
        ),
        (
            facts.is_template and facts.unanswered > facts.most_unanswered,
            "too_many_unanswered_templates",
            f"The candidate has not answered the last templates; no more than"
            f" {facts.most_unanswered} may wait for an answer. Wait until they write.",
        ),
    ):
        if refuses:
            return Verdict(allowed=False, rule=rule, detail=detail)
    if not facts.is_template and not window_is_open(facts.last_inbound_at, facts.now):
        why = (
            "More than 24 hours have passed since the candidate last wrote"
            if facts.last_inbound_at
            else "The candidate has not written yet"
        )
        return Verdict(
            allowed=False,
            rule="reply_window_closed",
            detail=f"{why}; send one of the listed templates instead.",
        )
    return ALLOWED


def _is_unwanted(facts: Facts) -> bool:
    """Who asked us to stop is answered only in a window that a later message of theirs opened."""
    if facts.opted_out_at is None:
        return False
    wrote_later = facts.last_inbound_at is not None and facts.last_inbound_at > facts.opted_out_at
    return facts.is_template or not wrote_later


def writes_first(*, is_template: bool, last_inbound_at: datetime | None, now: datetime) -> bool:
    """Whether a message takes a place of the portfolio's budget: the candidate did not ask."""
    return is_template and not window_is_open(last_inbound_at, now)


def hold_quiet(
    *,
    is_template: bool,
    last_inbound_at: datetime | None,
    quiet: tuple[datetime, datetime] | None,
) -> Hold | None:
    """Whether a message waits for the end of the quiet that is now (since when, until when).

    What answers the candidate does not wait: who wrote in the quiet hours is awake.
    """
    if quiet is None or not is_template:
        return None
    began, ends = quiet
    if last_inbound_at is not None and last_inbound_at >= began:
        return None
    return Hold(reason="quiet_hours", until=ends)


def hold_introduction(*, name_approved: bool, hold_until_named: bool) -> str | None:
    """Why an introduction waits, if it does: a line without a name looks like nobody."""
    return "display_name_pending" if hold_until_named and not name_approved else None
