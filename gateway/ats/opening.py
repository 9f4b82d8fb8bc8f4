"""Opens the conversation that an event asks for, just as if the API had been asked."""

import re
from typing import Any, Final

from marshmallow import ValidationError
from sqlalchemy.orm import Session

from gateway import clock, outbox
from gateway.api import require_storable, wrong
from gateway.ats import service
from gateway.ats.contract import Wanted
from gateway.ats.models import Connection, Delivery
from gateway.database import tenant
from gateway.errors import Refused
from gateway.events import service as events
from gateway.messaging import service as messaging
from gateway.messaging.schemas import ConversationRequest, opening
from gateway.messaging.service import Opening
from gateway.outbox import Lease
from gateway.problems import Problem
from gateway.tenancy import service as tenancy

_LANGUAGES: Final = ("ar", "en", "fr")


def read(lease: Lease) -> None:
    """Do what one delivery asks for, and note what it came to; both, or neither."""
    with tenant(lease.client_id) as session:
        outbox.guard(session, lease)
        row = session.get(Delivery, (lease.client_id, lease.key))
        if row is None or row.state != "pending":
            return
        connection = session.get_one(Connection, (lease.client_id, row.connection_id))
        try:
            with session.begin_nested():  # a refusal leaves nothing half-done
                row.conversation_id = _opened(session, connection, row.body or b"")
                row.state = "done" if row.conversation_id else "ignored"
        except (Problem, Refused) as error:
            row.state = "failed"
            row.error = {"code": error.code, "detail": error.detail}
            events.record(
                session,
                lease.client_id,
                "ats.delivery_failed",
                connection_id=connection.id,
                delivery_id=row.id,
                code=error.code,
            )
        row.body = None
        row.settled_at = clock.now()


def _opened(session: Session, connection: Connection, body: bytes) -> str | None:
    """The id of the conversation that the event asks for; None where it asks for none."""
    wanted = service.adapters().get(connection.adapter).read(connection.settings, body)
    if wanted is None:
        return None
    asked = _asked(session, connection, wanted)
    talk, _ = messaging.open_conversation(session, connection.client_id, _checked(asked))
    return talk.id


def _asked(session: Session, connection: Connection, wanted: Wanted) -> dict[str, Any]:
    """The body of the API call that would ask for the same."""
    require_storable(vars(wanted))
    return {
        "line_id": connection.line_id,
        "recruiter_id": _recruiter_id(session, connection, wanted.recruiter_email),
        "candidate": {
            "name": wanted.name,
            "phone": wanted.phone,
            "ats_candidate_id": wanted.ats_candidate_id,
            "language": _spoken(wanted.language),
            "opt_in": wanted.opt_in and dict(wanted.opt_in),
        },
        "application_ref": wanted.application_ref,
    }


def _recruiter_id(session: Session, connection: Connection, email: str | None) -> str:
    named = email and tenancy.recruiter_by_email(session, connection.client_id, email)
    return named.id if named else connection.recruiter_id


def _spoken(language: str | None) -> str | None:
    """A language that introductions have; in any other the client's own is spoken."""
    spoken = re.split("[-_]", (language or "").lower())[0]
    return spoken if spoken in _LANGUAGES else None


def _checked(asked: dict[str, Any]) -> Opening:
    try:
        return opening(ConversationRequest().load(asked))
    except ValidationError as error:
        raise wrong(error.messages) from None
