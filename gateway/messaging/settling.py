"""Messages of which nobody knows whether they left: a status settles them, or a long silence."""

from typing import Final

from flask import current_app
from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from gateway import outbox
from gateway.database import tenant
from gateway.messaging import outgoing
from gateway.messaging.models import Message, MessageStatus
from gateway.outbox import Again, Lease

SETTLE: Final = "messaging.settle"


def give_up_on_the_dead(lease: Lease) -> None:
    """What a former holder of the lease left in `sending` may have gone out: it is unconfirmed."""
    with tenant(lease.client_id) as session:
        outbox.guard(session, lease)
        left = session.scalars(
            update(Message)
            .where(
                Message.client_id == lease.client_id,
                Message.line_id == lease.key,
                Message.status == "sending",
                Message.fence < lease.fence,
            )
            .values(status="unconfirmed")
            .returning(Message.id)
        ).all()
        for message_id in left:
            expect(session, lease.client_id, message_id)


def expect(session: Session, client_id: str, message_id: str) -> None:
    """Have a message looked at that became unconfirmed, after the stated silence."""
    silence = current_app.extensions["settings"].messaging.unconfirmed_seconds
    outbox.put(session, SETTLE, message_id, client_id=client_id, after=silence)


def settle(lease: Lease) -> Again | None:
    """After the stated silence an unconfirmed message fails, if its line was heard meanwhile."""
    silence = current_app.extensions["settings"].messaging.unconfirmed_seconds
    with tenant(lease.client_id) as session:
        outbox.guard(session, lease)
        message = session.get(Message, (lease.client_id, lease.key), with_for_update=True)
        if message is None or message.status != "unconfirmed":
            return None
        heard = session.scalar(
            select(
                exists().where(
                    Message.client_id == lease.client_id,
                    Message.line_id == message.line_id,
                    Message.id == MessageStatus.message_id,
                    MessageStatus.client_id == lease.client_id,
                    Message.sending_since > message.sending_since,
                )
            )
        )
        if not heard:
            return Again(after=silence)
        outgoing.fail(
            session,
            message,
            {
                "code": "outcome_unknown",
                "detail": "Nothing was heard of this message while others were delivered."
                " It may or may not have arrived; send it again only if a double does no harm.",
            },
        )
    return None
