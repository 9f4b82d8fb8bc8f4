"""The company's papers: how each stands, its file, the comparison that a person confirms."""

from typing import Any, Final

from flask import g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from gateway.console.forms import Form, sent
from gateway.console.pages import blueprint, page
from gateway.database import tenant
from gateway.messaging import downloads
from gateway.onboarding import paper_files
from gateway.onboarding.paper_schemas import DocumentForm
from gateway.tenancy import documents
from gateway.tenancy import service as tenancy
from gateway.tenancy.papers import PAPER_KINDS
from gateway.tenancy.schemas import RegisteredAddress

_SAID: Final = ("number", "court", "issued_on", "expires_on", "address")
_ADDRESS: Final = ("street", "city", "postal_code", "region")


@blueprint.get("/papers")
def papers() -> ResponseReturnValue:
    with tenant(g.client_id) as scope:
        return _page(scope)


@blueprint.post("/papers")
def add_paper() -> ResponseReturnValue:
    form = sent()
    with tenant(g.client_id) as scope:
        with form.judged(), scope.begin_nested():
            says = DocumentForm(only=("kind", *_SAID)).load(_filled(form, ("kind", *_SAID)))
            kind = says.pop("kind")
            file = paper_files.taken(request.files.get("file"), kind)
            documents.add(
                scope,
                g.client_id,
                kind=kind,
                filename=file.filename,
                content_type=file.content_type,
                content=file.content,
                says=says,
            )
        if form.errors:
            return _page(scope, form, 422)
    return redirect(url_for("console.papers"), 303)


@blueprint.get("/papers/<document_id>/content")
def download_paper(document_id: str) -> ResponseReturnValue:
    with tenant(g.client_id) as scope:
        paper = documents.standing(scope, g.client_id, document_id).paper
        content = documents.read(scope, paper)
    return downloads.attached(content, paper.content_type, paper.filename, paper.sha256)


@blueprint.post("/papers/<document_id>/confirm")
def confirm_paper(document_id: str) -> ResponseReturnValue:
    form = sent()
    with tenant(g.client_id) as scope:
        with form.judged(), scope.begin_nested():
            documents.confirm(scope, g.client_id, document_id, seen=form.value("registered"))
        if form.errors:
            return _page(scope, form, 409)
    return redirect(url_for("console.papers"), 303)


@blueprint.post("/papers/registered-address")
def register_address() -> ResponseReturnValue:
    form = sent()
    with tenant(g.client_id) as scope:
        with form.judged(), scope.begin_nested():
            address = RegisteredAddress().load(_filled(form, _ADDRESS))
            tenancy.update_client(scope, g.client_id, {"registered_address": address})
        if form.errors:
            return _page(scope, form, 422)
    return redirect(url_for("console.papers"), 303)


def _filled(form: Form, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: form.value(name) for name in names if form.value(name)}


def _page(scope: Session, form: Form | None = None, status: int = 200) -> ResponseReturnValue:
    newest = {it.paper.kind: it for it in documents.standings(scope, g.client_id)}
    client = tenancy.client(scope, g.client_id)
    return page(
        scope,
        "papers",
        status,
        form=form or Form(),
        papers={kind: newest.get(kind) for kind in PAPER_KINDS},
        registered=client.registered_address or {},
    )
