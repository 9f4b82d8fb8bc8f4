"""Lines whose numbers stay in the WhatsApp Business app: what the app shares, and what it keeps.

Such a number is on the Cloud API by the sign-up itself: it is never registered or deregistered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final, get_args

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway import clock, outbox
from gateway.provisioning.app_contract import AppData
from gateway.provisioning.app_limits import LIMITS, MESSAGES_A_SECOND
from gateway.provisioning.health_rules import Concern
from gateway.provisioning.models import Coexistence

ASK: Final = "onboarding.app_data"
WITHIN: Final = timedelta(hours=24)  # after the sign-up; later the app shares nothing

MISSED: Final = (
    "The app was not asked within 24 hours of the sign-up, and shares nothing later: end the link"
    " in the app and sign up again."
)

PARTS: Final[tuple[AppData, ...]] = get_args(AppData)
STATES: Final = ("due", "asked", "arriving", "done", "missed", "not_shared", "refused")
_OVER: Final = ("arriving", "done")


def begin(session: Session, client_id: str, line_id: str) -> None:
    """The client linked its app, perhaps once more: what it shares is asked for while it can be."""
    row = of_line(session, client_id, line_id)
    if row is None:
        row = Coexistence(client_id=client_id, line_id=line_id, contacts=_due(), history=_due())
        session.add(row)
    row.began_at = clock.now()
    for part in PARTS:
        if getattr(row, part)["state"] not in _OVER:
            setattr(row, part, _due())
    outbox.put(session, ASK, line_id, client_id=client_id)


def of_line(
    session: Session, client_id: str, line_id: str, *, lock: bool = False
) -> Coexistence | None:
    return session.get(Coexistence, (client_id, line_id), with_for_update=lock or None)


def of_lines(
    session: Session, client_id: str, line_ids: Sequence[str]
) -> Mapping[str, Coexistence]:
    """The same of each line that has one."""
    query = select(Coexistence).where(
        Coexistence.client_id == client_id, Coexistence.line_id.in_(line_ids)
    )
    return {row.line_id: row for row in session.scalars(query)}


def left(session: Session, client_id: str, line_id: str, departures: list[datetime]) -> None:
    """Remember when the last messages left. Only who holds the line's lease does."""
    row = of_line(session, client_id, line_id)
    if row is not None:
        row.departures = departures


def end(session: Session, client_id: str, line_id: str) -> None:
    """The number is the line's no more; what the app shared beside conversations is forgotten."""
    row = of_line(session, client_id, line_id)
    if row is not None:
        session.delete(row)


def note(session: Session, client_id: str, line_id: str, part: AppData, **values: Any) -> None:
    """How far it is. What has come already is not asked for any more."""
    row = of_line(session, client_id, line_id, lock=True)
    if row is None:
        return
    held: Mapping[str, Any] = getattr(row, part)
    if held["state"] in _OVER and values.get("state") not in (*_OVER, None):
        return
    setattr(row, part, {**held, **values})


def seen_so(concern: Concern) -> Concern:
    """The same, of a number in the app: nobody but its owner can put it back."""
    if concern.code != "number_not_connected":
        return concern
    return Concern(
        code="app_link_lost",
        detail="The number's link with the WhatsApp Business app has ended.",
        do="Have the client open the app and link it again; else sign up once more at the line's"
        " `signup_url`.",
        who="client",
        stops=True,
    )


def shown(row: Coexistence | None) -> dict[str, Any] | None:
    """As the API shows it; None where the number is not in the app."""
    if row is None:
        return None
    return {
        "since": row.began_at,
        "messages_a_second": MESSAGES_A_SECOND,
        **{part: {"problem": None, "progress": None, **getattr(row, part)} for part in PARTS},
        "limits": [asdict(limit) for limit in LIMITS],
    }


def is_late(began_at: datetime) -> bool:
    return clock.now() >= began_at + WITHIN


def _due() -> dict[str, Any]:
    return {"state": "due"}
