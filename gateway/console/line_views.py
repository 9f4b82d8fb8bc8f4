"""The client's page: the company, the ways to a line, its activation, and what candidates see."""

from typing import Any

import phonenumbers
from flask import Response, abort, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from marshmallow import EXCLUDE, ValidationError
from sqlalchemy.orm import Session

from gateway.console import live, words
from gateway.console.forms import Form, sent
from gateway.console.live import LiveStreams
from gateway.console.logos import Logos
from gateway.console.pages import blueprint, page
from gateway.database import tenant
from gateway.onboarding import branding, cases, present, service, signing_up
from gateway.onboarding.case_facts import Asker
from gateway.onboarding.case_schemas import VolumeQuery
from gateway.onboarding.schemas import CodeRequest
from gateway.provisioning import health, releasing
from gateway.provisioning import service as provisioning
from gateway.tenancy import documents
from gateway.tenancy import service as tenancy
from gateway.tenancy.models import Client
from gateway.tenancy.papers import PAPER_KINDS
from gateway.tenancy.schemas import ClientPatch


@blueprint.get("/")
def line() -> ResponseReturnValue:
    with tenant(g.client_id) as scope:
        return _page(scope)


@blueprint.post("/activate")
def activate() -> ResponseReturnValue:
    with tenant(g.client_id) as scope:
        form = sent()
        with form.judged():
            name = form.value("display_name") or None
            chosen = ClientPatch().load({"display_name": name})["display_name"]
            service.activate(scope, g.client_id, case=form.value("case"), display_name=chosen)
        if form.errors:
            return _page(scope, form, 422)
    return redirect(url_for("console.line"), 303)


@blueprint.post("/lines/<line_id>/retry")
def retry(line_id: str) -> ResponseReturnValue:
    with tenant(g.client_id) as scope:
        provisioning.line(scope, g.client_id, line_id)
        service.retry(scope, g.client_id, line_id)
    return redirect(url_for("console.line"), 303)


@blueprint.post("/lines/<line_id>/cancel")
def cancel(line_id: str) -> ResponseReturnValue:
    with tenant(g.client_id) as scope:
        provisioning.line(scope, g.client_id, line_id)
        service.cancel(scope, g.client_id, line_id)
    return redirect(url_for("console.line"), 303)


@blueprint.post("/lines/<line_id>/code")
def enter_code(line_id: str) -> ResponseReturnValue:
    with tenant(g.client_id) as scope:
        provisioning.line(scope, g.client_id, line_id)
        form = sent()
        with form.judged():
            code = CodeRequest().load({"code": form.value("code").replace(" ", "")})["code"]
            service.enter_code(scope, g.client_id, line_id, code)
        if form.errors:
            return _page(scope, form, 422)
    return redirect(url_for("console.line"), 303)


@blueprint.post("/lines/<line_id>/release")
def release_line(line_id: str) -> ResponseReturnValue:
    with tenant(g.client_id) as scope:
        releasing.request(scope, g.client_id, line_id)
    return redirect(url_for("console.line"), 303)


@blueprint.post("/lines/<line_id>/disconnect")
def disconnect_line(line_id: str) -> ResponseReturnValue:
    with tenant(g.client_id) as scope:
        signing_up.disconnect(scope, g.client_id, line_id)
    return redirect(url_for("console.line"), 303)


@blueprint.post("/lines/<line_id>/keep")
def keep_line(line_id: str) -> ResponseReturnValue:
    with tenant(g.client_id) as scope:
        releasing.take_back(scope, g.client_id, line_id)
    return redirect(url_for("console.line"), 303)


@blueprint.get("/logo")
def logo() -> ResponseReturnValue:
    with tenant(g.client_id) as scope:
        source = branding.source(scope, g.client_id)
    logos: Logos = current_app.extensions["logos"]
    picture = logos.picture(source)
    if picture is None:
        abort(404)
    response = Response(picture, mimetype="image/jpeg")
    response.headers["Cache-Control"] = "private, max-age=300"
    response.add_etag()
    return response.make_conditional(request)


@blueprint.get("/live")
def stream() -> ResponseReturnValue:
    return live.respond(g.client_id, request.args.get("name", ""))


@blueprint.delete("/live/<name>")
def end_stream(name: str) -> ResponseReturnValue:
    streams: LiveStreams = current_app.extensions["live"]
    streams.end(g.client_id, name)
    return "", 204


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    session.clear()
    return redirect(url_for("console.line"), 303)


def _page(scope: Session, form: Form | None = None, status: int = 200) -> ResponseReturnValue:
    client = tenancy.client(scope, g.client_id)
    lines = present.lines(scope, provisioning.lines(scope, g.client_id))
    ours = [row for row in lines if row["status"] != "released"]
    current = next(reversed(ours or lines), None)
    volume = _volume()
    asker = Asker(country=client.country, client_id=g.client_id)
    offered = cases.comparison(scope, asker, volume)
    papers = {it.paper.kind: it for it in documents.standings(scope, g.client_id)}
    return page(
        scope,
        "line",
        status,
        form=form or Form(),
        line=current,
        health=current and health.shown(scope, g.client_id, current["id"]),
        may_activate=not ours,
        names=branding.offered_names(client),
        cases=offered,
        volume=volume,
        recommended=next((case for case in offered if case["recommended"]), None),
        papers={kind: papers.get(kind) for kind in PAPER_KINDS},
        has_logo="logo" in papers or bool(client.logo_url),
        card=_card(client, current if ours else None),
    )


def _volume() -> dict[str, int]:
    """The month that the comparison is made for, as the address has it."""
    try:
        found: dict[str, int] = VolumeQuery().load(request.args, unknown=EXCLUDE)
    except ValidationError:
        found = VolumeQuery().load({})
    return found


def _card(client: Client, line: dict[str, Any] | None) -> dict[str, Any]:
    """The line as a candidate sees it: its name only once it is approved."""
    wished = branding.display_name(client)
    code = phonenumbers.country_code_for_region(client.country)
    platform = current_app.extensions["settings"].platform.name
    status = line and line["display_name_status"]
    named = status in provisioning.NAMED
    number = line and line["phone_number"]
    return {
        "title": (line and line["display_name"]) if named else number or f"+{code or ''} …",
        "is_number": not named,
        "named": named,
        "wished": (line and line["display_name"]) or wished,
        "status": words.NAME.get(status or "", words.NAME_UNKNOWN),
        "number": number,
        "about": ((line and line["branding"]) or {}).get("about") or f"Powered by {platform}",
    }
