"""Record what happened, in its own transaction; plugins and vendors are told afterwards."""

import json
from itertools import takewhile
from typing import Any, Final

from flask import current_app
from sqlalchemy import bindparam, column, delete, insert, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from gateway import clock, outbox
from gateway.database import tenant
from gateway.events.catalogue import TYPES
from gateway.events.contract import HOOK_OF, Event
from gateway.events.models import EventListener, EventRow
from gateway.ids import TypeId, new_id, new_uuid
from gateway.outbox import Again, Lease
from gateway.plugin_host import PluginHost

CHANNEL = "gateway_events"
BATCH = 500
PUBLISH: Final = "events.publish"

# A noun above this one keeps the clients; only the owner of each is read here.
_RECORD: Final = (
    text(
        "INSERT INTO events (client_id, id, vendor_id, type, occurred_at, data)"
        " SELECT client_id, :id, vendor_id, :type, :occurred_at, :data FROM clients"
        " WHERE client_id = :client_id RETURNING vendor_id, pg_notify(:channel, :notice)"
    )
    .bindparams(
        bindparam("client_id", type_=TypeId("cli")),
        bindparam("id", type_=TypeId("evt")),
        bindparam("data", type_=JSONB),
    )
    .columns(column("vendor_id", TypeId("vnd")))
)


def record(session: Session, client_id: str, type_: str, **data: Any) -> None:
    """Something happened to this client: its vendor and the plugins are told after the commit.

    `type_` and the names in `data` are those of the catalogue.
    """
    if type_ not in TYPES:
        raise LookupError(f"no event type is called {type_!r}: describe it in the catalogue first")
    event_id = new_id("evt")
    notice = json.dumps({"client_id": client_id, "type": type_, **_ids(data)})
    vendor_id = session.execute(
        _RECORD,
        {
            "client_id": client_id,
            "id": event_id,
            "type": type_,
            "occurred_at": clock.now(),
            "data": data,
            "channel": CHANNEL,
            "notice": notice,
        },
    ).scalar_one()
    _promise_to_publish(session, vendor_id, client_id)
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


def _promise_to_publish(session: Session, vendor_id: str, client_id: str) -> None:
    """A promise of a key that no other transaction has: nobody waits for anybody's commit."""
    key = session.info.setdefault("publication", str(new_uuid()))
    outbox.put(session, PUBLISH, f"{vendor_id}/{key}", client_id=client_id)


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
