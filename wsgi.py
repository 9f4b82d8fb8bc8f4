"""The application for a WSGI server: `granian --interface wsgi --factory wsgi:application`."""

from flask import Flask

from gateway.app import create_app


def application() -> Flask:
    return create_app()
