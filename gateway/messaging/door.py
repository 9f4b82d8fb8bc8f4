"""The webhook route, in front of Flask: the signature over the raw bytes, the body stored, 200.

A thin WSGI callable, since the platform counts milliseconds; it reads chunked bodies too, and caps
what it reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from gateway import inbound
from gateway.messaging.contract import MessagingProvider
from gateway.messaging.routing import ROUTE
from gateway.plugin_host import PluginHost

log = structlog.get_logger()

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_PREFIX: Final = "/webhooks/"


class WebhookDoor:
    """Answers the messaging providers' webhooks; everything else goes on to the app."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._next = app.wsgi_app
        self._limit = app.extensions["settings"].web.max_webhook_bytes
        host: PluginHost = app.extensions["plugin_host"]
        self._providers = {
            _PREFIX + provider.webhook_name: provider for provider in host.messaging_providers
        }

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        provider = self._providers.get(environ.get("PATH_INFO", ""))
        if provider is None:
            return self._next(environ, start_response)
        if environ["REQUEST_METHOD"] == "POST":
            status, answer = self._take(provider, environ)
        elif environ["REQUEST_METHOD"] == "GET":
            status, answer = _subscribe(provider, environ)
        else:
            status, answer = "405 Method Not Allowed", b""
        start_response(
            status,
            [("Content-Type", "text/plain"), ("Content-Length", str(len(answer)))],
        )
        return [answer]

    def _take(self, provider: MessagingProvider, environ: WSGIEnvironment) -> tuple[str, bytes]:
        body = _read(environ, self._limit)
        if body is None:
            return "413 Content Too Large", b"body_too_large"
        headers = _headers(environ)
        if not provider.is_genuine(body, headers):
            return "401 Unauthorized", b"invalid_signature"
        try:
            with self._app.app_context():
                inbound.store(
                    topic=ROUTE,
                    provider=provider.name,
                    kind="webhook",
                    url="",
                    headers={},
                    body=body,
                )
        except SQLAlchemyError as error:
            log.error("webhook_not_stored", error=type(error).__name__)
            return "503 Service Unavailable", b"not_stored"
        return "200 OK", b""


def _subscribe(provider: MessagingProvider, environ: WSGIEnvironment) -> tuple[str, bytes]:
    answer = provider.challenge(dict(parse_qsl(environ.get("QUERY_STRING", ""))))
    return ("403 Forbidden", b"") if answer is None else ("200 OK", answer.encode())


def _read(environ: WSGIEnvironment, limit: int) -> bytes | None:
    """The whole body, chunked or not; None where it is over the limit."""
    declared = environ.get("CONTENT_LENGTH") or ""
    if declared.isdigit() and int(declared) > limit:
        return None
    stream = environ["wsgi.input"]
    body: bytes = stream.read(int(declared)) if declared.isdigit() else stream.read(limit + 1)
    return None if len(body) > limit else body


def _headers(environ: WSGIEnvironment) -> Mapping[str, str]:
    return {
        name[5:].replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
