"""A recruiter writes: judged, introduced where the candidate does not know them yet, queued."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from gateway import clock
from gateway.messaging import (
    answering,
    composing,
    introducing,
    judging,
    outgoing,
    policy,
    templates,
)
from gateway.messaging.models import Candidate, Conversation, Message, Template
from gateway.problems import Problem


def hold_until(asked: Mapping[str, Any]) -> datetime | None:
    """How long a message may wait for the candidate's word (`hold_until_reply`, `expires_at`)."""
    if not asked["hold_until_reply"]:
        return None
    days = current_app.extensions["settings"].messaging.hold_days
    until: datetime = asked["expires_at"] or clock.now() + timedelta(days=days)
    if until <= clock.now():
        raise Problem(422, "expired", "This moment has passed already.", pointer="/expires_at")
    return until


def send(
    session: Session,
    talk: Conversation,
    *,
    type: str,
    content: Mapping[str, Any],
    context: Mapping[str, Any] | None = None,
    hold_until: datetime | None = None,
) -> list[Message]:
    """Accept a message of a locked conversation, or refuse it: why, and what may be sent.

    The message is the last of those that are queued; an introduction may precede it. With
    `hold_until`, what only the closed window refuses waits until then for the candidate to write.
    """
    queued: list[Message] = []
    line, own = outgoing.active_line(session, talk.client_id, talk.line_id)
    number = answering.number_for(session, talk) or own
    if talk.recruiter_id is None:
        raise Problem(
            409, "conversation_unassigned", "Assign the conversation to a recruiter first."
        )
    candidate = session.get_one(Candidate, (talk.client_id, talk.candidate_id))
    usable = templates.approved(session, talk.client_id, number.waba_id or "")
    chosen = [outgoing.template(usable, content)] if type == "template" else []
    composed = composing.compose(
        session,
        talk,
        type=type,
        content=content,
        context=context,
        template=chosen[0] if chosen else None,
    )
    queue = partial(
        outgoing.queue,
        session,
        talk,
        type=type,
        content=composed.content,
        category=_category(type, chosen),
        media_id=composed.media_id,
        template_id=chosen[0].id if chosen and chosen[0] else None,
        context_wamid=composed.context_wamid,
    )
    if hold_until and _awaits_reply(session, talk, candidate):
        return [queue(held="awaiting_reply", expires_at=hold_until)]
    if not introducing.is_missing(talk, number):
        judging.require(session, talk, candidate, usable, chosen)
    elif policy.window_is_open(talk.last_inbound_at, clock.now()):
        judging.require(session, talk, candidate, usable, chosen)
        queued.append(introducing.as_text(session, talk, candidate, number))
    else:
        introduction = introducing.template_for(session, talk, candidate, usable)
        judging.require(session, talk, candidate, usable, chosen and [introduction, *chosen])
        queued.append(introducing.as_template(session, talk, candidate, line, number, introduction))
    return [*queued, queue()]


def _category(type: str, chosen: Sequence[Template | None]) -> str | None:
    """As what Meta charges it; it says of reactions nowhere that they cost."""
    if chosen and chosen[0]:
        return chosen[0].category.lower()
    return None if type == "reaction" else "service"


def _awaits_reply(session: Session, talk: Conversation, candidate: Candidate) -> bool:
    return judging.verdict(session, talk, candidate, ()).rule == "reply_window_closed"
