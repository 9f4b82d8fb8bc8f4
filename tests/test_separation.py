"""One client's rows do not exist for another, in any table, whatever SQL the application sends."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
from flask import Flask
from psycopg import Connection, sql
from psycopg.errors import ForeignKeyViolation, InsufficientPrivilege, IntegrityError
from sqlalchemy.exc import DBAPIError

from gateway import migrations
from gateway.database import ScopeError, db, tenant, vendor
from gateway.ids import parse
from gateway.roles import DatabaseUrls
from gateway.row_security import PLATFORM_TABLES, VENDOR_TABLES
from gateway.tenancy import service as tenancy
from gateway.tenancy.models import Client
from tests.harness import Gateway, Servers, copied_database, running

# As PostgreSQL writes the conditions of gateway.row_security.
CLIENT: Final = (
    "(client_id = (NULLIF(current_setting('app.client_id'::text, true), ''::text))::uuid)"
)
VENDOR: Final = CLIENT.replace("client_id", "vendor_id")
PLATFORM: Final = "(current_setting('app.scope'::text, true) = 'platform'::text)"

# Tables of plugins that the platform's scope sees as well, each with its reason.
PLUGIN_PLATFORM_TABLES: Final = {
    "cost_reporting_budgets": "a schedule finds whose month begins, whoever they belong to",
    "cost_reporting_counted": "clients on one portfolio share its volume of messages",
    "cost_reporting_statements": "one run closes a month of all clients; numbers have no gaps",
    "cost_reporting_reported": "an account's answer holds many clients' charges",
    "cost_reporting_rents": "the monthly run finds whose rent is due, whoever it belongs to",
}

_CLOSED: Final = "( SELECT current_setting('app.closing'::text, true) AS current_setting)"
_CLOSING: Final = f"(( SELECT {PLATFORM}) AND ({{}} = {_CLOSED}))"

# What the platform may do with a month of all clients while it closes that month, and why.
PLUGIN_CLOSING: Final = {
    # One query adds up a month of all clients; nothing else reads their entries.
    "cost_reporting_entries": f"closing: {_CLOSING.format('billed_in')} {[None, 'r', '{0}', True]}",
    # It keeps their lines; nobody reads them but their own client.
    "cost_reporting_closed_lines":
        f"closing: None {[_CLOSING.format('month'), 'a', '{0}', True]}",
}  # fmt: skip

_A_CLIENT: Final = "(current_setting('app.client_id'::text, true) <> ''::text)"
_FOR_CLIENTS: Final = f"clients: {_A_CLIENT} {[None, 'r', '{0}', True]}"

# Tables of plugins that hold nobody's rows but the platform's, each with its reason; and those of
# them that are read in a client's scope as well.
PLUGIN_TABLES_OF_NOBODY: Final = {
    "cost_reporting_asked": "accounts of providers are the platform's; ids and times alone",
    "cost_reporting_cards": "a rate card prices every client alike",
    "cost_reporting_card_rows": "a rate card prices every client alike",
    "cost_reporting_numbering": "statements are numbered over all clients",
    "operator_sim_numbers": "SIM cards are the platform's; a line's id says which order has one",
}
PLUGIN_TABLES_CLIENTS_READ: Final = ("cost_reporting_cards", "cost_reporting_card_rows")

# What a vendor reads of all its clients at once.
SEEN_BY_VENDORS: Final = ("clients", "conversation_sequences", "events", "webhook_deliveries")

# What a story leaves empty: rows that live for moments, or come by a way it does not take.
FILL: Final = {
    "cost_reporting_budgets": "INSERT INTO cost_reporting_budgets VALUES"
    " (%(client)s, gen_random_uuid(), NULL, 1, 'USD', false, '2026-11', 0, 0)",
    "cost_reporting_reclassified": "INSERT INTO cost_reporting_reclassified VALUES"
    " (%(client)s, gen_random_uuid(), 'offer', 'fr', now(), NULL, now())",
    "cost_reporting_spikes": "INSERT INTO cost_reporting_spikes"
    " SELECT client_id, id, now(), now() FROM lines WHERE client_id = %(client)s LIMIT 1",
    "cost_reporting_template_messages": "INSERT INTO cost_reporting_template_messages"
    " VALUES (%(client)s, 'message:1', gen_random_uuid())",
    "cost_reporting_counted": "INSERT INTO cost_reporting_counted"
    " VALUES (%(client)s, 'message:1', 'line:1', now(), 0, 0)",
    "cost_reporting_closed_lines": "INSERT INTO cost_reporting_closed_lines"
    " SELECT client_id, month, '[]' FROM cost_reporting_statements"
    " WHERE client_id = %(client)s LIMIT 1",
    "cost_reporting_reported": "WITH asked AS (INSERT INTO cost_reporting_asked VALUES"
    " ('meta', %(client)s, '2026-11', 'messages', now(), NULL, '{}', 0, false))"
    " INSERT INTO cost_reporting_reported (id, client_id, source, account, month, kind, day,"
    " quantity, off_midnight) VALUES (gen_random_uuid(), %(client)s, 'meta', %(client)s,"
    " '2026-11', 'message', now(), 1, false)",
    "heard_codes": "INSERT INTO heard_codes (client_id, id, line_id, code, method, heard_at)"
    " VALUES (%(client)s, gen_random_uuid(), gen_random_uuid(), '123456', 'VOICE', now())",
    "line_health": "INSERT INTO line_health (client_id, line_id, state, problems)"
    " SELECT client_id, id, 'good', '[]' FROM lines WHERE client_id = %(client)s",
    "outbox": "INSERT INTO outbox (id, topic, key, client_id, due_at)"
    " VALUES (gen_random_uuid(), 'some.topic', %(client)s, %(client)s, 'infinity')",
    "media": "INSERT INTO media (client_id, id, kind, declared_type, mime_type, state, created_at)"
    " VALUES (%(client)s, %(client)s, 'image', 'image/png', 'image/png', 'pending', now())",
    "media_uploads": "INSERT INTO media_uploads VALUES (%(client)s, %(client)s, '1', '2', now())",
    "ats_connections": "INSERT INTO ats_connections"
    " SELECT client_id, %(client)s, 'generic', lines.id, recruiters.id, '{}', now()"
    " FROM lines JOIN recruiters USING (client_id) WHERE client_id = %(client)s LIMIT 1",
    "ats_routes": "INSERT INTO ats_routes VALUES (%(client)s, %(client)s)",
    "ats_deliveries": "INSERT INTO ats_deliveries"
    " (client_id, id, connection_id, event_id, state, received_at)"
    " VALUES (%(client)s, %(client)s, %(client)s, 'evt_1', 'pending', now())",
    "groups_looks": "INSERT INTO groups_looks (client_id, line_id, asked_at)"
    " SELECT client_id, id, now() FROM lines WHERE client_id = %(client)s LIMIT 1",
    "event_listeners": "INSERT INTO event_listeners (client_id, event_id, plugin, hook)"
    " SELECT client_id, id, 'some-plugin', 'on_something' FROM events"
    " WHERE client_id = %(client)s LIMIT 1",
    "pool_targets": "INSERT INTO pool_targets"
    " VALUES (%(client)s, 'MA', 1, 20, 'USD', now(), 'pool')",
    "client_wabas": "INSERT INTO client_wabas (waba_id, client_id, connected_at)"
    " VALUES (%(client)s, %(client)s, now())",
    "signups": "INSERT INTO signups (client_id, line_id, changed_at)"
    " SELECT client_id, id, now() FROM lines WHERE client_id = %(client)s LIMIT 1",
    "coexistences": "INSERT INTO coexistences (client_id, line_id, began_at, contacts, history)"
    " SELECT client_id, id, now(), '{}', '{}' FROM lines WHERE client_id = %(client)s LIMIT 1",
    "app_contacts": "INSERT INTO app_contacts SELECT client_id, line_id, '+212661000009', 'Mother'"
    " FROM coexistences WHERE client_id = %(client)s",
    "sign_in_links": "INSERT INTO sign_in_links (digest, client_id, expires_at)"
    " VALUES (uuid_send(%(client)s), %(client)s, now())",
}


@dataclass(frozen=True, kw_only=True)
class Two:
    """Two clients of one vendor with rows in every table."""

    urls: DatabaseUrls
    vendor: uuid.UUID
    a: uuid.UUID
    b: uuid.UUID


@pytest.fixture(scope="module")
def two(
    servers: Servers,
    template: DatabaseUrls,
    worker_name: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Two]:
    clock_file = tmp_path_factory.mktemp("separation") / "clock.json"
    with copied_database(servers, template, f"gateway_separation_{worker_name}") as urls:
        with running(urls, servers.redis_url, clock_file) as gateway:
            a, b = (parse("cli", client) for client in _stories(gateway))
            vendor_id = parse("vnd", gateway.vendor_id)
        for client in (a, b):
            with as_owner(urls, client) as owner:
                for statement in FILL.values():
                    owner.execute(statement, {"client": client})
                owner.commit()
        yield Two(urls=urls, vendor=vendor_id, a=a, b=b)


def _stories(gateway: Gateway) -> tuple[str, str]:
    """The same story for two clients at once, down to the same candidate."""
    gateway.post("/v1/webhook-endpoints", {"url": gateway.sandbox_url})
    clients = gateway.client("Atlas Logistics"), gateway.client("Rif Textile")
    requested = [_request_line(gateway, client) for client in clients]
    for client, line in zip(clients, requested, strict=True):
        _talk(gateway, client, line)
    return clients


def _request_line(gateway: Gateway, client: str) -> str:
    path = f"/v1/clients/{client}"
    upload = gateway.session.post(
        f"{gateway.url}{path}/documents",
        headers={"Authorization": f"Bearer {gateway.api_key}"},
        files={"file": ("rc.pdf", b"%PDF-1.4 the same paper")},
        data={"kind": "rc"},
    )
    assert upload.status_code == 201
    request = {"case": "virtual-number"}
    once = {"Idempotency-Key": f"line of {client}"}
    return str(gateway.post(f"{path}/lines", request, headers=once)["id"])


def _talk(gateway: Gateway, client: str, line_id: str) -> None:
    """An introduction, its answer, and what they cost."""
    path = f"/v1/clients/{client}"
    line = gateway.until(
        lambda: gateway.get(f"{path}/lines/{line_id}"),
        lambda line: line["status"] == "active" and line["display_name_status"] == "APPROVED",
    )
    talk = gateway.talk(client, line_id, gateway.recruiter(client))
    seen = len(gateway.phone())
    gateway.until(lambda: len(gateway.phone()) > seen)
    gateway.writes("+212661000001", line["phone_number"])
    messages = f"{path}/conversations/{talk['id']}/messages"
    gateway.until(
        lambda: gateway.get(messages)["data"],
        lambda found: [message["status"] for message in found] == ["read", "received"],
    )
    gateway.post(f"{path}/candidates/{talk['candidate']['id']}/opt-out", {})
    gateway.work()


@contextmanager
def as_owner(urls: DatabaseUrls, client: uuid.UUID) -> Iterator[Connection[Any]]:
    """The tables' owner, who is fenced in as well, where it sees a client's rows of every table."""
    with psycopg.connect(urls.owner) as connection:
        connection.execute("SELECT set_config('app.scope', 'platform', false)")
        connection.execute("SELECT set_config('app.client_id', %s, false)", (str(client),))
        yield connection


@contextmanager
def as_application(urls: DatabaseUrls, client: uuid.UUID | None) -> Iterator[Connection[Any]]:
    """The application's role in a client's scope, or in none; nothing it did stays."""
    with psycopg.connect(urls.application) as connection:
        enter(connection, client)
        yield connection
        connection.rollback()


def enter(connection: Connection[Any], client: uuid.UUID | None) -> None:
    connection.execute("SELECT set_config('app.client_id', %s, false)", (str(client or ""),))


def tenant_tables(connection: Connection[Any]) -> list[str]:
    rows = connection.execute(
        "SELECT table_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND column_name = 'client_id' ORDER BY 1"
    )
    return [name for (name,) in rows]


def all_tables(connection: Connection[Any]) -> list[str]:
    rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return [name for (name,) in rows]


def may(connection: Connection[Any], table: str, privilege: str) -> bool:
    row = connection.execute("SELECT has_table_privilege(%s, %s)", (table, privilege)).fetchone()
    return bool(row and row[0])


def unfenced(connection: Connection[Any]) -> dict[str, str]:
    """Every table that one client's rows could leak from, and why."""
    found = {}
    for table in tenant_tables(connection):
        if not _is_forced(connection, table):
            found[table] = "row security is not enabled and forced"
        elif (policies := _policies(connection, table)) not in _accepted(table):
            found[table] = f"policies {sorted(policies)}"
    return found


