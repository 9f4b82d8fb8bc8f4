"""What the web server loads in each of its workers."""

from pathlib import Path

from flask import Flask

from gateway.app import create_app
from gateway.embedded.processes import die_with_parent
from gateway.plugin_host import PluginHost
from gateway.sandbox.app import create_sandbox
from gateway.settings import load_settings


def web() -> Flask:
    die_with_parent()
    return create_app()


def sandbox() -> Flask:
    die_with_parent()
    settings = load_settings()
    return create_sandbox(
        settings,
        PluginHost(settings).simulators,
        gateway_url=settings.web.public_url,
        sandbox_url=settings.sandbox.url,
        state_file=Path(settings.sandbox.state_dir) / "sandbox.sqlite",
    )
