"""A supplier that somebody else wrote: built, installed, named in the configuration, preferred."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue

from gateway.cli import main
from gateway.roles import DatabaseUrls
from gateway.settings import load_settings
from gateway.testing.serving import served
from tests.harness import TEST_SETTINGS, Gateway, running

SOURCE = Path(__file__).resolve().parent.parent / "fixtures" / "acme_numbers"
TOKEN = "acme-token"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The package, built from its source and installed as pip does, without any network."""
    source, site = tmp_path / "source", tmp_path / "site"
    shutil.copytree(SOURCE, source)
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
         "--no-deps", "--no-build-isolation", "--no-index", "--target", site, source],
        check=True,
    )  # fmt: skip
    monkeypatch.syspath_prepend(str(site))
    yield
    sys.modules.pop("acme_numbers", None)


class AcmeShop:
    """What the stranger runs."""

    def __init__(self) -> None:
        self.free = ["+212612340001", "+212612340002"]
        self.orders: dict[str, Any] = {}
        self.bought: list[str] = []

    def app(self) -> Flask:
        app = Flask("acme")

        @app.before_request
        def login() -> ResponseReturnValue | None:
            known = request.headers.get("Authorization") == f"Bearer {TOKEN}"
            return None if known else ("", 401)

        @app.get("/free")
        def free() -> ResponseReturnValue:
            return jsonify(self.free)

        @app.put("/orders/<reference>")
        def order(reference: str) -> ResponseReturnValue:
            self.orders[reference] = request.json
            self.free.remove(self.orders[reference]["number"])
            self.bought.append(reference)
            return "", 201

        @app.get("/orders/<reference>")
        def find(reference: str) -> ResponseReturnValue:
            return jsonify(self.orders[reference]) if reference in self.orders else ("", 204)

        return app


@pytest.mark.usefixtures("installed")
def test_a_strangers_package_takes_over(
    database: DatabaseUrls,
    redis_url: str,
    tmp_path: Path,
    migrated: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shop = AcmeShop()
    with served(shop.app()) as (url, _):
        settings = {
            "GATEWAY_PLUGINS": json.dumps([*load_settings(TEST_SETTINGS).plugins, "acme-numbers"]),
            "GATEWAY_PROVIDERS__ACME__URL": url,
            "GATEWAY_PROVIDERS__ACME__TOKEN": TOKEN,
            "GATEWAY_ONBOARDING__CODE_WAIT_SECONDS": "60",
        }
        for name, value in {**TEST_SETTINGS, **settings, **migrated}.items():
            monkeypatch.setenv(name, value)
        with running(database, redis_url, tmp_path / "clock.json", settings) as gateway:
            client = gateway.client()
            ours = gateway.line(client)
            assert "mobile: 2 offered; code by SMS; price unknown" in command("check", "acme")
            command("pause", "twilio")
            command("prefer", "acme")
            line = heard(gateway, client, shop)
    assert (ours["supplier"], line["supplier"], line["status"]) == ("twilio", "acme", "active")
    assert shop.bought == [line["id"]]


def command(*arguments: str) -> str:
    result = CliRunner().invoke(main, ["suppliers", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def heard(gateway: Gateway, client: str, shop: AcmeShop) -> Any:
    """A new line, whose code the stranger reports."""
    path = f"/v1/clients/{client}/lines"
    line_id = gateway.post(path, {"case": "virtual-number"})["id"]
    line = gateway.until(
        lambda: gateway.get(f"{path}/{line_id}"),
        lambda line: line["activation"]["steps"][4]["state"] == "waiting",
    )
    numbers = [number for _, number in gateway.world.store.all("graph_number")]
    [code] = [it["code"] for it in numbers if it["phone"] == line["phone_number"]]
    texts_to = shop.orders[line_id]["texts_to"]
    text = {"to": line["phone_number"], "body": f"Your WhatsApp code: {code}"}
    for token, status in (("another", 401), (TOKEN, 200)):
        headers = {"X-Acme-Token": token}
        answer = gateway.session.post(texts_to, json=text, headers=headers, timeout=30)
        assert answer.status_code == status
    return gateway.until(
        lambda: gateway.get(f"{path}/{line_id}"), lambda line: line["status"] == "active"
    )