def _is_forced(connection: Connection[Any], table: str) -> bool:
    query = "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = %s::regclass"
    return connection.execute(query, (table,)).fetchone() == (True, True)


def _policies(connection: Connection[Any], table: str) -> set[str]:
    """The conditions of a table's policies; a special one is named in full and sticks out."""
    rows = connection.execute(
        "SELECT polname, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid),"
        " polcmd::text, polroles::text, polpermissive FROM pg_policy WHERE polrelid = %s::regclass",
        (table,),
    )
    usual = (None, "*", "{0}", True)
    return {condition if tuple(rest) == usual else f"{name}: {condition} {rest}"
            for name, condition, *rest in rows}  # fmt: skip


def _accepted(table: str) -> tuple[set[str], ...]:
    if table in SEEN_BY_VENDORS:
        return ({CLIENT, VENDOR},)
    if table in PLATFORM_TABLES:
        return ({PLATFORM}, {PLATFORM, CLIENT})
    if table in PLUGIN_PLATFORM_TABLES:
        return ({PLATFORM, CLIENT},)
    if table in PLUGIN_CLOSING:
        return ({CLIENT, PLUGIN_CLOSING[table]},)
    return ({CLIENT},)


def rows_of(connection: Connection[Any], table: str, client: uuid.UUID) -> list[str]:
    """A client's rows as JSON, as far as this connection sees them."""
    query = sql.SQL("SELECT to_jsonb(t)::text FROM {} t WHERE client_id = %s ORDER BY 1")
    found = connection.execute(query.format(sql.Identifier(table)), (client,))
    return [text for (text,) in found]


