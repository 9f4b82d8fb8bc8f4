"""What stands out in a client's costs: shown as the ledger is now, told once each."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.plugin_api import Event, now, platform, record_event, tenant
from plugins.cost_reporting import reclassified, spikes
from plugins.cost_reporting.anomaly import Anomaly, shown
from plugins.cost_reporting.anomaly_models import Spike, TemplateMessage
from plugins.cost_reporting.keeping import Ledger
from plugins.cost_reporting.models import Rent
from plugins.cost_reporting.periods import last_day
from plugins.cost_reporting.rules import month_of

_TOLD_OF: Final = timedelta(days=31)  # what comes later still is shown, and is no news any more


def of_month(ledger: Ledger, client_id: str, month: date) -> Sequence[Mapping[str, Any]]:
    """All of a month, by the entries that hold now."""
    first, last = month.replace(day=1), last_day(month_of(month))
    with tenant(client_id) as session:
        card = ledger.card_in(session)
        found = [
            *reclassified.found(session, ledger, client_id, month),
            *spikes.found(session, card, client_id, first, last),
        ]
    return [shown(card, last, one) for one in found]


def hear(ledger: Ledger, client_id: str, events: Iterable[Event]) -> None:
    """What became of templates; one that became dearer is told of."""
    with tenant(client_id) as session:
        for event in events:
            row = reclassified.hear(session, client_id, event)
            if row is None:
                continue
            session.flush()
            month = ledger.day(now())
            here = reclassified.found(session, ledger, client_id, month)
            for one in here:
                if one.template and one.template["id"] == row.template_id:
                    _tell(session, ledger, client_id, one)


def note(client_id: str, events: Iterable[Event]) -> None:
    """Remember of which template each message is that is charged as marketing."""
    rows = reclassified.template_messages(client_id, events)
    if rows:
        with tenant(client_id) as session:
            session.execute(insert(TemplateMessage).on_conflict_do_nothing(), rows)


def look(ledger: Ledger, client_id: str) -> None:
    """Tell of the spikes of late that were not told of."""
    last = ledger.day(now())
    with tenant(client_id) as session:
        card = ledger.card_in(session)
        for one in spikes.found(session, card, client_id, last - _TOLD_OF, last):
            told = insert(Spike).values(
                client_id=client_id, line_id=one.line_id, day=one.day, told_at=now()
            )
            if session.execute(told.on_conflict_do_nothing().returning(Spike.day)).first():
                _tell(session, ledger, client_id, one)


def look_at_all(ledger: Ledger) -> None:
    """What the schedule runs."""
    with platform() as session:
        clients = session.scalars(select(Rent.client_id).distinct()).all()
    for client_id in clients:
        look(ledger, client_id)


def _tell(session: Session, ledger: Ledger, client_id: str, one: Anomaly) -> None:
    facts = shown(ledger.card_in(session), ledger.day(now()), one)
    record_event(session, client_id, "anomaly.found", **facts)
