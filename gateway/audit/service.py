"""Write the audit trail."""

from typing import Any

from flask import g, has_request_context
from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway import clock
from gateway.audit.models import AuditEntry, OperatorAct


def actor() -> str:
    """Who acts: the request's credential, the command, else `gateway`."""
    found: str = g.get("actor", "anonymous" if has_request_context() else "gateway")
    return found


def record(session: Session, client_id: str, action: str, subject: str, **details: Any) -> None:
    """Note an act of the actor's, in the act's own transaction."""
    session.add(
        AuditEntry(
            client_id=client_id,
            at=clock.now(),
            actor=actor(),
            action=action,
            subject=subject,
            details=details,
        )
    )


def record_act(session: Session, action: str, subject: str, **details: Any) -> None:
    """Note what was done to the platform, in its own transaction, in the platform's scope."""
    session.add(
        OperatorAct(at=clock.now(), actor=actor(), action=action, subject=subject, details=details)
    )


def acts(session: Session, subject: str) -> list[OperatorAct]:
    """What was done to this part of the platform, newest first."""
    query = select(OperatorAct).where(OperatorAct.subject == subject)
    return list(session.scalars(query.order_by(OperatorAct.id.desc())))
