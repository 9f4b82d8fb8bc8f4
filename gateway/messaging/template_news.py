"""An approved template does not stay as it was: it is paused, disabled, or becomes marketing."""

from typing import Final

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway import clock, outbox
from gateway.database import tenant
from gateway.events import service as events
from gateway.messaging.contract import TemplateCatalogue
from gateway.messaging.models import Template
from gateway.outbox import Lease
from gateway.provisioning import access

ASK: Final = "messaging.template"
_GONE: Final = "DELETED"


def ask(lease: Lease) -> None:
    """The job: record how one template stands over there; notices come in any order."""
    _, waba_id, name, language = lease.key.split(" ")
    with tenant(lease.client_id) as session:
        row = _row(session, lease.client_id, waba_id, name, language)
    settings = current_app.extensions["settings"].messaging
    catalogue = current_app.extensions["plugin_host"].messaging_providers.get(settings.provider)
    catalogue = access.of_waba(catalogue, lease.client_id, waba_id)
    if row is None or not isinstance(catalogue, TemplateCatalogue):
        return
    state = catalogue.find_template(waba_id, name, language)
    status, category = (state.status, state.category) if state else (_GONE, row.category)
    with tenant(lease.client_id) as session:
        outbox.guard(session, lease)
        row = _row(session, lease.client_id, waba_id, name, language)
        if row is None or (row.status, row.category) == (status, category):
            return
        events.record(
            session,
            lease.client_id,
            "template.changed",
            template_id=row.id,
            name=name,
            language=language,
            status=status,
            category=category,
            previous_status=row.status,
            previous_category=row.category,
        )
        row.status, row.category, row.updated_at = status, category, clock.now()


def _row(
    session: Session, client_id: str, waba_id: str, name: str, language: str
) -> Template | None:
    return session.scalars(
        select(Template).where(
            Template.client_id == client_id,
            Template.waba_id == waba_id,
            Template.name == name,
            Template.language == language,
        )
    ).first()
