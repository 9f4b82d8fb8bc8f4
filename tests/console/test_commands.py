"""`gateway clients` and `gateway keys`: what an operator types."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from gateway.cli import main
from gateway.stack import Stack
from gateway.tenancy import api_keys
from tests.console.browser import Browser
from tests.harness import TEST_SETTINGS

Run = Callable[..., Result]


@pytest.fixture
def environment(migrated: dict[str, str]) -> dict[str, str]:
    public = {"GATEWAY_WEB__PUBLIC_URL": "http://127.0.0.1:8765"}
    return {**TEST_SETTINGS, **migrated, **public}


@pytest.fixture
def run(environment: dict[str, str]) -> Run:
    return lambda *words: CliRunner(env=environment).invoke(main, words)


def test_a_link_opens_the_pages_of_its_client(app: Flask, client_id: str, run: Run) -> None:
    printed = run("clients", "link", client_id)
    assert printed.exit_code == 0, printed.output
    start, _, token = printed.stdout.strip().partition("?token=")
    assert start == "http://127.0.0.1:8765/console/"
    browser = Browser(app)
    assert browser.get(f"/console/?token={token}").status_code == 303
    assert "Atlas Logistics" in browser.read("/console/")


@pytest.mark.parametrize("unknown", ["cli_01h00000000000000000000000", "Atlas"])
def test_a_link_to_nobody_is_one_sentence(unknown: str, run: Run) -> None:
    printed = run("clients", "link", unknown)
    assert printed.exit_code == 1
    assert printed.stderr == "Error: There is no such client.\n"


def test_clients_are_made_and_listed(app: Flask, client_id: str, run: Run) -> None:
    [known] = json.loads(run("clients", "list", "--json").stdout)
    assert (known["id"], known["name"]) == (client_id, "Atlas Logistics")
    words = ("--vendor", known["vendor_id"], "--name", "Rif Recrute", "--country", "MA")
    made = run("clients", "create", *words)
    assert made.stdout.startswith("cli_")
    assert (
        f"{made.stdout.strip()}  Rif Recrute (MA), of Some vendor" in run("clients", "list").stdout
    )
    wrong = run("clients", "create", *words[:-1], "Morocco")
    assert wrong.exit_code == 1
    assert "two capital letters" in wrong.stderr
    strange = run("clients", "create", "--vendor", "vnd_x", *words[2:])
    assert "There is no vendor vnd_x." in strange.stderr


def test_a_key_opens_until_it_is_revoked(app: Flask, client_id: str, run: Run) -> None:
    [client] = json.loads(run("clients", "list", "--json").stdout)
    made = json.loads(
        run("keys", "create", client["vendor_id"], "--name", "tests", "--json").stdout
    )
    with app.app_context():
        assert api_keys.vendor_of(made["key"]) == (client["vendor_id"], made["id"])
    assert run("keys", "revoke", made["id"]).exit_code == 0
    with app.app_context():
        assert api_keys.vendor_of(made["key"]) is None
    assert run("keys", "revoke", made["id"]).exit_code == 0
    assert "no such API key" in run("keys", "revoke", "key_x").stderr
    assert "no such vendor" in run("keys", "create", "vnd_x", "--name", "n").stderr


def test_a_gateway_that_is_up_is_found_by_its_data_folder(
    app: Flask, client_id: str, environment: dict[str, str], tmp_path: Path
) -> None:
    command = ("clients", "list", "--data-dir", str(tmp_path))
    lost = CliRunner().invoke(main, command)
    assert lost.exit_code == 1
    assert "gateway up" in lost.stderr
    stack = Stack(tmp_path, {}, port=None)
    stack.remember(environment)
    assert (tmp_path / "environment.json").stat().st_mode & 0o077 == 0
    assert client_id in CliRunner().invoke(main, command).stdout
    stack.stop()
    assert CliRunner().invoke(main, command).exit_code == 1
