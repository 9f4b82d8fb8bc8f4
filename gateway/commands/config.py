"""`gateway config`: what is configured, where each value came from, and whether it is sound."""

import json
from pathlib import Path

import click

from gateway.commands.nearby import data_dir, environment
from gateway.plugin_host import PluginHost
from gateway.problems import Mistake
from gateway.registry import StartupError, did_you_mean
from gateway.settings import MASK, Settings, describe, load_settings


@click.group("config")
def command() -> None:
    """Show and check the configuration."""


@command.command("show")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@data_dir
def show(as_json: bool, data_dir: Path) -> None:
    """Print every setting and the layer it came from; secrets are masked."""
    settings = _settings(data_dir)
    shown = describe(settings, _showable(settings))
    if as_json:
        click.echo(json.dumps([one._asdict() for one in shown], indent=2))
        return
    for key, value, layer in shown:
        click.echo(f"{key} = {json.dumps(value, ensure_ascii=False)}  # {layer}")


@command.command("get")
@click.argument("key")
@data_dir
def get(key: str, data_dir: Path) -> None:
    """Print the value of one setting, such as web.public_url: text as it is, all else as JSON."""
    settings = _settings(data_dir)
    showable = _showable(settings) if key.startswith("providers.") else ()
    values = {one.key: one.value for one in describe(settings, showable)}
    if key not in values:
        raise Mistake(f"{key} is not a setting{did_you_mean(key, list(values)) or '.'}")
    if values[key] == MASK:
        raise Mistake(f"{key} is a secret and is not shown.")
    click.echo(values[key] if isinstance(values[key], str) else json.dumps(values[key]))


@command.command("check")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@data_dir
def check(as_json: bool, data_dir: Path) -> None:
    """Load all settings and plugins; exit with 2 and say what is wrong, if anything is."""
    settings = _settings(data_dir)
    names = [plugin.name for plugin in PluginHost(settings).plugins]
    if as_json:
        click.echo(json.dumps({"ok": True, "plugins": names}))
    else:
        click.echo(f"The configuration is sound; plugins: {', '.join(names) or 'none'}.")


def _settings(folder: Path) -> Settings:
    """Those of the `gateway up` on this folder, or our own where none runs there."""
    try:
        return load_settings(environment(folder))
    except FileNotFoundError:
        return load_settings()


def _showable(settings: Settings) -> frozenset[str]:
    """The providers' settings that are no secrets."""
    try:
        return PluginHost(settings).showable_settings
    except StartupError as error:
        # Whoever looks for the mistake needs the list all the same.
        click.echo(
            f"The providers' settings stay masked, for the plugins do not start:\n{error}", err=True
        )
        return frozenset()
