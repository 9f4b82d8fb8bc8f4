"""`gateway db`: bring the database up to date."""

import click

from gateway import migrations
from gateway.app import create_app


@click.group("db")
def command() -> None:
    """Migrations and roles."""


@command.command()
def upgrade() -> None:
    """Run the core's migrations, then each plugin's, then grant what the roles may do."""
    with create_app().app_context():
        migrations.upgrade()
    click.echo("The database is up to date.", err=True)
