"""A plugin that was off is told what happened meanwhile, once it is on again.

While it is on, a note of it is renewed. Where the note is old, it was off (or nothing ran at all),
and is told of all since a little before, some of it perhaps again. One that is on for the first
time is told of what it registered a wish to know from the beginning.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from flask import current_app
from sqlalchemy import Text, column, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from gateway import clock, outbox
from gateway.columns import Moment
from gateway.database import Base, platform, tenant, working_for
from gateway.events import service
from gateway.events.contract import HOOK_OF
from gateway.events.models import EventRow
from gateway.ids import TypeId
from gateway.outbox import Again, Lease
from gateway.plugin_host import PluginHost
from gateway.schedules import Schedule

_VENDORS: Final = text("SELECT id FROM vendors").columns(column("id", TypeId("vnd")))
_TELL: Final = text(
    "INSERT INTO event_listeners (client_id, event_id, plugin, hook)"
    " SELECT client_id, id, :plugin, :hook FROM events"
    " WHERE occurred_at >= :since AND type = :type ON CONFLICT DO NOTHING"
)
CATCH_UP: Final = "events.catch_up"
_BEGINNING: Final = datetime.fromtimestamp(0, UTC)
_OLD: Final = timedelta(minutes=5)
# Another process may have run without the plugin a little longer, or committed late.
_BEFORE: Final = timedelta(minutes=15)


class Presence(Base):
    """When a plugin was last seen to be on. Whoever has no row never was."""

    __tablename__ = "plugin_presences"

    plugin: Mapped[str] = mapped_column(Text, primary_key=True)
    seen_at: Mapped[Moment]


def look() -> None:
    """Renew the notes of the plugins that are on; promise to tell those that were off."""
    host: PluginHost = current_app.extensions["plugin_host"]
    hooks = set(HOOK_OF.values())
    for info in host.plugins:
        if hooks.intersection(info.hooks):
            with platform() as session:
                _renew(session, info.name)


SCHEDULE: Final = Schedule(name="plugin-presences", every=timedelta(minutes=1), run=look)


def catch_up(lease: Lease) -> Again | None:
    """Have one plugin told of all that happened to one vendor's clients since then."""
    plugin, vendor_id, since = lease.key.split("|")
    host: PluginHost = current_app.extensions["plugin_host"]
    moment = datetime.fromisoformat(since)
    heard = [type_ for type_, hook in HOOK_OF.items() if plugin in host.listeners(hook)]
    types = host.histories.get(plugin, ()) if moment == _BEGINNING else heard
    with working_for(vendor_id) as session:
        happened = select(EventRow.client_id).where(
            EventRow.vendor_id == vendor_id,
            EventRow.occurred_at >= moment,
            EventRow.type.in_(types),
        )
        clients = session.scalars(happened.distinct()).all()
    for client_id in clients:
        with tenant(client_id) as session:
            for type_ in types:
                told = {"plugin": plugin, "hook": HOOK_OF[type_], "type": type_, "since": moment}
                session.execute(_TELL, told)
            outbox.put(session, service.topic_of(plugin), client_id, client_id=client_id)
    return None


def _renew(session: Session, plugin: str) -> None:
    host: PluginHost = current_app.extensions["plugin_host"]
    now = clock.now()
    row = session.get(Presence, plugin, with_for_update=True)
    if row is None:
        session.add(Presence(plugin=plugin, seen_at=now))
        if plugin in host.histories:
            _promise(session, plugin, _BEGINNING)
        return
    if now - row.seen_at > _OLD:
        _promise(session, plugin, row.seen_at - _BEFORE)
    row.seen_at = now


def _promise(session: Session, plugin: str, since: datetime) -> None:
    """To tell the plugin of all since then, vendor by vendor."""
    for vendor_id in session.scalars(_VENDORS):
        outbox.put(session, CATCH_UP, f"{plugin}|{vendor_id}|{since.isoformat()}")
