"""Sessions and scopes. A scope says whose rows a transaction may see; the database enforces it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from functools import partial
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, MetaData, event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session, SessionTransaction

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
# Parameters are hidden: else an error says, and a log keeps, what people wrote.
db = SQLAlchemy(metadata=Base.metadata, engine_options={"hide_parameters": True})

_DECLARE = text(
    "SELECT set_config('app.scope', :scope, true), set_config('app.vendor_id', :vendor_id, true),"
    " set_config('app.client_id', :client_id, true)"
)
_LOCK = text(
    "SELECT pg_advisory_xact_lock(hashtextextended(name, 0))"
    " FROM unnest(cast(:names AS text[])) AS name"
)
_TIMEOUT = text("SELECT set_config('lock_timeout', :milliseconds, true)")
_NO_TIMEOUT = text("SET LOCAL lock_timeout TO DEFAULT")
_tenant: ContextVar[str | None] = ContextVar("tenant", default=None)


class ScopeError(RuntimeError):
    """A scope was opened inside another client's."""


@contextmanager
def tenant(client_id: str, *, within: Session | None = None) -> Iterator[Session]:
    """A transaction that sees one client's rows; committed at the end, rolled back on an error.

    `within` a transaction of its vendor, that one enters the client's scope, and ends by itself.
    """
    outer = _tenant.get()
    if outer not in (None, client_id):
        raise ScopeError(f"the scope of {client_id} was opened inside that of {outer}")
    token = _tenant.set(client_id)
    try:
        if within is not None:
            enter_tenant(within, client_id)
            yield within
        else:
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
def working_for(vendor_id: str, *, within: Session | None = None) -> Iterator[Session]:
    """A transaction of the platform that also sees one vendor's rows, to promise and to seal.

    `within` a transaction of that vendor, that one is the platform's as well until the end.
    """
    values = {"scope": "platform", "vendor_id": str(parse("vnd", vendor_id))}
    if within is None:
        with _session(None, **values) as session:
            yield session
    else:
        _enter(within, **values)
        yield within
        _enter(within, **{**values, "scope": ""})


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
    """From here on the transaction sees this client's rows; the one it was in before is left."""
    _enter(session, client_id=str(parse("cli", client_id)))


def enter_vendor(session: Session, vendor_id: str) -> None:
    """From here on the transaction sees this vendor's rows; the one it was in before is left."""
    _enter(session, vendor_id=str(parse("vnd", vendor_id)))


@contextmanager
def visiting(session: Session, client_id: str | None) -> Iterator[None]:
    """For a while the transaction sees another's rows: this client's; the platform's for None."""
    before = dict(session.info["scope"])
    if client_id is None:
        _enter(session, scope="platform")
    else:
        _enter(session, scope="", client_id=str(parse("cli", client_id)))
    yield
    _enter(session, **before)


def after_commit(session: Session, run: Callable[..., None], *args: Any) -> None:
    """Run this when the session's transaction is committed, never if it is not.

    Asked for again with the same arguments, it runs once.
    """
    session.info.setdefault("after_commit", {})[run, args] = partial(run, *args)


def lock(session: Session, *names: str) -> None:
    """Be the only one who holds these names, one after the other, until the transaction ends.

    Who takes several, takes them sorted: then no two wait for each other.
    """
    session.execute(_LOCK, {"names": list(names)})


def lock_soon(session: Session, name: str, patience: timedelta) -> bool:
    """Hold this name, if whoever has it lets it go so soon; if not, the transaction is broken."""
    milliseconds = str(patience // timedelta(milliseconds=1))
    session.execute(_TIMEOUT, {"milliseconds": milliseconds})
    try:
        lock(session, name)
    except OperationalError as error:
        if not isinstance(error.orig, LockNotAvailable):
            raise
        return False
    session.execute(_NO_TIMEOUT)
    return True


@contextmanager
def held(session: Session) -> Iterator[None]:
    """Rows that are read or added inside stay known to the session, and are not read again."""
    rows: list[Any] = []

    def hold(_session: Session, row: Any) -> None:
        rows.append(row)

    moments = ("loaded_as_persistent", "pending_to_persistent")
    for moment in moments:
        event.listen(session, moment, hold)
    try:
        yield
    finally:
        for moment in moments:
            event.remove(session, moment, hold)


@contextmanager
def taken_back(session: Session) -> Iterator[None]:
    """What the transaction does inside is taken back at the end, and nothing of it runs later."""
    promised = dict(session.info.get("after_commit", {}))
    savepoint = session.begin_nested()
    try:
        yield
    finally:
        savepoint.rollback()
        session.info["after_commit"] = promised


def disconnect() -> None:
    """Close every connection that the app keeps open."""
    for engine in db.engines.values():
        engine.dispose()


@contextmanager
def _session(bind: str | None, **scope: str) -> Iterator[Session]:
    session = Session(db.engines[bind], expire_on_commit=False)
    session.info["scope"] = {"scope": "", "vendor_id": "", "client_id": "", **scope}
    event.listen(session, "after_begin", _declare)
    with session:
        yield session
        session.commit()
    for run in session.info.pop("after_commit", {}).values():
        run()


def _declare(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    if not transaction.nested:  # a savepoint is in the scope of its transaction
        connection.execute(_DECLARE, session.info["scope"])


def _enter(session: Session, **scope: str) -> None:
    session.flush()  # what is pending belongs to the scope that is left
    session.info["scope"] |= {"vendor_id": "", "client_id": "", **scope}
    session.execute(_DECLARE, session.info["scope"])
