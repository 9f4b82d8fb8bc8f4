"""Whether a candidate wants to be written to: their words, the platform's and the client's.

Every word is kept as evidence. The newest counts, by when it was said and not by when we heard it;
of two said at once, the one that stops. It holds for this client alone.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway import clock
from gateway.audit import service as audit
from gateway.events import service as events
from gateway.ids import new_id
from gateway.messaging import introducing, outgoing, policy, stop_words
from gateway.messaging.models import Candidate, Consent, Conversation, Message
from gateway.tenancy import service as tenancy

Scope = Literal["all", "marketing"]

_COLUMN: Final[Mapping[Scope, str]] = {"all": "opted_out_at", "marketing": "marketing_stopped_at"}
_OF_TALK: Final = (Conversation.client_id == Message.client_id) & (
    Conversation.id == Message.conversation_id
)
_OF_CANDIDATE: Final = (Candidate.client_id == Conversation.client_id) & (
    Candidate.id == Conversation.candidate_id
)
_CONFIRMED: Final[Mapping[str, str]] = {
    "en": "You will receive no more messages from {company}. Write START to be contacted again.",
    "fr": "Vous ne recevrez plus de messages de {company}."
    " Écrivez REPRENDRE pour être recontacté(e).",
    "ar": "لن تصلك رسائل أخرى من {company}. أرسل كلمة ابدأ إذا أردت أن نتواصل معك من جديد.",
}


def note(
    session: Session,
    candidate: Candidate,
    scope: Scope,
    *,
    granted: bool,
    at: datetime,
    source: str,
    evidence: Mapping[str, Any],
) -> bool:
    """Keep one word and let the newest count; whether it stopped what went on until now."""
    session.execute(
        insert(Consent)
        .values(
            client_id=candidate.client_id,
            id=new_id("cons"),
            candidate_id=candidate.id,
            scope=scope,
            at=at,
            granted=granted,
            source=source,
            evidence=dict(evidence),
        )
        .on_conflict_do_nothing()
    )
    return _weigh(session, candidate, scope, source)


def weigh(session: Session, candidate: Candidate, source: str) -> None:
    """Words were added to this candidate's: let the newest count."""
    for scope in _COLUMN:
        _weigh(session, candidate, scope, source)


def _weigh(session: Session, candidate: Candidate, scope: Scope, source: str) -> bool:
    column = _COLUMN[scope]
    before = getattr(candidate, column)
    newest = session.scalars(
        select(Consent)
        .where(
            Consent.client_id == candidate.client_id,
            Consent.candidate_id == candidate.id,
            Consent.scope == scope,
        )
        .order_by(Consent.at.desc(), Consent.granted)
        .limit(1)
    ).first()
    after = None if newest is None or newest.granted else newest.at
    setattr(candidate, column, after)
    if (before is None) == (after is None):
        return False
    _tell(session, candidate, scope, stopped=after is not None, source=source)
    if after is not None and scope == "all":
        _end(session, candidate)
    return after is not None


def heard(
    session: Session, talk: Conversation, candidate: Candidate, message: Message, words: str
) -> None:
    """A candidate's message may be a word on being written to: act on it, once."""
    meaning = stop_words.meaning_of(words)
    if meaning == "perhaps":
        message.reason = "may_mean_stop"
        events.record(
            session,
            talk.client_id,
            "candidate.stop_suspected",
            candidate_id=candidate.id,
            conversation_id=talk.id,
            line_id=talk.line_id,
            recruiter_id=talk.recruiter_id,
            message_id=message.id,
        )
    elif meaning is not None:
        stopped = note(
            session,
            candidate,
            "all",
            granted=meaning == "resume",
            at=message.created_at,
            source="message",
            evidence={"message_id": message.id, "words": words},
        )
        if stopped:
            _confirm(session, talk, candidate, words)


