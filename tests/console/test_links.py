"""Sign-in links: once, soon, and known to nobody but their holder."""

from datetime import timedelta

import psycopg
import pytest
from flask import Flask

from gateway.console import links
from gateway.problems import Problem
from gateway.roles import DatabaseUrls


def test_a_link_lets_in_once(app: Flask, client_id: str) -> None:
    with app.app_context():
        token = links.make(client_id)
        assert links.use(token) == client_id
        assert links.use(token) is None


def test_a_link_is_of_no_use_after_its_time(
    app: Flask, client_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert timedelta(minutes=15) == links.LIFETIME
    monkeypatch.setattr(links, "LIFETIME", timedelta(seconds=-1))
    with app.app_context():
        assert links.use(links.make(client_id)) is None


def test_a_guess_lets_nobody_in(app: Flask, client_id: str) -> None:
    with app.app_context():
        token = links.make(client_id)
        assert links.use(token[:-1]) is None
        assert links.use("") is None
        assert links.use(token) == client_id


def test_the_token_itself_is_stored_nowhere(
    app: Flask, client_id: str, database: DatabaseUrls
) -> None:
    with app.app_context():
        token = links.make(client_id)
    assert len(token) >= 43  # 256 bits
    with psycopg.connect(database.owner) as connection:
        connection.execute("SELECT set_config('app.scope', 'platform', true)")
        rows = connection.execute("SELECT sign_in_links::text FROM sign_in_links").fetchall()
    assert len(rows) == 1
    assert token not in rows[0][0]
    assert token.encode().hex() not in rows[0][0]


def test_nobody_gets_a_link_to_a_client_that_is_not_there(app: Flask) -> None:
    with app.app_context(), pytest.raises(Problem) as caught:
        links.make("cli_01h00000000000000000000000")
    assert caught.value.status == 404
