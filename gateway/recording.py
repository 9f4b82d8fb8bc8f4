"""What a plugin records in a transaction of its own: events, and acts for the audit trail."""

from typing import Any

from flask import current_app
from sqlalchemy.orm import Session


def record_event(session: Session, client_id: str, type_: str, **data: Any) -> None:
    """Something happened to this client, as the catalogue of events has it; told after commit."""
    current_app.extensions["record_event"](session, client_id, type_, **data)


def record_act(session: Session, client_id: str, action: str, subject: str, **details: Any) -> None:
    """Somebody did something; who it was is known."""
    current_app.extensions["record_act"](session, client_id, action, subject, **details)
