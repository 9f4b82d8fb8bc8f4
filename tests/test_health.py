"""Is it up, and can it work? What is missing is said."""

from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask

from gateway import queues
from gateway.app import create_app
from gateway.roles import DatabaseUrls
from tests.harness import dispose, settings_for


def ready(app: Flask) -> tuple[int, dict[str, str]]:
    answer = app.test_client().get("/readyz")
    assert answer.json is not None
    assert answer.json["ready"] is (answer.status_code == 200)
    return answer.status_code, answer.json["checks"]


@pytest.fixture
def without_database(database: DatabaseUrls, redis_url: str) -> Iterator[Flask]:
    nowhere = DatabaseUrls(
        application=f"{database.application}_gone",
        owner=f"{database.owner}_gone",
        router=f"{database.router}_gone",
    )
    app = create_app(settings_for(nowhere, redis_url))
    yield app
    dispose(app)


def test_a_migrated_gateway_is_ready(app: Flask) -> None:
    assert app.test_client().get("/healthz").json == {"status": "ok"}
    assert ready(app) == (200, {"database": "ok", "redis": "ok"})


def test_redis_away_is_said_and_no_reason_to_fail(app: Flask) -> None:
    here, app.extensions["redis"] = app.extensions["redis"], queues.client("redis://127.0.0.1:1/0")
    try:
        assert ready(app) == (200, {"database": "ok", "redis": "ConnectionError"})
    finally:
        app.extensions["redis"].close()
        app.extensions["redis"] = here


def test_without_its_database_it_lives_and_is_not_ready(without_database: Flask) -> None:
    assert without_database.test_client().get("/healthz").status_code == 200
    status, checks = ready(without_database)
    assert (status, checks["database"]) == (503, "OperationalError")
    assert "_gone" not in str(checks), "no address or name of a role is told to strangers"


def test_a_database_that_is_behind_names_the_next_command(
    app: Flask, database: DatabaseUrls
) -> None:
    with psycopg.connect(database.owner) as owner:
        version = owner.execute("SELECT version_num FROM alembic_version").fetchone()
        owner.execute("UPDATE alembic_version SET version_num = '0000'")
    status, checks = ready(app)
    with psycopg.connect(database.owner) as owner:
        owner.execute("UPDATE alembic_version SET version_num = %s", version)
    assert status == 503
    assert "0000" in checks["database"]
    assert "gateway db upgrade" in checks["database"]


def test_a_database_without_tables_is_not_ready(app: Flask, database: DatabaseUrls) -> None:
    with psycopg.connect(database.owner) as owner:
        owner.execute("ALTER TABLE alembic_version RENAME TO elsewhere")
    status, _ = ready(app)
    with psycopg.connect(database.owner) as owner:
        owner.execute("ALTER TABLE elsewhere RENAME TO alembic_version")
    assert status == 503
