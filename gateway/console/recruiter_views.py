"""Recruiters: who is here, who comes, and who leaves and hands over."""

from flask import g, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from gateway.console.forms import Form, sent
from gateway.console.pages import blueprint, page
from gateway.database import tenant
from gateway.messaging import service as messaging
from gateway.tenancy import service as tenancy
from gateway.tenancy.schemas import RecruiterRequest


@blueprint.get("/recruiters")
def recruiters() -> ResponseReturnValue:
    with tenant(g.client_id) as scope:
        return _page(scope)


@blueprint.post("/recruiters")
def add_recruiter() -> ResponseReturnValue:
    form = sent()
    with tenant(g.client_id) as scope:
        with form.judged(), scope.begin_nested():
            names = ("name", "email")
            values = RecruiterRequest().load({name: form.value(name) for name in names})
            tenancy.create_recruiter(scope, g.client_id, values["name"], values["email"])
        if form.errors:
            return _page(scope, form, 422)
    return redirect(url_for("console.recruiters"), 303)


@blueprint.post("/recruiters/<recruiter_id>/leave")
def leave(recruiter_id: str) -> ResponseReturnValue:
    """One act: access ends and every conversation moves, history and all."""
    to = sent().value("hand_over_to") or None
    with tenant(g.client_id) as scope:
        tenancy.leave(scope, g.client_id, recruiter_id, to)
        messaging.hand_over(scope, g.client_id, recruiter_id, to)
    return redirect(url_for("console.recruiters"), 303)


def _page(scope: Session, form: Form | None = None, status: int = 200) -> ResponseReturnValue:
    everybody = tenancy.recruiters(scope, g.client_id)
    return page(
        scope,
        "recruiters",
        status,
        form=form or Form(),
        present=[row for row in everybody if row.left_at is None],
        gone=[row for row in everybody if row.left_at is not None],
        open_talks=messaging.counts_by_recruiter(scope, g.client_id),
    )
