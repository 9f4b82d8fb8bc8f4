"""Gather the facts about one outgoing message and have the policy judge them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gateway import clock
from gateway.costs.spending_contract import SpendFacts, SpendPolicy
from gateway.messaging import policy
from gateway.messaging.models import Candidate, Conversation, Message, Template
from gateway.problems import Problem
from gateway.tenancy import quiet_hours
from gateway.tenancy import service as tenancy

_NEVER_ARRIVED: Final = ("failed", "cancelled")


def require(
    session: Session,
    talk: Conversation,
    candidate: Candidate,
    usable: Sequence[Template],
    chosen: Sequence[Template | None],
) -> None:
    """Raise the Problem that a message meets. `chosen`: the templates it takes; none is free text.

    The Problem says what may be sent instead.
    """
    found = verdict(session, talk, candidate, chosen)
    if not found.allowed:
        raise _refusal(found, talk, usable)


def verdict(
    session: Session,
    talk: Conversation,
    candidate: Candidate,
    chosen: Sequence[Template | None],
) -> policy.Verdict:
    """What the policy says of a message; of several templates, the first refusal."""
    days = current_app.extensions["settings"].messaging.unanswered_days
    waiting = len(chosen) + _unanswered(session, candidate, days) if chosen else 0
    for template in chosen or (None,):
        found = policy.judge(
            _facts(session, talk, candidate, template, is_template=bool(chosen), waiting=waiting)
        )
        if not found.allowed:
            return found
    return policy.ALLOWED


def hold(session: Session, talk: Conversation, type: str) -> policy.Hold | None:
    """Whether a message of this type waits now for the quiet hours to end."""
    setting = tenancy.client(session, talk.client_id).quiet_hours
    return policy.hold_quiet(
        is_template=type == "template",
        last_inbound_at=talk.last_inbound_at,
        quiet=quiet_hours.period(setting, clock.now()),
    )


def _facts(
    session: Session,
    talk: Conversation,
    candidate: Candidate,
    template: Template | None,
    *,
    is_template: bool,
    waiting: int,
) -> policy.Facts:
    return policy.Facts(
        now=clock.now(),
        last_inbound_at=talk.last_inbound_at,
        is_template=is_template,
        category=template.category.lower() if template else None,
        opted_out_at=candidate.opted_out_at,
        marketing_stopped_at=candidate.marketing_stopped_at,
        marketing_withheld_until=candidate.marketing_withheld_until,
        has_opted_in=candidate.opt_in is not None,
        budget_stops=template is not None and _budget_stops(session, talk, template),
        unanswered=waiting,
        most_unanswered=current_app.extensions["settings"].messaging.most_unanswered_templates,
    )


def _budget_stops(session: Session, talk: Conversation, template: Template) -> bool:
    """Budgets are read once a transaction: a batch of many conversations is one."""
    spending = current_app.extensions["plugin_host"].pricing
    if template.category.lower() != "marketing" or not isinstance(spending, SpendPolicy):
        return False
    known: dict[str, frozenset[str | None]] = session.info.setdefault("budgets used up", {})
    if talk.client_id not in known:
        known[talk.client_id] = spending.used_up(talk.client_id)
    facts = SpendFacts(
        line_id=talk.line_id,
        answers=policy.window_is_open(talk.last_inbound_at, clock.now()),
        used_up=known[talk.client_id],
    )
    return not spending.allows(facts)


def _unanswered(session: Session, candidate: Candidate, days: int) -> int:
    """How many templates this candidate got in the last days without having answered since."""
    theirs = (Message.client_id == candidate.client_id) & Message.conversation_id.in_(
        select(Conversation.id).where(
            Conversation.client_id == candidate.client_id,
            Conversation.candidate_id == candidate.id,
        )
    )
    # By order of arrival: Meta's timestamps are whole seconds.
    answer = select(func.max(Message.position)).where(theirs, Message.direction == "inbound")
    waiting = (
        select(func.count())
        .select_from(Message)
        .where(
            theirs,
            Message.direction == "outbound",
            Message.type == "template",
            Message.status.not_in(_NEVER_ARRIVED),
            Message.created_at > clock.now() - timedelta(days=days),
            Message.position > func.coalesce(answer.scalar_subquery(), 0),
        )
    )
    return session.scalar(waiting) or 0


def _refusal(verdict: policy.Verdict, talk: Conversation, usable: Sequence[Template]) -> Problem:
    closes_at = policy.window_closes_at(talk.last_inbound_at)
    return Problem(
        409,
        verdict.rule,
        verdict.detail,
        extra={
            "reply_window": {
                "open": policy.window_is_open(talk.last_inbound_at, clock.now()),
                "closes_at": closes_at and closes_at.isoformat(),
            },
            "templates": [
                {"name": row.name, "language": row.language, "category": row.category}
                for row in usable
            ],
        },
    )
