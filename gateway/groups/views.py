"""What groups would be for a line, over HTTP."""

from flask_smorest import Blueprint

from gateway.api import client_scope
from gateway.groups import service
from gateway.groups.models import GroupsLook
from gateway.groups.schemas import GroupsLookShown
from gateway.openapi import refusals

blueprint = Blueprint("groups", __name__, url_prefix="/v1/clients/<client_id>/lines/<line_id>")


@blueprint.get("/groups")
@blueprint.doc(**refusals("not_investigated"))
@blueprint.response(200, GroupsLookShown)
def show_groups(client_id: str, line_id: str) -> GroupsLook:
    """Whether the line may use WhatsApp groups and what for, as it was seen last."""
    with client_scope(client_id) as session:
        return service.seen(session, client_id, line_id)


@blueprint.post("/groups")
@blueprint.doc(**refusals("line_not_ready", "no_investigation"))
@blueprint.response(202, GroupsLookShown)
def investigate_groups(client_id: str, line_id: str) -> GroupsLook:
    """Look afresh at how the line's number stands with WhatsApp groups. Nothing is sent."""
    with client_scope(client_id) as session:
        return service.ask(session, client_id, line_id)