def test_every_table_with_a_client_is_fenced(two: Two) -> None:
    with psycopg.connect(two.urls.owner) as owner:
        assert len(tenant_tables(owner)) > 20
        assert unfenced(owner) == {}


@pytest.mark.parametrize(
    "fence",
    [
        "",
        f"ALTER TABLE leaky ENABLE ROW LEVEL SECURITY;CREATE POLICY client ON leaky USING {CLIENT}",
        "ALTER TABLE leaky ENABLE ROW LEVEL SECURITY; ALTER TABLE leaky FORCE ROW LEVEL SECURITY",
        "ALTER TABLE leaky ENABLE ROW LEVEL SECURITY; ALTER TABLE leaky FORCE ROW LEVEL SECURITY;"
        f"CREATE POLICY client ON leaky USING {CLIENT}; CREATE POLICY all_ ON leaky USING (true)",
        "ALTER TABLE leaky ENABLE ROW LEVEL SECURITY; ALTER TABLE leaky FORCE ROW LEVEL SECURITY;"
        f"CREATE POLICY client ON leaky FOR SELECT USING {CLIENT}",
        "ALTER TABLE leaky ENABLE ROW LEVEL SECURITY; ALTER TABLE leaky FORCE ROW LEVEL SECURITY;"
        f"CREATE POLICY client ON leaky USING {CLIENT} WITH CHECK (true)",
    ],
    ids=["no-fence", "not-forced", "no-policy", "one-too-many", "reads-only", "writes-anything"],
)
def test_a_table_made_without_the_whole_fence_is_found(two: Two, fence: str) -> None:
    with psycopg.connect(two.urls.owner) as owner:
        owner.execute("CREATE TABLE leaky (client_id uuid, secret text)")
        owner.execute(fence.encode())

        assert set(unfenced(owner)) == {"leaky"}
        owner.rollback()


