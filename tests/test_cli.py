"""The command line: what it prints, and how a user's mistake ends."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.stack import Stack

PLUGIN = """
from marshmallow import Schema, fields
from gateway.plugin_api import CodeCapture, hookimpl

class Settings(Schema):
    secret = fields.String(required=True, load_only=True)
    region = fields.String(load_default="eu")

class Ear(CodeCapture):
    name = "ear"
    settings_schema = Settings

    def is_genuine(self, report): return True
    def answer(self, report): raise NotImplementedError
    def hear(self, report): return []

@hookimpl
def register_code_captures(): return [Ear]
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A configuration with one installed plugin, in this process's environment."""
    info = tmp_path / "ear_plugin-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: ear-plugin\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text("[gateway.plugins]\near = throwaway_ear\n")
    (tmp_path / "throwaway_ear.py").write_text(PLUGIN)
    (tmp_path / "default.toml").write_text("plugins = ['ear']\n[providers.ear]\nregion = 'us'\n")
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)  # where no `gateway up` has its data
    monkeypatch.setenv("GATEWAY_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("GATEWAY_PROVIDERS__EAR__SECRET", "hush")
    yield
    sys.modules.pop("throwaway_ear", None)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


@pytest.mark.usefixtures("installed")
def test_plugins_are_listed_with_what_they_bring() -> None:
    assert run("plugins").stdout == (
        "ear 1.2 (ear-plugin, throwaway_ear)\n"
        "  hooks: register_code_captures\n"
        "  providers: code capture ear\n"
    )
    assert json.loads(run("plugins", "--json").stdout) == [
        {
            "name": "ear",
            "distribution": "ear-plugin",
            "version": "1.2",
            "module": "throwaway_ear",
            "hooks": ["register_code_captures"],
            "providers": ["code capture ear"],
        }
    ]


@pytest.mark.usefixtures("installed")
def test_the_configuration_is_shown_with_layers_and_without_secrets(tmp_path: Path) -> None:
    result = run("config", "show", "--json")

    shown = {one["key"]: one for one in json.loads(result.stdout)}
    layer = str(tmp_path / "default.toml")
    assert shown["web.port"] == {"key": "web.port", "value": 8000, "layer": "default"}
    assert shown["plugins"]["layer"] == layer
    assert shown["providers.ear.region"]["value"] == "us"
    assert shown["providers.ear.secret"] == {
        "key": "providers.ear.secret",
        "value": "********",
        "layer": "GATEWAY_PROVIDERS__EAR__SECRET",
    }
    assert result.stderr == ""
    lines = run("config", "show").stdout.splitlines()
    assert f'providers.ear.region = "us"  # {layer}' in lines
    assert 'web.host = "127.0.0.1"  # default' in lines


@pytest.mark.usefixtures("installed")
def test_one_setting_is_printed_for_scripts() -> None:
    assert run("config", "get", "web.host").stdout == "127.0.0.1\n"
    assert run("config", "get", "plugins").stdout == '["ear"]\n'
    assert run("config", "get", "providers.ear.region").stdout == "us\n"


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("web.prt", "web.prt is not a setting; did you mean 'web.port'?\n"),
        ("colour", "colour is not a setting.\n"),
        ("providers.ear.secret", "providers.ear.secret is a secret and is not shown.\n"),
    ],
)
def test_what_cannot_be_printed_ends_in_one_sentence(key: str, sentence: str) -> None:
    result = run("config", "get", key)

    assert (result.exit_code, result.stdout, result.stderr) == (2, "", sentence)


@pytest.mark.usefixtures("installed")
def test_the_settings_of_a_gateway_that_is_up_are_found_by_its_data_folder(
    tmp_path: Path,
) -> None:
    Stack(tmp_path, {}, port=None).remember({"GATEWAY_WEB__PORT": "9"})

    assert run("config", "get", "web.port", "--data-dir", str(tmp_path)).stdout == "9\n"
    assert run("config", "get", "web.port").stdout == "8000\n"


@pytest.mark.usefixtures("installed")
def test_the_configuration_is_shown_when_the_plugins_do_not_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("GATEWAY_PROVIDERS__EAR__SECRET")

    result = run("config", "show")

    assert result.exit_code == 0
    assert "providers.ear.secret is missing" in result.stderr
    assert 'providers.ear.region = "********"' in result.stdout


@pytest.mark.usefixtures("installed")
def test_a_sound_configuration_is_said_to_be_sound() -> None:
    assert run("config", "check").stdout == "The configuration is sound; plugins: ear.\n"
    assert json.loads(run("config", "check", "--json").stdout) == {"ok": True, "plugins": ["ear"]}


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("command", [["plugins"], ["config", "show"], ["config", "check"]])
def test_a_wrong_setting_ends_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.setenv("GATEWAY_WEB__PRT", "1")

    result = run(*command)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr == ("GATEWAY_WEB__PRT is not a setting; did you mean GATEWAY_WEB__PORT?\n")


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("command", [["plugins"], ["config", "check"]])
def test_plugins_that_do_not_start_end_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.setenv("GATEWAY_PLUGINS", '["eer"]')

    result = run(*command)

    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert "lists 'eer', but no installed distribution offers it; did you mean 'ear'" in (
        result.stderr
    )


COMMAND = """
import click

@hookimpl
def register_commands():
    @click.command("{name}")
    def command(): "Hear all there is."
    return [command]
"""


@pytest.mark.usefixtures("installed")
def test_a_plugins_command_stands_beside_ours(tmp_path: Path) -> None:
    with (tmp_path / "throwaway_ear.py").open("a") as plugin:
        plugin.write(COMMAND.format(name="hearing"))
    assert re.search(r"hearing +Hear all there is\.", run("--help").stdout)
    assert "--data-dir" in run("hearing", "--help").stdout
    assert "No such command 'heering'" in run("heering").stderr


@pytest.mark.usefixtures("installed")
def test_a_plugins_command_may_not_be_called_as_ours(tmp_path: Path) -> None:
    with (tmp_path / "throwaway_ear.py").open("a") as plugin:
        plugin.write(COMMAND.format(name="doctor"))
    refused = run("hearing")
    assert refused.exit_code == 2
    assert "'doctor'" in refused.stderr
    assert "doctor" in run("--help").stdout
