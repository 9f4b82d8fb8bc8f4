"""Sessions and scopes. A scope says whose rows a transaction may see; the database enforces it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, MetaData, event, text
from sqlalchemy.orm import DeclarativeBase, Session

from gateway.ids import parse


class Base(DeclarativeBase):
    """The base of every table, the plugins' included."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


# A Flask extension: it holds no state of its own, engines live with the app.
db = SQLAlchemy(metadata=Base.metadata)

_DECLARE = text(
    "SELECT set_config('app.scope', :scope, true), set_config('app.vendor_id', :vendor_id, true),"
    " set_config('app.client_id', :client_id, true)"
)
_tenant: ContextVar[str | None] = ContextVar("tenant", default=None)


class ScopeError(RuntimeError):
    """A scope was opened inside another client's."""


@contextmanager
def tenant(client_id: str) -> Iterator[Session]:
    """A transaction that sees one client's rows; committed at the end, rolled back on an error."""
    outer = _tenant.get()
    if outer not in (None, client_id):
        raise ScopeError(f"the scope of {client_id} was opened inside that of {outer}")
    token = _tenant.set(client_id)
    try:
        with _session(None, client_id=str(parse("cli", client_id))) as session:
            yield session
    finally:
        _tenant.reset(token)


@contextmanager
def vendor(vendor_id: str) -> Iterator[Session]:
    """A transaction that sees one vendor's own rows: its clients, keys and endpoints."""
    with _session(None, vendor_id=str(parse("vnd", vendor_id))) as session:
        yield session


@contextmanager
def platform() -> Iterator[Session]:
    """A transaction that sees the platform tables alone: ids, routes, queues; nobody's texts."""
    with _session(None, scope="platform") as session:
        yield session


@contextmanager
def router() -> Iterator[Session]:
    """The one transaction that may read raw inbound bodies, as a database role of its own."""
    with _session("router", scope="platform") as session:
        yield session


def enter_tenant(session: Session, client_id: str) -> None:
    """Let a router transaction write one client's rows; the client before it is left."""
    values = _values(scope="platform", client_id=str(parse("cli", client_id)))
    session.execute(_DECLARE, values)


def after_commit(session: Session, run: Callable[[], None]) -> None:
    """Run this once the session's transaction is committed; never if it is not."""
    session.info.setdefault("after_commit", []).append(run)


def disconnect() -> None:
    """Close every connection that the app keeps open."""
    for engine in db.engines.values():
        engine.dispose()


@contextmanager
def _session(bind: str | None, **scope: str) -> Iterator[Session]:
    values = _values(**scope)
    session = Session(db.engines[bind], expire_on_commit=False)

    def declare(_session: Session, _transaction: Any, connection: Connection) -> None:
        connection.execute(_DECLARE, values)

    event.listen(session, "after_begin", declare)
    with session:
        yield session
        session.commit()
    for run in session.info.pop("after_commit", ()):
        run()


def _values(scope: str = "", vendor_id: str = "", client_id: str = "") -> Mapping[str, str]:
    return {"scope": scope, "vendor_id": vendor_id, "client_id": client_id}
