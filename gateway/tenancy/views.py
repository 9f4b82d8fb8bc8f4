"""Clients and recruiters over HTTP."""

from typing import Any

from flask import g
from flask_smorest import Blueprint

from gateway.api import client_scope, vendor_scope
from gateway.openapi import refusals
from gateway.pages import listed, whole
from gateway.tenancy import service
from gateway.tenancy.models import Client, Recruiter
from gateway.tenancy.schemas import (
    ClientRequest,
    ClientShown,
    RecruiterRequest,
    RecruiterShown,
)

blueprint = Blueprint("tenancy", __name__, url_prefix="/v1/clients")


@blueprint.post("")
@blueprint.doc(**refusals("timezone_missing", "logo_url_refused"))
@blueprint.arguments(ClientRequest, example={"name": "Atlas Logistics", "country": "MA"})
@blueprint.response(201, ClientShown)
def create_client(values: dict[str, Any]) -> Client:
    """Add a client: a recruiting company, whose data is kept apart from every other's."""
    with vendor_scope() as session:
        return service.add_client(session, g.vendor_id, values)


@blueprint.get("")
@blueprint.response(200, listed(ClientShown))
def list_clients() -> dict[str, Any]:
    """Your clients."""
    return whole(service.clients(g.vendor_id))


@blueprint.get("/<client_id>")
@blueprint.response(200, ClientShown)
def show_client(client_id: str) -> Client:
    """One client."""
    return service.client_of(g.vendor_id, client_id)


@blueprint.post("/<client_id>/recruiters")
@blueprint.doc(**refusals("recruiter_exists"))
@blueprint.arguments(
    RecruiterRequest, example={"name": "Sara El Amrani", "email": "sara@atlas.example"}
)
@blueprint.response(201, RecruiterShown)
def create_recruiter(values: dict[str, Any], client_id: str) -> Recruiter:
    """Add a recruiter: a person of the client who writes to candidates."""
    with client_scope(client_id) as session:
        return service.create_recruiter(session, client_id, values["name"], values["email"])


@blueprint.get("/<client_id>/recruiters")
@blueprint.response(200, listed(RecruiterShown))
def list_recruiters(client_id: str) -> dict[str, Any]:
    """The client's recruiters, those who left included."""
    with client_scope(client_id) as session:
        return whole(service.recruiters(session, client_id))
