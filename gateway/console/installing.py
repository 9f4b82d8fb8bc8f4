"""Hangs the pages into the app: the views put themselves into the blueprint when imported."""

from flask import Flask

from gateway.console import (  # noqa: F401
    access,
    cost_views,
    line_views,
    pages,
    paper_views,
    recruiter_views,
    signup_acts,
    signup_views,
    talk_views,
)
from gateway.console.live import LiveStreams
from gateway.console.logos import Logos


def install(app: Flask) -> None:
    """Nothing runs before somebody asks for a page."""
    access.install(app)
    app.extensions["live"] = LiveStreams(app.extensions["settings"].database.url)
    app.extensions["logos"] = Logos(app.extensions["http"])
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(signup_views.blueprint)
