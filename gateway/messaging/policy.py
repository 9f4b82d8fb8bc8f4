"""Who may be sent what, and when. Pure functions over facts: no database, no clock, no network."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

REPLY_WINDOW: Final = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """All that decides about one outgoing message."""

    type: str
    now: datetime
    last_inbound_at: datetime | None
    introduced: bool
    template_approved: bool | None  # None: not a template


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """May it leave? `rule` is the stable code of the rule that refused."""

    allowed: bool
    rule: str
    detail: str


ALLOWED: Final = Verdict(allowed=True, rule="allowed", detail="The message may be sent.")


def window_closes_at(last_inbound_at: datetime | None) -> datetime | None:
    """When the reply window closes (or closed): 24 h after the candidate's last message."""
    return last_inbound_at + REPLY_WINDOW if last_inbound_at else None


def window_is_open(last_inbound_at: datetime | None, now: datetime) -> bool:
    closes_at = window_closes_at(last_inbound_at)
    return closes_at is not None and now < closes_at


def judge(facts: Facts) -> Verdict:
    """Whether this message may be sent now."""
    if not facts.introduced:
        return Verdict(
            allowed=False,
            rule="introduction_missing",
            detail="The introduction goes first; open the conversation and it is sent by itself.",
        )
    if facts.template_approved is False:
        return Verdict(
            allowed=False,
            rule="template_not_approved",
            detail="This template is not approved for this line; choose one of those listed.",
        )
    if facts.template_approved is None and not window_is_open(facts.last_inbound_at, facts.now):
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


def hold_introduction(*, name_approved: bool, hold_until_named: bool) -> str | None:
    """Why an introduction waits, if it does: a line without a name looks like nobody."""
    return "display_name_pending" if hold_until_named and not name_approved else None