def test_every_table_without_a_client_says_why(two: Two) -> None:
    with psycopg.connect(two.urls.owner) as owner:
        shared = set(all_tables(owner)) - set(tenant_tables(owner))

        versions = {table for table in shared if table.startswith("alembic_version")}
        assert shared - versions <= {*PLATFORM_TABLES, *VENDOR_TABLES, *PLUGIN_TABLES_OF_NOBODY}
        for table in shared - versions:
            assert _is_forced(owner, table)
            if table in VENDOR_TABLES:
                assert _policies(owner, table) == {VENDOR}
            elif table in PLUGIN_TABLES_OF_NOBODY:
                read = {_FOR_CLIENTS} if table in PLUGIN_TABLES_CLIENTS_READ else set()
                assert _policies(owner, table) == {PLATFORM, *read}
            else:
                assert PLATFORM in _policies(owner, table)


@pytest.mark.parametrize("table", VENDOR_TABLES)
def test_a_vendors_rows_are_there_for_it_alone(two: Two, table: str) -> None:
    seen = {}
    for scope, value in (("vendor_id", two.vendor), ("vendor_id", uuid.uuid4()),
                         ("client_id", two.a), ("scope", "platform")):  # fmt: skip
        with as_application(two.urls, None) as application:
            application.execute("SELECT set_config(%s, %s, false)", (f"app.{scope}", str(value)))
            query = sql.SQL("SELECT DISTINCT vendor_id FROM {}").format(sql.Identifier(table))
            seen[scope, value] = [owner for (owner,) in application.execute(query)]

    assert seen.pop(("vendor_id", two.vendor)) == [two.vendor]
    assert [*seen.values()] == [[], [], []]


