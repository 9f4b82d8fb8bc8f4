"""Whoever writes says first who they are; nobody can leave it out.

A recruiter is introduced once in a conversation and number: when it opens, and again before the
first message after it got another recruiter or its line another number.
"""

from collections.abc import Sequence

from flask import current_app
from sqlalchemy.orm import Session

from gateway.messaging import judging, outgoing, policy, templates
from gateway.messaging.models import Candidate, Conversation, Message, Template
from gateway.provisioning import service as provisioning
from gateway.provisioning.models import Line, Number
from gateway.tenancy import service as tenancy
from gateway.tenancy.models import Client


def begin(
    session: Session, talk: Conversation, candidate: Candidate, line: Line, number: Number
) -> None:
    """Open a conversation with the introduction, which is judged like any other template."""
    usable = templates.approved(session, talk.client_id, number.waba_id or "")
    template = template_for(session, talk, candidate, usable)
    if template is not None:  # while none is approved, sending it will say so
        judging.require(session, talk, candidate, usable, [template])
    as_template(session, talk, candidate, line, number, template)


def is_missing(talk: Conversation, number: Number) -> bool:
    """Whether the candidate does not know this recruiter on this number yet."""
    introduced = (talk.introduced_by, talk.introduced_from)
    return introduced != (talk.recruiter_id, number.phone_number)


def template_for(
    session: Session, talk: Conversation, candidate: Candidate, usable: Sequence[Template]
) -> Template | None:
    """The approved introduction for this conversation, if there is one."""
    client = tenancy.client(session, talk.client_id)
    return outgoing.template(usable, _content(session, client, talk, candidate))


def as_template(
    session: Session,
    talk: Conversation,
    candidate: Candidate,
    line: Line,
    number: Number,
    template: Template | None,
) -> Message:
    client = tenancy.client(session, talk.client_id)
    row = outgoing.queue(
        session,
        talk,
        type="template",
        content=_content(session, client, talk, candidate),
        category=template.category.lower() if template else "utility",
        introduction=True,
        template_id=template.id if template else None,
        held=_hold(session, client, line),
    )
    return _note(talk, number, row)


def as_text(session: Session, talk: Conversation, candidate: Candidate, number: Number) -> Message:
    """Inside the reply window plain words do."""
    client = tenancy.client(session, talk.client_id)
    body = templates.introduction_text(
        _language(client, candidate),
        _recruiter(session, talk),
        client.name,
        current_app.extensions["settings"].platform.name,
        has_applied=bool(talk.applications),
    )
    row = outgoing.queue(
        session, talk, type="text", content={"body": body}, category="service", introduction=True
    )
    return _note(talk, number, row)


def undo(session: Session, message: Message) -> None:
    """A message did not arrive: if it is the latest introduction, the next one must be preceded."""
    talk = session.get_one(Conversation, (message.client_id, message.conversation_id))
    if talk.introduction_id == message.id:
        talk.introduced_by = talk.introduced_from = None


def _note(talk: Conversation, number: Number, row: Message) -> Message:
    talk.introduction_id = row.id
    talk.introduced_by, talk.introduced_from = talk.recruiter_id, number.phone_number
    return row


def _content(
    session: Session, client: Client, talk: Conversation, candidate: Candidate
) -> dict[str, object]:
    return templates.introduction(
        _language(client, candidate),
        _recruiter(session, talk),
        client.name,
        has_applied=bool(talk.applications),
    )


def _language(client: Client, candidate: Candidate) -> str:
    language = candidate.language or client.default_language
    return language if language in templates.LANGUAGES else "en"


def _recruiter(session: Session, talk: Conversation) -> str:
    return tenancy.recruiter_here(session, talk.client_id, str(talk.recruiter_id)).name


def _hold(session: Session, client: Client, line: Line) -> str | None:
    def judge() -> str | None:
        return policy.hold_introduction(
            name_approved=line.display_name_status in provisioning.NAMED,
            hold_until_named=client.hold_introductions_until_named,
        )

    if judge():
        # Either we see the decision, or whoever records it waits and sees what we hold.
        session.refresh(line, with_for_update={"read": True})
    return judge()
