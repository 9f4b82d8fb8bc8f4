"""Migrations of the core, or with `-x plugin=NAME` of a plugin; each has its version table."""

from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import text

from gateway.database import Base, db
from gateway.plugin_host import PluginHost

host: PluginHost = current_app.extensions["plugin_host"]
plugin = context.get_x_argument(as_dictionary=True).get("plugin")
prefixes = tuple(f"{name.replace('-', '_')}_" for name, _ in host.migrations())


def is_ours(thing: Any, name: str | None, kind: str, reflected: bool, other: Any) -> bool:
    table = name if kind == "table" else thing.table.name
    if plugin:
        return str(table).startswith(f"{plugin.replace('-', '_')}_")
    return not str(table).startswith(prefixes or ("\0",))


with db.engines["owner"].connect() as connection:
    # A data migration that forgot the fences must fail aloud instead of touching nothing.
    connection.execute(text("SET row_security = off"))
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_object=is_ours,
        version_table=f"alembic_version_{plugin.replace('-', '_')}"
        if plugin
        else "alembic_version",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