def test_no_table_is_empty_for_either_client(two: Two) -> None:
    """Else the tests below would say nothing about it: extend the story or FILL."""
    for client in (two.a, two.b):
        with as_owner(two.urls, client) as owner:
            empty = [t for t in tenant_tables(owner) if not rows_of(owner, t, client)]
        assert empty == []


def test_a_client_sees_its_own_rows_and_nobody_elses(two: Two) -> None:
    with as_application(two.urls, two.a) as application:
        for table in tenant_tables(application):
            query = sql.SQL("SELECT DISTINCT client_id FROM {}").format(sql.Identifier(table))
            seen = {client for (client,) in application.execute(query)}
            if table == "sign_in_links":  # the platform's alone: nobody is signed in yet
                assert seen == set()
            else:
                assert seen == {two.a}, table


def test_without_a_scope_nothing_is_there(two: Two) -> None:
    with as_application(two.urls, None) as application:
        for table in all_tables(application):
            if may(application, table, "SELECT") and not table.startswith("alembic_version"):
                query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
                assert application.execute(query).fetchone() == (0,), table


def test_who_closes_a_month_sees_its_entries_and_changes_none(two: Two) -> None:
    with as_owner(two.urls, two.a) as owner:
        [(month,)] = owner.execute("SELECT DISTINCT billed_in FROM cost_reporting_entries")
    query = "SELECT DISTINCT client_id FROM cost_reporting_entries"
    with as_application(two.urls, None) as application:
        application.execute("SELECT set_config('app.closing', %s, false)", (month,))
        assert application.execute(query).fetchall() == [], "closing is the platform's"
        application.execute("SELECT set_config('app.scope', 'platform', false)")
        seen = {client for (client,) in application.execute(query)}
        assert {two.a, two.b} <= seen
        for act in ("UPDATE {} SET amount = 0", "DELETE FROM {}"):
            changed = application.execute(act.format("cost_reporting_entries").encode())
            assert changed.rowcount == 0
        lines = "SELECT count(*) FROM cost_reporting_closed_lines"
        assert application.execute(lines).fetchone() == (0,), "they are added, never read"
        for other in ("2020-01", ""):
            application.execute("SELECT set_config('app.closing', %s, false)", (other,))
            assert application.execute(query).fetchall() == []
        copy = _copy(two, "cost_reporting_closed_lines")
        with pytest.raises(InsufficientPrivilege, match="row-level security"):
            application.execute(*copy)


