"""Record what happened, in its own transaction, and tell the plugins afterwards."""

import json
from itertools import takewhile
from typing import Any

from flask import current_app
from sqlalchemy import delete, insert, select, text
from sqlalchemy.orm import Session

from gateway import clock, outbox
from gateway.database import tenant
from gateway.events.contract import HOOK_OF, Event
from gateway.events.models import EventListener, EventRow
from gateway.ids import new_id
from gateway.outbox import Again, Lease
from gateway.plugin_host import PluginHost

CHANNEL = "gateway_events"
BATCH = 500


def record(session: Session, client_id: str, type_: str, **data: Any) -> None:
    """Something happened to this client. Plugins that listen are told after the commit."""
    event_id = new_id("evt")
    session.execute(
        insert(EventRow).values(
            client_id=client_id, id=event_id, type=type_, occurred_at=clock.now(), data=data
        )
    )
    notice = json.dumps({"client_id": client_id, "type": type_, **_ids(data)})
    session.execute(
        text("SELECT pg_notify(:channel, :notice)"), {"channel": CHANNEL, "notice": notice}
    )
    hook = HOOK_OF.get(type_)
    if hook is None:
        return
    for plugin in _host().listeners(hook):
        session.execute(
            insert(EventListener).values(
                client_id=client_id, event_id=event_id, plugin=plugin, hook=hook
            )
        )
        outbox.put(session, topic_of(plugin), client_id, client_id=client_id)


def topic_of(plugin: str) -> str:
    return f"events.tell.{plugin}"


def tell(lease: Lease) -> Again | None:
    """Tell one plugin what happened to one client, oldest first; perhaps twice, never less."""
    plugin = lease.topic.removeprefix("events.tell.")
    client_id = lease.key
    with tenant(client_id) as session:
        rows = session.execute(
            select(EventRow, EventListener.hook)
            .join(
                EventListener,
                (EventListener.client_id == EventRow.client_id)
                & (EventListener.event_id == EventRow.id),
            )
            .where(EventListener.client_id == client_id, EventListener.plugin == plugin)
            .order_by(EventListener.event_id)
            .limit(BATCH)
        ).all()
    if not rows:
        return None
    hook = rows[0].hook
    batch = [row.EventRow for row in takewhile(lambda row: row.hook == hook, rows)]
    _host().tell(plugin, hook, client_id, [_event(row) for row in batch])
    with tenant(client_id) as session:
        outbox.guard(session, lease)
        session.execute(
            delete(EventListener).where(
                EventListener.client_id == client_id,
                EventListener.plugin == plugin,
                EventListener.event_id.in_([row.id for row in batch]),
            )
        )
    return Again(after=0)


def _event(row: EventRow) -> Event:
    return Event(
        event_id=row.id,
        type=row.type,
        client_id=row.client_id,
        occurred_at=row.occurred_at,
        data=row.data,
    )


def _ids(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name.endswith("_id")}


def _host() -> PluginHost:
    host: PluginHost = current_app.extensions["plugin_host"]
    return host
