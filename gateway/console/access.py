"""Who may see the pages: a session bound to one client, on this machine alone.

There is no signing in by person yet, so nothing is served beyond loopback, whoever asks.
"""

import base64
import hmac
import ipaddress
import secrets
from datetime import timedelta
from hashlib import sha256
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import Flask, Response, g, make_response, redirect, render_template, request, session
from flask import url_for as url
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response as AnyResponse

from gateway.console import links

SESSION_LIFETIME: Final = timedelta(hours=12)
CSRF_FIELD: Final = "csrf_token"
CSRF_HEADER: Final = "X-CSRF-Token"
NOTHING: Final = "Nothing of yours has this address."
_SAFE: Final = ("GET", "HEAD", "OPTIONS")
_FORWARDED: Final = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP")
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'self'; base-uri 'none'; object-src 'none';"
    " form-action 'self'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def install(app: Flask) -> None:
    """Sign the session with a key of its own, and guard every path under /console."""
    settings = app.extensions["settings"]
    key = session_key(settings.secrets.key)
    app.config.update(
        SECRET_KEY=key,
        # Browsers do not keep the cookies of two ports apart: each installation has its own name.
        SESSION_COOKIE_NAME=f"gateway_console_{sha256(key or b'').hexdigest()[:8]}",
        SESSION_COOKIE_PATH="/console",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.web.public_url.startswith("https:"),
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=SESSION_LIFETIME,
    )
    app.before_request(guard)
    app.after_request(protect)


def session_key(platform_key: str) -> bytes | None:
    """The key of the sessions, derived from the platform's; None where there is none."""
    if not platform_key:
        return None
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"gateway console session")
    return derive.derive(base64.b64decode(platform_key))


def guard() -> AnyResponse | None:
    """Answer instead of the page where the page may not be seen."""
    if not _is_ours():
        return None
    reason = _not_local()
    if reason:
        return refusal(403, "Only on this machine", reason)
    missed = request.routing_exception
    if request.endpoint == "console.static" or isinstance(missed, RequestRedirect):
        return None
    if request.endpoint == "console.line" and request.method == "GET" and "token" in request.args:
        return _sign_in(request.args["token"])
    if "client_id" not in session:
        return _no_session("You are not signed in, or your session has ended.")
    g.client_id, g.actor = session["client_id"], "console"
    if missed is not None:
        return refusal(missed.code or 404, "There is nothing here", NOTHING)
    if request.method not in _SAFE and not _has_csrf_token():
        return refusal(
            400,
            "The form is out of date",
            "It did not carry this session's token. Go back, reload the page and send it again.",
        )
    return None


def protect(response: Response) -> Response:
    """Tell the browser what the pages never do."""
    if _is_ours():
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)  # a file's own are stricter
    return response


def csrf_token() -> str:
    """The session's token, which every form carries."""
    return str(session.get("csrf", ""))


def refusal(status: int, title: str, text: str, *, with_command: bool = False) -> Response:
    """A page that says why there is no page."""
    body = render_template(
        "console/message.html",
        title=title,
        text=text,
        with_command=with_command,
        signed_in="client_id" in session,
    )
    return make_response(body, status)


def _sign_in(token: str) -> AnyResponse:
    client_id = links.use(token)
    if client_id is None:
        return _no_session("This link was used already, or is more than 15 minutes old.")
    session.clear()
    session.permanent = True
    session["client_id"], session["csrf"] = client_id, secrets.token_urlsafe(32)
    return redirect(url("console.line"), 303)


def _no_session(why: str) -> Response:
    text = f"{why} A link lets you in, once. Whoever runs the gateway makes one:"
    return refusal(403, "Please sign in", text, with_command=True)


def _has_csrf_token() -> bool:
    given = request.headers.get(CSRF_HEADER) or request.form.get(CSRF_FIELD, "")
    known = csrf_token()
    return bool(known) and hmac.compare_digest(given.encode(), known.encode())


def _is_ours() -> bool:
    return request.path == "/console" or request.path.startswith("/console/")


def _not_local() -> str | None:
    """Why this request counts as coming from another machine, if it does."""
    rule = (
        "Until people can sign in by name, these pages answer on this machine alone:"
        " open them by 127.0.0.1 or localhost, without a proxy in between."
    )
    if not _is_loopback(request.remote_addr or ""):
        return f"You are calling from {request.remote_addr}. {rule}"
    host = (request.host or "").rsplit("]", 1)
    name = host[0].lstrip("[") if len(host) == 2 else host[0].rpartition(":")[0] or host[0]
    if name.lower() != "localhost" and not _is_loopback(name):
        return f"You called this machine {name!r}. {rule}"
    if any(header in request.headers for header in _FORWARDED):
        return f"A proxy forwarded your call. {rule}"
    return None


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