def test_a_vendor_sees_what_is_its_clients_and_another_nothing(two: Two) -> None:
    with psycopg.connect(two.urls.application) as application:
        for table in SEEN_BY_VENDORS:
            for vendor, seen in ((two.vendor, True), (uuid.uuid4(), False)):
                application.execute("SELECT set_config('app.vendor_id', %s, false)", (str(vendor),))
                query = sql.SQL("SELECT count(*) > 0 FROM {}").format(sql.Identifier(table))
                assert application.execute(query).fetchone() == (seen,), table


def test_no_row_of_a_client_is_given_to_another_vendor(two: Two) -> None:
    """The database itself knows whose client it is."""
    with psycopg.connect(two.urls.owner) as owner:
        owner.execute("SELECT set_config('app.scope', 'platform', false)")
        other = uuid.uuid4()
        owner.execute("INSERT INTO vendors VALUES (%s, 'Other', now())", (other,))
        owner.commit()
    for table in ("conversation_sequences", "events", "webhook_deliveries"):
        query = sql.SQL("UPDATE {} SET vendor_id = %s").format(sql.Identifier(table))
        with (
            as_application(two.urls, two.a) as application,
            pytest.raises(ForeignKeyViolation, match="client_id_vendor_id"),
        ):
            application.execute(query, (other,))


@pytest.mark.parametrize("verb", ["UPDATE", "DELETE"])
def test_a_client_changes_no_row_of_another(two: Two, verb: str) -> None:
    act = {"UPDATE": "UPDATE {} SET client_id = client_id", "DELETE": "DELETE FROM {}"}[verb]
    for table in _tables(two):
        with as_owner(two.urls, two.b) as owner:
            before = rows_of(owner, table, two.b)
        with as_application(two.urls, two.a) as application:
            statement = sql.SQL(act).format(sql.Identifier(table))
            if not may(application, table, verb):
                with pytest.raises(InsufficientPrivilege, match="permission denied"):
                    application.execute(statement)
                continue
            aimed = application.execute(statement + sql.SQL(" WHERE client_id = %s"), (two.b,))
            assert aimed.rowcount == 0, table
            try:
                application.execute(statement)  # the filter that was forgotten
            except IntegrityError:
                continue  # its own rows are in use
            enter(application, two.b)
            application.execute("SELECT set_config('app.scope', 'platform', false)")
            assert rows_of(application, table, two.b) == before, table


def test_a_client_writes_no_row_as_another(two: Two) -> None:
    for table in _tables(two):
        copy = _copy(two, table)
        with as_application(two.urls, two.a) as application:
            words = "row-level security" if may(application, table, "INSERT") else "permission"
            with pytest.raises(InsufficientPrivilege, match=words):
                application.execute(*copy)
        if words == "permission" or table == "sign_in_links":
            continue
        # It was the client that was refused, not the row.
        with as_application(two.urls, two.b) as application, suppress(IntegrityError):
            application.execute(*copy)


def test_a_client_gives_no_row_of_its_own_to_another(two: Two) -> None:
    for table in _tables(two):
        with as_application(two.urls, two.a) as application:
            if table == "sign_in_links" or not may(application, table, "UPDATE"):
                continue
            query = sql.SQL("UPDATE {} SET client_id = %s").format(sql.Identifier(table))
            with pytest.raises(InsufficientPrivilege, match="row-level security"):
                application.execute(query, (two.b,))


def _tables(two: Two) -> list[str]:
    with psycopg.connect(two.urls.owner) as owner:
        return tenant_tables(owner)


def _copy(two: Two, table: str) -> tuple[sql.Composed, tuple[str]]:
    """An INSERT of a row of B's under another primary key."""
    with as_owner(two.urls, two.b) as owner:
        row = json.loads(rows_of(owner, table, two.b)[0])
        keys = owner.execute(
            "SELECT attname, atttypid::regtype::text FROM pg_index JOIN pg_attribute"
            " ON attrelid = indrelid AND attnum = ANY (indkey)"
            " WHERE indrelid = %s::regclass AND indisprimary AND attname <> 'client_id'",
            (table,),
        ).fetchall()
    for name, kind in keys:
        if kind == "uuid":
            row[name] = str(uuid.uuid4())
        elif kind == "integer":
            row[name] += 1000
        elif kind == "date":
            row[name] = "2001-01-01"
        elif kind == "bytea":
            row[name] = "\\x00"
        else:
            row[name] += "-copy"
    query = sql.SQL("INSERT INTO {0} SELECT * FROM jsonb_populate_record(NULL::{0}, %s::jsonb)")
    return query.format(sql.Identifier(table)), (json.dumps(row),)


