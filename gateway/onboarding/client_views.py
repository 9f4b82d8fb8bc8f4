"""A change of what a client's lines show, over HTTP."""

from typing import Any

from flask_smorest import Blueprint

from gateway.api import client_scope
from gateway.onboarding import branding, rebranding
from gateway.openapi import refusals
from gateway.tenancy import service as tenancy
from gateway.tenancy.models import Client
from gateway.tenancy.schemas import ClientPatch, ClientShown

blueprint = Blueprint("client_changes", __name__, url_prefix="/v1/clients")


@blueprint.patch("/<client_id>")
@blueprint.doc(**refusals("timezone_missing", "display_name_refused", "logo_url_refused"))
@blueprint.arguments(ClientPatch, required=False)
@blueprint.response(200, ClientShown)
def change_client(values: dict[str, Any], client_id: str) -> Client:
    """Change what is known of a client; what is not named stays. Its lines are branded again."""
    with client_scope(client_id) as session:
        before = tenancy.client(session, client_id)
        shows = {name: getattr(before, name) for name in rebranding.SHOWN if name in values}
        client = tenancy.update_client(session, client_id, values)
        changed = {name for name, value in shows.items() if getattr(client, name) != value}
        if changed & rebranding.NAMES:
            branding.check_name(client)
        if changed:
            rebranding.ask(session, client_id)
        return client
