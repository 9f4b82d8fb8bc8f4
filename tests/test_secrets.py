"""Secrets at rest: opened in their place alone, gone with their owner's key."""

import pytest
from cryptography.exceptions import InvalidTag
from flask import Flask
from sqlalchemy import text

from gateway import secrets
from gateway.database import db, tenant
from gateway.tenancy import service as tenancy


def test_a_secret_is_made_once_and_stays(app: Flask, client_id: str) -> None:
    with app.app_context():
        for value in ("482913", "000000"):
            with tenant(client_id) as session:
                assert secrets.keep_once(session, client_id, "pin", value) == "482913"
        with tenant(client_id) as session:
            assert secrets.read(session, client_id, "pin") == "482913"
            assert secrets.read(session, client_id, "other") is None


def test_nothing_of_it_is_readable_in_the_table(app: Flask, client_id: str) -> None:
    with app.app_context():
        with tenant(client_id) as session:
            secrets.keep_once(session, client_id, "pin", "482913")
        with tenant(client_id) as session:
            (sealed,) = session.scalars(text("SELECT sealed FROM secrets"))
        assert b"482913" not in bytes(sealed)


def test_moved_elsewhere_it_does_not_open(app: Flask, client_id: str) -> None:
    with app.app_context():
        with tenant(client_id) as session:
            secrets.keep_once(session, client_id, "pin", "482913")
            session.execute(text("UPDATE secrets SET name = 'token'"))
        with pytest.raises(InvalidTag), tenant(client_id) as session:
            secrets.read(session, client_id, "token")


def test_with_the_data_key_the_secrets_are_gone(app: Flask, client_id: str) -> None:
    with app.app_context():
        with tenant(client_id) as session:
            secrets.keep_once(session, client_id, "pin", "482913")
            session.execute(text("DELETE FROM data_keys"))
        with tenant(client_id) as session:
            assert secrets.read(session, client_id, "pin") is None


def test_another_client_sees_none_of_it(app: Flask, client_id: str) -> None:
    with app.app_context():
        vendor_id = tenancy.create_vendor("Other")
        other = tenancy.create_client(vendor_id, {"name": "Rif Textile", "country": "MA"})
        with tenant(client_id) as session:
            secrets.keep_once(session, client_id, "pin", "482913")
        with tenant(other.client_id) as session:
            assert secrets.read(session, client_id, "pin") is None
            assert secrets.read(session, other.client_id, "pin") is None


def test_an_erased_client_leaves_no_secret(app: Flask, client_id: str) -> None:
    with app.app_context():
        with tenant(client_id) as session:
            secrets.keep_once(session, client_id, "pin", "482913")
            session.execute(text("DELETE FROM clients"))
        with db.engines[None].connect() as connection:
            connection.execute(text("SELECT set_config('app.scope', 'platform', true)"))
            assert connection.scalar(text("SELECT count(*) FROM secrets")) == 0
            assert connection.scalar(text("SELECT count(*) FROM data_keys")) == 0