@pytest.mark.parametrize("role", ["owner", "router"])
def test_the_application_cannot_become_another_role(two: Two, role: str) -> None:
    other = psycopg.conninfo.conninfo_to_dict(getattr(two.urls, role))["user"]
    with (
        as_application(two.urls, two.a) as application,
        pytest.raises(InsufficientPrivilege, match="permission denied to set role"),
    ):
        application.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(str(other))))


def test_the_working_roles_own_nothing_and_cannot_step_around_the_fences(two: Two) -> None:
    for url in (two.urls.application, two.urls.router):
        with psycopg.connect(url) as connection:
            role = connection.execute(
                "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb,"
                " (SELECT count(*) FROM pg_auth_members WHERE member = pg_roles.oid),"
                " (SELECT count(*) FROM pg_class WHERE relowner = pg_roles.oid),"
                " (SELECT count(*) FROM pg_proc WHERE proowner = pg_roles.oid)"
                " FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
            assert role == (False, False, False, False, 0, 0, 0)


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE messages DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE messages NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY client ON messages",
        "CREATE POLICY everything ON messages USING (true)",
        "CREATE TABLE mine (id int)",
        "SELECT body FROM inbound_raw",
        "UPDATE inbound_raw SET body = ''",
        "UPDATE audit_entries SET actor = 'nobody'",
        "DELETE FROM audit_entries",
        "TRUNCATE messages",
    ],
)
def test_the_application_may_not(two: Two, statement: str) -> None:
    with as_application(two.urls, two.a) as application, pytest.raises(InsufficientPrivilege):
        application.execute(statement.encode())


def test_a_scope_does_not_open_inside_another_clients(app: Flask, client_id: str) -> None:
    with app.app_context():
        values = {"name": "Rif Textile", "country": "MA"}
        other = tenancy.create_client(tenancy.create_vendor("Other vendor"), values).client_id

        with tenant(client_id), tenant(client_id) as session:
            assert session.get(Client, other) is None
            with pytest.raises(ScopeError), tenant(other):
                pass
        with tenant(other) as session:
            assert session.get(Client, other) is not None


def test_a_vendor_sees_its_own_clients(app: Flask, client_id: str) -> None:
    with app.app_context():
        vendor_id = tenancy.create_vendor("Other vendor")

        assert tenancy.clients(vendor_id) == []
        with vendor(vendor_id) as session:
            assert session.get(Client, client_id) is None


def test_a_scope_ends_with_its_transaction(app: Flask, client_id: str) -> None:
    """The pool hands the same connection to whoever comes next."""
    count = sql.SQL("SELECT count(*) FROM clients").as_string()
    with app.app_context():
        with tenant(client_id) as session:
            assert session.connection().exec_driver_sql(count).scalar() == 1
        with db.engines[None].connect() as connection:
            assert connection.exec_driver_sql(count).scalar() == 0


def test_a_migration_that_forgot_the_fences_fails_aloud(
    app: Flask, client_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "0001_forgetful.py").write_text(
        "from alembic import op\n"
        "revision, down_revision = 'f1', None\n"
        "def upgrade():\n    op.execute(\"UPDATE clients SET name = 'Nobody'\")\n"
    )
    host = app.extensions["plugin_host"]
    monkeypatch.setattr(host, "migrations", lambda: [("forgetful", tmp_path)])
    with app.app_context():
        with pytest.raises(DBAPIError, match="would be affected by row-level security"):
            migrations.upgrade()

        with tenant(client_id) as session:
            assert session.get_one(Client, client_id).name == "Atlas Logistics"
