"""A gateway that has been at work is brought up to date: what was closed stays as it was."""

import os
from collections.abc import Iterator
from datetime import date
from typing import Final

import flask_migrate
import psycopg
import pytest
from flask import Flask

from gateway import migrations, roles
from gateway.app import create_app
from gateway.ids import new_id, parse
from gateway.plugin_api import built
from gateway.roles import DatabaseUrls
from gateway.schema_version import FOLDER
from plugins.cost_reporting.pricing import CostReporting
from tests.harness import Servers, create_database, dispose, drop_database, settings_for

CLIENT: Final = new_id("cli")
CLOSED: Final = (
    "INSERT INTO vendors VALUES (%(client)s, 'Some vendor', now())",
    "INSERT INTO clients (client_id, vendor_id, name, country, default_language, created_at,"
    " hold_introductions_until_named)"
    " VALUES (%(client)s, %(client)s, 'Some company', 'MA', 'fr', now(), true)",
    "INSERT INTO cost_reporting_statements VALUES (%(client)s, '2026-08', 1, now(), '[]')",
    "INSERT INTO cost_reporting_statement_lines (client_id, month, position, of_month, kind,"
    " line_id, recruiter_id, application, category, paid_to, quantity, free, amount, currency)"
    " VALUES (%(client)s, '2026-08', 1, '2026-08', 'message', %(line)s, %(recruiter)s,"
    " 'JOB 7 \"é\"', 'marketing', 'platform', 3, 0, 0.12420, 'USD'),"
    " (%(client)s, '2026-08', 2, '2026-07', 'number_month', %(line)s, NULL, NULL, NULL, 'platform',"
    " 1, 0, NULL, NULL)",
)


@pytest.fixture
def urls(servers: Servers) -> Iterator[DatabaseUrls]:
    """Of a database without a table."""
    name = f"gateway_upgrading_{os.getpid()}"
    passwords = dict.fromkeys(("owner", "application", "router"), "test")
    yield roles.establish(create_database(servers, name), passwords)
    drop_database(servers, name)


@pytest.fixture
def app(servers: Servers, urls: DatabaseUrls) -> Iterator[Flask]:
    app = create_app(settings_for(urls, servers.redis_url))
    with app.app_context():
        yield app
    dispose(app)


def test_what_was_closed_has_its_lines_still(app: Flask, urls: DatabaseUrls) -> None:
    line_id, recruiter_id = new_id("line"), new_id("rec")
    migrations.install(app)
    flask_migrate.upgrade(directory=str(FOLDER))
    flask_migrate.upgrade(directory=str(FOLDER), revision="0010", x_arg=["plugin=cost-reporting"])
    values = {
        "client": parse("cli", CLIENT),
        "line": parse("line", line_id),
        "recruiter": parse("rec", recruiter_id),
    }
    with psycopg.connect(urls.owner) as owner:
        for name, value in (("scope", "platform"), ("client_id", str(values["client"]))):
            owner.execute("SELECT set_config(%s, %s, true)", (f"app.{name}", value))
        for query in CLOSED:
            owner.execute(query, values)

    migrations.upgrade()

    statement = built(CostReporting).statement(CLIENT, date(2026, 8, 1))
    older, one = statement["lines"]
    assert (older["month"], older["kind"], older["exact"]) == ("2026-07", "number_month", None)
    assert one["exact"] == {"amount": "0.12420", "currency": "USD"}
    assert (one["line_id"], one["recruiter_id"]) == (line_id, recruiter_id)
    assert (one["application"], one["quantity"]) == ('JOB 7 "é"', 3)
    assert statement["number"] == 1
