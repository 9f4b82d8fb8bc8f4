"""What another number does to a line's conversations: nobody knows it yet."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway import clock
from gateway.messaging import people, policy, rehearsing
from gateway.messaging.models import Candidate, Conversation


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """`price`: of an introduction to every candidate of the line; None where it is not known."""

    conversations: int
    open_windows: int
    price: dict[str, Any] | None


def forecast(session: Session, client_id: str, line_id: str) -> Forecast:
    """Of the conversations there are now. Whoever is never written to again costs nothing."""
    rows = session.execute(
        select(Conversation.last_inbound_at, Candidate)
        .join(
            Candidate,
            (Candidate.client_id == Conversation.client_id)
            & (Candidate.id == Conversation.candidate_id),
        )
        .where(
            Conversation.client_id == client_id,
            Conversation.line_id == line_id,
            Conversation.merged_into.is_(None),
        )
    ).all()
    # Introductions are handed in as utility; what Meta makes of them is seen when they are sent.
    costs = [rehearsing.cost_of("utility", people.country(candidate)) for _, candidate in rows]
    return Forecast(
        conversations=len(rows),
        open_windows=sum(policy.window_is_open(at, clock.now()) for at, _ in rows),
        price=rehearsing.total(costs) if costs else None,
    )