def doubts(session: Session, client_id: str, conversation_ids: Sequence[str]) -> list[Message]:
    """Messages that may mean stop, the oldest first: nobody has said since whether they do."""
    said_since = exists().where(
        Consent.client_id == client_id,
        Consent.candidate_id == Candidate.id,
        Consent.scope == "all",
        Consent.at >= Message.created_at,
    )
    return list(
        session.scalars(
            select(Message)
            .join(Conversation, _OF_TALK)
            .join(Candidate, _OF_CANDIDATE)
            .where(
                Message.client_id == client_id,
                Message.conversation_id.in_(conversation_ids),
                Message.reason == "may_mean_stop",
                Candidate.opted_out_at.is_(None),
                ~said_since,
            )
            .order_by(Message.created_at, Message.position)
        )
    )


def settle(
    session: Session, talk: Conversation, message: Message, *, stops: bool, source: str
) -> None:
    """A recruiter says whether words of a locked conversation meant stop; once for each message."""
    if message.id not in {it.id for it in doubts(session, talk.client_id, [talk.id])}:
        return
    audit.record(session, talk.client_id, "message.stop_settled", message.id, stops=stops)
    if not stops:
        message.reason = None
        return
    note(
        session,
        session.get_one(Candidate, (talk.client_id, talk.candidate_id)),
        "all",
        granted=False,
        at=clock.now(),
        source=source,
        evidence={"message_id": message.id},
    )


def marketing_refused(
    session: Session, candidate: Candidate, message_id: str, at: datetime
) -> None:
    """The platform did not deliver marketing, because the person wants none."""
    note(
        session,
        candidate,
        "marketing",
        granted=False,
        at=at,
        source="platform",
        evidence={"message_id": message_id},
    )


def marketing_withheld(candidate: Candidate, at: datetime) -> None:
    """The platform spares this person marketing; trying again soon would only be refused again."""
    until = at + policy.MARKETING_REST
    candidate.marketing_withheld_until = max(candidate.marketing_withheld_until or until, until)


def opt_out(session: Session, candidate: Candidate, source: str) -> None:
    """The client records that this person wants no more messages."""
    note(session, candidate, "all", granted=False, at=clock.now(), source=source, evidence={})


def opt_in(session: Session, candidate: Candidate, given: Mapping[str, Any]) -> None:
    """The client records that this person agreed: `source`, `obtained_at`, perhaps `evidence`."""
    candidate.opt_in = dict(given)
    for scope in _COLUMN:
        note(
            session,
            candidate,
            scope,
            granted=True,
            at=clock.now(),
            source="client",
            evidence=given,
        )


def _end(session: Session, candidate: Candidate) -> None:
    """Nothing that we started leaves any more."""
    talks = session.scalars(
        select(Conversation)
        .where(
            Conversation.client_id == candidate.client_id,
            Conversation.candidate_id == candidate.id,
        )
        .with_for_update()
    ).all()
    outgoing.drop(session, candidate.client_id, [talk.id for talk in talks], "candidate_opted_out")
    for talk in talks:
        if talk.introduction_id:
            introduction = outgoing.message(session, talk.client_id, talk.introduction_id)
            session.refresh(introduction)
            if introduction.status == "cancelled":
                introducing.undo(session, introduction)


def _confirm(session: Session, talk: Conversation, candidate: Candidate, words: str) -> None:
    """Say once that we stop, and how to go on. Their word opened the window for it."""
    client = tenancy.client(session, talk.client_id)
    language = "ar" if stop_words.is_arabic(words) else candidate.language
    text = _CONFIRMED.get(language or client.default_language, _CONFIRMED["en"])
    outgoing.queue(
        session,
        talk,
        type="text",
        content={"body": text.replace("{company}", client.name)},
        category="service",
    )


def _tell(
    session: Session, candidate: Candidate, scope: Scope, *, stopped: bool, source: str
) -> None:
    what = "candidate.opted_out" if stopped else "candidate.opted_in"
    audit.record(session, candidate.client_id, what, candidate.id, scope=scope, source=source)
    events.record(
        session,
        candidate.client_id,
        what,
        candidate_id=candidate.id,
        scope=scope,
        source=source,
    )
