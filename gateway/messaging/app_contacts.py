"""The address book of the client's WhatsApp Business app: names for people who have a conversation.

Nobody becomes a candidate by standing in it.
"""

from collections.abc import Iterable

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.events import service as events
from gateway.inbound import InboundChange
from gateway.messaging import people
from gateway.messaging.app_contract import AppContact
from gateway.messaging.models import AppContactRow
from gateway.names import tidy
from gateway.provisioning import coexistence


def take(
    session: Session, client_id: str, row: InboundChange, contacts: Iterable[AppContact]
) -> None:
    """Keep the names as they are now; who is known by a number alone gets one."""
    line_id = row.line_id
    if line_id is None or coexistence.of_line(session, client_id, line_id) is None:
        return
    for contact in contacts:
        name = tidy(contact.name or "")
        if not name:
            session.execute(
                delete(AppContactRow).where(
                    AppContactRow.client_id == client_id,
                    AppContactRow.line_id == line_id,
                    AppContactRow.phone == contact.phone,
                )
            )
            continue
        values = {"client_id": client_id, "line_id": line_id, "phone": contact.phone, "name": name}
        session.execute(
            insert(AppContactRow)
            .values(values)
            .on_conflict_do_update(
                index_elements=["client_id", "line_id", "phone"], set_={"name": name}
            )
        )
        _call(session, client_id, row.portfolio_id or "", contact.phone, name)
    coexistence.note(session, client_id, line_id, "contacts", state="done", problem=None)


def name_of(session: Session, client_id: str, line_id: str, phone: str | None) -> str:
    """How the client calls this number in the app; else the number itself."""
    query = select(AppContactRow.name).where(
        AppContactRow.client_id == client_id,
        AppContactRow.line_id == line_id,
        AppContactRow.phone == phone,
    )
    return session.scalars(query).first() or phone or "Unknown"


def _call(session: Session, client_id: str, portfolio_id: str, phone: str, name: str) -> None:
    known = people.find(session, client_id, portfolio_id, {"phone": phone})
    if known is not None and known.name == phone:
        known.name = name
        events.record(session, client_id, "candidate.changed", candidate_id=known.id)
