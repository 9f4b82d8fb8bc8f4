"""`gateway plugins`: which plugins are enabled, and what each brings."""

import json
from dataclasses import asdict

import click

from gateway.plugin_host import PluginHost
from gateway.settings import load_settings


@click.command("plugins")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(as_json: bool) -> None:
    """List the enabled plugins with their versions, hooks and providers."""
    enabled = PluginHost(load_settings()).plugins
    if as_json:
        click.echo(json.dumps([asdict(plugin) for plugin in enabled], indent=2))
        return
    for plugin in enabled:
        click.echo(f"{plugin.name} {plugin.version} ({plugin.distribution}, {plugin.module})")
        click.echo(f"  hooks: {', '.join(plugin.hooks)}")
        click.echo(f"  providers: {', '.join(plugin.providers) or 'none'}")
