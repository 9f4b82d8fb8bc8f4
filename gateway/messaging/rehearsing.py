"""What sending would do, found out by doing it and taking it back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from gateway import clock
from gateway.costs.contract import Cost, MessageFacts, Money, Pricing
from gateway.database import taken_back
from gateway.messaging import holding, people, policy, writing
from gateway.messaging.models import Candidate, Conversation, Message
from gateway.problems import Problem
from gateway.provisioning import numbers


def send(
    session: Session,
    talk: Conversation,
    *,
    type: str,
    content: Mapping[str, Any],
    context: Mapping[str, Any] | None = None,
    hold_until: datetime | None = None,
) -> dict[str, Any]:
    """The verdict on a message, the rule behind it, what would leave, and the list price of it."""
    candidate = session.get_one(Candidate, (talk.client_id, talk.candidate_id))
    country = people.country(candidate)
    try:
        with taken_back(session):
            number = numbers.number_of(session, talk.line_id)
            rows = writing.send(
                session, talk, type=type, content=content, context=context, hold_until=hold_until
            )
            first = [it for it, row in enumerate(rows) if _writes_first(talk, row)]
            portfolio_id = number and number.portfolio_id
            person = talk.client_id, candidate.id
            costs = [cost_of(row.category, country) for row in rows]
            leaving = [_shown(row, cost) for row, cost in zip(rows, costs, strict=True)]
    except Problem as problem:
        if problem.status != 409:
            raise
        refused = {"verdict": "refused", "rule": problem.code, "detail": problem.detail}
        return {**refused, "until": None, "messages": [], "price": None, **problem.extra}
    until = holding.would_wait_until(portfolio_id, *person) if first and portfolio_id else None
    for it in first if until else ():
        leaving[it] |= {"status": "held", "reason": "portfolio_limit", "until": _stamp(until)}
    return {**_verdict(leaving), "messages": leaving, "price": total(costs)}


def _writes_first(talk: Conversation, row: Message) -> bool:
    return row.status == "queued" and policy.writes_first(
        is_template=row.type == "template",
        last_inbound_at=talk.last_inbound_at,
        now=clock.now(),
    )


def _verdict(leaving: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What holds back the first of them holds back the message itself."""
    for it in leaving:
        if it["status"] == "held":
            reason = it["reason"]
            told = {"rule": reason, "detail": policy.HOLDS[reason], "until": it["until"]}
            return {"verdict": "held", **told}
    allowed = policy.ALLOWED
    return {"verdict": "allowed", "rule": allowed.rule, "detail": allowed.detail, "until": None}


def _shown(row: Message, cost: Cost | None) -> dict[str, Any]:
    return {
        "type": row.type,
        "introduction": row.introduction,
        "status": row.status,
        "reason": row.reason,
        "until": _stamp(row.not_before or row.expires_at),
        "category": row.category,
        "price": total([cost]),
    }


def _stamp(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def cost_of(category: str | None, country: str | None) -> Cost | None:
    """The list price of one message; None where it is not known."""
    pricing: Pricing | None = current_app.extensions["plugin_host"].pricing
    if pricing is None or country is None or category is None:
        return None
    return pricing.quote_message(
        MessageFacts(country=country, category=category, on=clock.now().date())
    )


def total(costs: Sequence[Cost | None]) -> dict[str, Any] | None:
    """The sum in the currency of the card and in those it is converted to; None: not known."""
    known = [cost for cost in costs if cost is not None]
    if len(known) < len(costs):
        return None
    converted = {
        currency: _sum([cost.converted[currency] for cost in known])
        for currency in known[0].converted
    }
    return {**_sum([cost.money for cost in known]), "converted": converted}


def _sum(amounts: Sequence[Money]) -> dict[str, Any]:
    total = sum((money.amount for money in amounts[1:]), amounts[0].amount)
    return Money(amount=total, currency=amounts[0].currency).as_json()
