"""Three database roles: the owner migrates, the application works fenced in, the router alone reads
raw inbound bodies. Neither of the latter two owns anything or can step around row security."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import psycopg
from psycopg import sql
from sqlalchemy import Connection, inspect, text
from sqlalchemy.engine import make_url

# What the application may do with a table, where it is not everything.
_APPLICATION: Final = {
    "inbound_raw": "INSERT",
    "audit_entries": "SELECT, INSERT",
    "operator_acts": "SELECT, INSERT",
}
_ROUTER: Final = {
    "inbound_raw": "SELECT, UPDATE, DELETE",
    "inbound_changes": "SELECT, INSERT, DELETE",
    "numbers": "SELECT",
    "outbox": "SELECT, INSERT, UPDATE",
    "heard_codes": "INSERT",
    "portfolio_limits": "SELECT, INSERT, UPDATE",
    "waba_restrictions": "SELECT, INSERT, UPDATE",
    "waba_bans": "SELECT, INSERT, UPDATE",
    "number_limits": "SELECT, INSERT, UPDATE",
}


@dataclass(frozen=True, kw_only=True)
class DatabaseUrls:
    """libpq URLs of the three roles."""

    application: str
    owner: str
    router: str


def may_administer(url: str) -> bool:
    """Whether this URL's role could make the three roles (a superuser, or one with CREATEROLE)."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        return bool(row and row[0])


def establish(admin_url: str, passwords: Mapping[str, str]) -> DatabaseUrls:
    """Make the three roles of this database, or set their passwords anew; their URLs.

    Roles belong to the whole server, so their names begin with the database's.
    """
    with psycopg.connect(admin_url, autocommit=True) as connection:
        database = connection.info.dbname
        names = {part: f"{database}_{part}" for part in ("owner", "application", "router")}
        for part, name in names.items():
            role = sql.Identifier(name)
            exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,))
            verb = sql.SQL("ALTER") if exists.fetchone() else sql.SQL("CREATE")
            connection.execute(
                sql.SQL("{} ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {}").format(
                    verb, role, sql.Literal(passwords[part])
                )
            )
            connection.execute(
                sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(database), role)
            )
        connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        connection.execute(
            sql.SQL("GRANT USAGE, CREATE ON SCHEMA public TO {}").format(
                sql.Identifier(names["owner"])
            )
        )
    base = make_url(admin_url)
    urls = {
        part: base.set(username=name, password=passwords[part]).render_as_string(
            hide_password=False
        )
        for part, name in names.items()
    }
    return DatabaseUrls(**urls)


def grant(connection: Connection, *, application: str, router: str) -> None:
    """Give the two working roles what they need on every table there is, and nothing else."""
    quote = connection.dialect.identifier_preparer.quote
    app_role, router_role = quote(application), quote(router)
    connection.execute(text(f"GRANT USAGE ON SCHEMA public TO {app_role}, {router_role}"))
    for table in inspect(connection).get_table_names():
        name = quote(table)
        connection.execute(text(f"REVOKE ALL ON {name} FROM {app_role}, {router_role}"))
        allowed = (
            "SELECT"
            if table.startswith("alembic_version")
            else _APPLICATION.get(table, "SELECT, INSERT, UPDATE, DELETE")
        )
        connection.execute(text(f"GRANT {allowed} ON {name} TO {app_role}"))
        if table in _ROUTER:
            connection.execute(text(f"GRANT {_ROUTER[table]} ON {name} TO {router_role}"))
