"""`gateway config`: what is configured, where each value came from, and whether it is sound."""

import json

import click

from gateway.plugin_host import PluginHost
from gateway.registry import StartupError
from gateway.settings import describe, load_settings


@click.group("config")
def command() -> None:
    """Show and check the configuration."""


@command.command("show")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(as_json: bool) -> None:
    """Print every setting and the layer it came from; secrets are masked."""
    settings = load_settings()
    try:
        showable = PluginHost(settings).showable_settings
    except StartupError as error:
        # Whoever looks for the mistake needs the list all the same.
        click.echo(
            f"The providers' settings stay masked, for the plugins do not start:\n{error}", err=True
        )
        showable = frozenset()
    shown = describe(settings, showable)
    if as_json:
        click.echo(json.dumps([one._asdict() for one in shown], indent=2))
        return
    for key, value, layer in shown:
        click.echo(f"{key} = {json.dumps(value, ensure_ascii=False)}  # {layer}")


@command.command("check")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check(as_json: bool) -> None:
    """Load all settings and plugins; exit with 2 and say what is wrong, if anything is."""
    settings = load_settings()
    names = [plugin.name for plugin in PluginHost(settings).plugins]
    if as_json:
        click.echo(json.dumps({"ok": True, "plugins": names}))
    else:
        click.echo(f"The configuration is sound; plugins: {', '.join(names) or 'none'}.")
