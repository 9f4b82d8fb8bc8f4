"""Display names that Meta refused, and the look at a name that something was told of."""

from typing import Final

from sqlalchemy.orm import Session

from gateway import clock, outbox
from gateway.events import service as events
from gateway.provisioning.models import Line

FOLLOW: Final = "onboarding.name"
"""The job that looks how a line's name stands."""

DECLINED: Final = "display_name_declined"
NO_REASON: Final = (
    "Meta declined the name and told us no reason: see the WhatsApp Manager, or choose another"
    " display name."
)


def refuse(
    session: Session,
    row: Line,
    *,
    name: str,
    code: str,
    detail: str,
    provider_code: str | None = None,
) -> None:
    """Meta refused this name of the line's; why stays for as long as the client wants it."""
    refusal = {"display_name": name, "code": code, "detail": detail, "provider_code": provider_code}
    known = row.display_name_refusal
    if known and known["display_name"] == name and provider_code in (None, known["provider_code"]):
        return  # it came again, or the look came after the reason
    row.display_name_refusal = {**refusal, "at": clock.now().isoformat()}
    events.record(session, row.client_id, "line.display_name_refused", line_id=row.id, **refusal)


def look_again(session: Session, client_id: str, line_id: str) -> None:
    """Meta told something of the line's name: how it stands now is asked at once."""
    outbox.put(session, FOLLOW, line_id, client_id=client_id)
