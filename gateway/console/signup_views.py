"""The page on which a client signs up at Meta. Whoever holds its address may open it, from
anywhere: the address is good for one line's sign-up and for nothing else."""

from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, current_app, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from gateway.console import preflight
from gateway.database import tenant
from gateway.onboarding import entering_pin, present, signing_up, signup_links
from gateway.problems import Problem
from gateway.provisioning import service as provisioning
from gateway.provisioning.connector_contract import SignupDialog
from gateway.tenancy import service as tenancy

blueprint: Final = Blueprint(
    "signup",
    __name__,
    url_prefix=signup_links.PATH,
    template_folder="templates",
    static_folder="static",
)


@blueprint.get("/<token>")
def page(token: str) -> ResponseReturnValue:
    found = signup_links.read(token)
    if found is None:
        return message("gone", 404)
    dialog = None
    with tenant(found[0]) as scope:
        try:
            values = _values(scope, token, *found)
            if values["line"]["activation"]["state"] != "failed":
                line = provisioning.line(scope, *found)
                signing_up.require_open(scope, line)
                dialog = signing_up.dialog(
                    scope, found[0], line.country, stays_in_app=preflight.keeps_app()
                )
                if dialog is None:
                    return message("not_set_up", 503)
        except Problem as problem:
            return message("closed_page", problem.status)
        if dialog:
            options = current_app.json.dumps(dialog.options)
            values |= {"dialog": dialog, "options": options, "origin": _origin(dialog.sdk_url)}
        body = render_template("console/signup.html", **values)
    return _guarded(make_response(body), dialog)


@blueprint.get("/<token>/state")
def state(token: str) -> ResponseReturnValue:
    """How far it is, as the part of the page that shows it."""
    found = signup_links.read(token)
    if found is None:
        return "", 404
    with tenant(found[0]) as scope:
        try:
            return render_template("console/_signup_state.html", **_values(scope, token, *found))
        except Problem:
            return "", 404


def message(said: str, status: int) -> Response:
    """A page that says why there is none, in words of this name."""
    values = {**preflight.tongue(preflight.spoken()), "said": said, "page_url": request.path}
    return _guarded(make_response(render_template("console/signup_message.html", **values), status))


def address(token: str, view: str, **more: str) -> str:
    """Where a part of the page is, in the language it is read in."""
    kept = {name: request.args[name] for name in ("lang", "keep") if name in request.args}
    path = url_for(f"signup.{view}", token=token)
    return "?".join(part for part in (path, urlencode(kept | more)) if part)


def _values(scope: Session, token: str, client_id: str, line_id: str) -> dict[str, Any]:
    line = present.line(scope, provisioning.line(scope, client_id, line_id))
    row = signing_up.of_line(scope, client_id, line_id)
    client = tenancy.client(scope, client_id)
    connected = row is not None and row.connection is not None
    stopped = line["activation"]["state"] == "failed"
    parts = ("state", "report", "retry", "choose", "pin")
    return {
        **preflight.values(client, signing_up.problem_of(row)),
        **{f"{part}_url": address(token, part) for part in parts},
        "page_url": url_for("signup.page", token=token),
        "keep_url": address(token, "page", keep="app"),
        "client": client,
        "line": line,
        "connected": connected,
        "handed_in": row is not None and (row.event or "").startswith("FINISH"),
        "opens": not stopped and (not connected or line["activation"]["signup_url"] is not None),
        "name_stands": preflight.name_stands(line),
        "pin": entering_pin.asked(scope, client_id, line),
        "wrong": request.args.get("wrong"),
    }


def _guarded(response: Response, dialog: SignupDialog | None = None) -> Response:
    """Meta's script alone may run beside ours, on this page alone; its pop-up may answer to it."""
    theirs = f" {_origin(dialog.sdk_url)}" if dialog else ""
    response.headers.update(
        {
            "Content-Security-Policy": f"default-src 'self'; script-src 'self'{theirs};"
            f" connect-src 'self'{theirs}; base-uri 'none'; object-src 'none'; form-action 'self';"
            " frame-ancestors 'none'",
            "Cross-Origin-Opener-Policy": "same-origin-allow-popups",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Cache-Control": "no-store",
            "Vary": "Accept-Language",
        }
    )
    return response


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
