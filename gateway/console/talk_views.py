"""Conversations: the list, one thread, what may be sent in it now, and how a new one begins."""

from typing import Any

from flask import g, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from gateway.console import talk_page
from gateway.console.forms import Form, sent
from gateway.console.pages import blueprint, page
from gateway.database import tenant
from gateway.messaging import consent, downloads, media, outgoing, service, templates, writing
from gateway.messaging.schemas import ConversationRequest, MessageRequest
from gateway.tenancy import service as tenancy

_FIELDS = {
    "candidate.name": "name",
    "candidate.phone": "phone",
    "candidate.language": "language",
    "text.body": "body",
}


@blueprint.get("/conversations")
def talks() -> ResponseReturnValue:
    with tenant(g.client_id) as scope:
        return page(scope, "talks", **talk_page.listed(scope, g.client_id))


@blueprint.get("/conversations/<talk_id>")
def talk(talk_id: str) -> ResponseReturnValue:
    with tenant(g.client_id) as scope:
        return _page(scope, talk_id)


@blueprint.get("/media/<media_id>")
def file(media_id: str) -> ResponseReturnValue:
    with tenant(g.client_id) as scope:
        return downloads.answer(scope, media.media(scope, g.client_id, media_id))


@blueprint.post("/conversations/<talk_id>/messages")
def send_text(talk_id: str) -> ResponseReturnValue:
    form = sent()
    return _send(talk_id, form, {"type": "text", "text": {"body": form.value("body")}})


@blueprint.post("/conversations/<talk_id>/templates")
def send_template(talk_id: str) -> ResponseReturnValue:
    form = sent()
    blanks = sorted((name for name in form.values if name.startswith("blank-")), key=_number)
    texts = [form.value(name) for name in blanks]
    if not all(texts):
        form.errors[""] = "Fill in every blank of the template."
    content = templates.content(form.value("template"), form.value("language"), texts)
    return _send(talk_id, form, {"type": "template", "template": content})


@blueprint.post("/conversations/<talk_id>/assign")
def assign(talk_id: str) -> ResponseReturnValue:
    with tenant(g.client_id) as scope:
        service.assign(scope, g.client_id, talk_id, sent().value("recruiter_id") or None)
    return redirect(url_for("console.talk", talk_id=talk_id), 303)


@blueprint.post("/conversations/<talk_id>/messages/<message_id>/<any(stop,'go-on'):answer>")
def settle(talk_id: str, message_id: str, answer: str) -> ResponseReturnValue:
    """The recruiter says whether words that may mean stop do."""
    with tenant(g.client_id) as scope:
        talk = service.conversation(scope, g.client_id, talk_id, lock=True)
        message = outgoing.message(scope, g.client_id, message_id)
        consent.settle(scope, talk, message, stops=answer == "stop", source="console")
    return redirect(url_for("console.talk", talk_id=talk_id), 303)


@blueprint.get("/conversations/new")
def new_talk() -> ResponseReturnValue:
    with tenant(g.client_id) as scope:
        return _new_page(scope)


@blueprint.post("/conversations/new")
def open_talk() -> ResponseReturnValue:
    form = sent()
    names = ("name", "phone", "language")
    asked = {
        "line_id": form.value("line_id"),
        "recruiter_id": form.value("recruiter_id"),
        "application_ref": form.value("application_ref") or None,
        "candidate": {name: form.value(name) or None for name in names},
    }
    with tenant(g.client_id) as scope:
        with form.judged(_FIELDS), scope.begin_nested():
            values = ConversationRequest().load(asked)
            wanted = service.Opening(
                line_id=values["line_id"],
                recruiter_id=values["recruiter_id"],
                application_ref=values["application_ref"],
                **values["candidate"],
            )
            row, _ = service.open_conversation(scope, g.client_id, wanted)
        if form.errors:
            return _new_page(scope, form, 422)
        return redirect(url_for("console.talk", talk_id=row.id), 303)


def _send(talk_id: str, form: Form, message: dict[str, Any]) -> ResponseReturnValue:
    with tenant(g.client_id) as scope:
        talk = service.conversation(scope, g.client_id, talk_id, lock=True)
        if not form.errors:
            with form.judged(_FIELDS), scope.begin_nested():
                values = MessageRequest().load(message)
                kind = values["type"]
                writing.send(scope, talk, type=kind, content=values[kind])
        if form.errors:
            return _page(scope, talk_id, form, 422)
    return redirect(url_for("console.talk", talk_id=talk_id), 303)


def _page(
    scope: Session, talk_id: str, form: Form | None = None, status: int = 200
) -> ResponseReturnValue:
    values = talk_page.listed(scope, g.client_id) | talk_page.one(scope, g.client_id, talk_id)
    here = url_for("console.talk", talk_id=talk_id)
    return page(scope, "talk", status, form=form or Form(), here=here, **values)


def _new_page(scope: Session, form: Form | None = None, status: int = 200) -> ResponseReturnValue:
    people = tenancy.recruiters(scope, g.client_id)
    return page(
        scope,
        "new_talk",
        status,
        form=form or Form(),
        lines=talk_page.active_lines(scope, g.client_id),
        recruiters=[row for row in people if row.left_at is None],
        **talk_page.listed(scope, g.client_id),
    )


def _number(blank: str) -> int:
    return int(blank.removeprefix("blank-") or 0)
