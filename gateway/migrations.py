"""Bring the database up to date: the core first, then each plugin, then what the roles may do."""

import flask_migrate
from alembic.config import Config
from flask import Flask, current_app
from sqlalchemy.engine import make_url

from gateway import roles
from gateway.database import db
from gateway.plugin_host import PluginHost
from gateway.schema_version import FOLDER
from gateway.workers import this_app


def install(app: Flask) -> None:
    """Make Flask-Migrate know the app. Not part of every app: Alembic is slow to import."""
    if "migrate" not in app.extensions:
        flask_migrate.Migrate(app, db).configure(choose_versions)


def choose_versions(config: Config) -> Config:
    """Point Alembic at the folder of the plugin that `-x plugin=NAME` names; else at the core's."""
    given = [argument.partition("=") for argument in getattr(config.cmd_opts, "x", ())]
    names = [value for name, _, value in given if name == "plugin"]
    if names:
        host: PluginHost = current_app.extensions["plugin_host"]
        folder = str(dict(host.migrations())[names[-1]])
        config.set_main_option("path_separator", "newline")
        config.set_main_option("version_locations", folder.replace("%", "%%"))
    return config


def upgrade() -> None:
    """Run what has not been run. May be repeated; each part has its own version table."""
    host: PluginHost = current_app.extensions["plugin_host"]
    settings = current_app.extensions["settings"].database
    install(this_app())
    flask_migrate.upgrade(directory=str(FOLDER))
    for plugin, _ in host.migrations():
        flask_migrate.upgrade(directory=str(FOLDER), x_arg=[f"plugin={plugin}"])
    with db.engines["owner"].begin() as connection:
        roles.grant(
            connection,
            application=str(make_url(settings.url).username),
            router=str(make_url(settings.router_url).username),
        )
