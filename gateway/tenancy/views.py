"""Clients, recruiters and papers over HTTP."""

from typing import Any

from flask import g, request
from flask_smorest import Blueprint
from werkzeug.utils import secure_filename

from gateway import pictures
from gateway.api import client_scope, vendor_scope
from gateway.errors import Refused
from gateway.openapi import refusals
from gateway.pages import listed, whole
from gateway.problems import Problem
from gateway.tenancy import service
from gateway.tenancy.models import Client, Document, Recruiter
from gateway.tenancy.schemas import (
    ClientRequest,
    ClientShown,
    DocumentForm,
    DocumentShown,
    DocumentUpload,
    RecruiterRequest,
    RecruiterShown,
)

blueprint = Blueprint("tenancy", __name__, url_prefix="/v1/clients")
_SIGNATURES = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
}


@blueprint.post("")
@blueprint.doc(**refusals("timezone_missing"))
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


@blueprint.post("/<client_id>/documents")
@blueprint.doc(
    requestBody={"content": {"multipart/form-data": {"schema": DocumentUpload}}},
    **refusals("unsupported_document", "logo_not_an_image", "logo_is_svg", "logo_too_large"),
)
@blueprint.arguments(DocumentForm, location="form", content_type="multipart/form-data")
@blueprint.response(201, DocumentShown)
def add_document(form: dict[str, Any], client_id: str) -> Document:
    """Add a paper (a PDF, PNG or JPEG file) or the logo (PNG, JPEG, WebP, GIF or BMP).

    A new logo is put on the client's lines.
    """
    upload = request.files.get("file")
    if upload is None:
        raise Problem(422, "invalid_request", "Send the paper as `file`.", pointer="/file")
    content = upload.read()
    kind = _picture_type(content) if form["kind"] == "logo" else _paper_type(content)
    with client_scope(client_id) as session:
        return service.add_document(
            session,
            client_id,
            kind=form["kind"],
            filename=secure_filename(upload.filename or "") or "unnamed",
            content_type=kind,
            content=content,
        )


def _paper_type(content: bytes) -> str:
    kind = next((kind for mark, kind in _SIGNATURES.items() if content.startswith(mark)), None)
    if kind is None:
        raise Problem(
            422,
            "unsupported_document",
            "The file is no PDF, PNG or JPEG, whatever its name says.",
            pointer="/file",
        )
    return kind


def _picture_type(content: bytes) -> str:
    try:
        return pictures.content_type(content)
    except Refused as refused:
        raise Problem(422, refused.code, refused.detail, pointer="/file") from refused


@blueprint.get("/<client_id>/documents")
@blueprint.response(200, listed(DocumentShown))
def list_documents(client_id: str) -> dict[str, Any]:
    """The client's papers and logos."""
    with client_scope(client_id) as session:
        return whole(service.documents(session, client_id))
