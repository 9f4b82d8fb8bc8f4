"""A client's ATS connections over HTTP."""

from typing import Any

from flask import current_app
from flask_smorest import Blueprint, abort
from marshmallow import ValidationError

from gateway.api import client_scope
from gateway.ats import service
from gateway.ats.models import Connection
from gateway.ats.schemas import (
    AtsConnectionMade,
    AtsConnectionRequest,
    AtsConnectionShown,
    AtsDeliveryShown,
)
from gateway.openapi import refusals
from gateway.pages import listed, whole

blueprint = Blueprint("ats", __name__, url_prefix="/v1/clients/<client_id>/ats-connections")


@blueprint.post("")
@blueprint.doc(**refusals("unknown_adapter", "recruiter_left"))
@blueprint.arguments(AtsConnectionRequest)
@blueprint.response(201, AtsConnectionMade)
def connect_ats(values: dict[str, Any], client_id: str) -> dict[str, Any]:
    """Let an ATS open conversations. The secret it is to sign with is shown this once."""
    with client_scope(client_id) as session:
        try:
            row, secret = service.connect(session, client_id, **values)
        except ValidationError as error:
            abort(422, messages={"json": {"settings": error.messages}})
        return {**_shown(row), "secret": secret}


@blueprint.get("")
@blueprint.response(200, listed(AtsConnectionShown))
def list_ats_connections(client_id: str) -> dict[str, Any]:
    """The client's connections to ATSs."""
    with client_scope(client_id) as session:
        return whole([_shown(row) for row in service.connections(session, client_id)])


@blueprint.delete("/<connection_id>")
@blueprint.response(204)
def disconnect_ats(client_id: str, connection_id: str) -> None:
    """Forget a connection, with what its events came to."""
    with client_scope(client_id) as session:
        service.disconnect(session, client_id, connection_id)


@blueprint.get("/<connection_id>/deliveries")
@blueprint.response(200, listed(AtsDeliveryShown))
def list_ats_deliveries(client_id: str, connection_id: str) -> dict[str, Any]:
    """What the newest events came to."""
    with client_scope(client_id) as session:
        return whole(service.deliveries(session, client_id, connection_id))


def _shown(row: Connection) -> dict[str, Any]:
    public_url = current_app.extensions["settings"].web.public_url
    return {
        "id": row.id,
        "adapter": row.adapter,
        "line_id": row.line_id,
        "recruiter_id": row.recruiter_id,
        "settings": row.settings,
        "webhook_url": f"{public_url}/webhooks/ats/{row.id}",
        "created_at": row.created_at,
    }
