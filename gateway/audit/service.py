"""Write the audit trail."""

from typing import Any

from flask import g, has_request_context
from sqlalchemy.orm import Session

from gateway import clock
from gateway.audit.models import AuditEntry


def record(session: Session, client_id: str, action: str, subject: str, **details: Any) -> None:
    """Note an act in its own transaction. The actor is the request's credential, else `gateway`."""
    actor = g.get("actor", "anonymous") if has_request_context() else "gateway"
    session.add(
        AuditEntry(
            client_id=client_id,
            at=clock.now(),
            actor=actor,
            action=action,
            subject=subject,
            details=details,
        )
    )
