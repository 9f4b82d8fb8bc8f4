"""Tells candidates that their messages were read, where a recruiter wants it."""

from typing import Final

import structlog
from flask import current_app
from sqlalchemy.orm import Session

from gateway import clock, outbox
from gateway.database import tenant
from gateway.errors import ProviderError, Refused
from gateway.messaging import answering
from gateway.messaging.contract import ReadReceipts
from gateway.messaging.models import Conversation, Message
from gateway.outbox import Again, Lease
from gateway.problems import Problem
from gateway.provisioning import access

log = structlog.get_logger()

READ_RECEIPT: Final = "messaging.read_receipt"


def mark(session: Session, message: Message) -> Message:
    """A recruiter read a candidate's message: promise that the candidate is told, once."""
    if message.direction != "inbound" or message.wamid is None:
        raise Problem(409, "message_state", "Only a message that was received can be read.")
    if message.read_at is None:
        message.read_at = clock.now()
        outbox.put(session, READ_RECEIPT, message.id, client_id=message.client_id)
    return message


def tell(lease: Lease) -> Again | None:
    """Tell it. The platform takes it as often as it comes, and what it refuses is let be."""
    with tenant(lease.client_id) as session:
        outbox.guard(session, lease)
        message = session.get(Message, (lease.client_id, lease.key))
        if message is None:
            return None
        talk = session.get_one(Conversation, (lease.client_id, message.conversation_id))
        number = answering.number_for(session, talk)
    if number is None or number.phone_number_id is None:
        return None
    name = current_app.extensions["settings"].messaging.provider
    provider = current_app.extensions["plugin_host"].messaging_providers.get(name)
    provider = access.of_waba(provider, lease.client_id, number.waba_id)
    if not isinstance(provider, ReadReceipts):
        return None
    try:
        provider.mark_read(number.phone_number_id, str(message.wamid))
    except Refused as error:
        log.info("read_receipt_refused", message_id=message.id, code=error.code)
    except ProviderError as error:
        pause = error.retry_after or outbox.backoff(lease.attempts)
        return Again(after=pause, error=error.code)
    return None
