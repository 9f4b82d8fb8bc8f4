"""What a plugin reads of the core's, in a transaction of its own."""

from collections.abc import Sequence
from datetime import datetime

from flask import current_app
from sqlalchemy.orm import Session

from gateway.costs.activity_contract import Activity


def activity(
    session: Session, client_id: str, since: datetime, until: datetime
) -> Sequence[Activity]:
    """How much was going on in the client's conversations."""
    found: Sequence[Activity] = current_app.extensions["activity"](session, client_id, since, until)
    return found
