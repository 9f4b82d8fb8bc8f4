"""Papers over HTTP."""

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_smorest import Blueprint

from gateway.api import client_scope
from gateway.messaging import downloads
from gateway.onboarding import paper_files
from gateway.onboarding.paper_schemas import DocumentForm, DocumentShown, DocumentUpload
from gateway.openapi import refusals
from gateway.pages import listed, whole
from gateway.tenancy import documents
from gateway.tenancy.papers import Standing

blueprint = Blueprint("papers", __name__, url_prefix="/v1/clients/<client_id>/documents")


@blueprint.post("")
@blueprint.doc(
    requestBody={"content": {"multipart/form-data": {"schema": DocumentUpload}}},
    **refusals(
        "unsupported_document",
        "logo_not_an_image",
        "logo_is_svg",
        "logo_too_large",
        "document_active",
        "document_unreadable",
        "paper_number_invalid",
        "paper_expired",
        "paper_of_the_future",
    ),
)
@blueprint.arguments(DocumentForm, location="form", content_type="multipart/form-data")
@blueprint.response(201, DocumentShown)
def add_document(form: dict[str, Any], client_id: str) -> Standing:
    """Add a paper (a PDF, PNG or JPEG file) or the logo (PNG, JPEG, WebP, GIF or BMP).

    The newest of its kind counts; a new logo is put on the client's lines.
    """
    kind = form.pop("kind")
    file = paper_files.taken(request.files.get("file"), kind)
    with client_scope(client_id) as session:
        return documents.add(
            session,
            client_id,
            kind=kind,
            filename=file.filename,
            content_type=file.content_type,
            content=file.content,
            says=form,
        )


@blueprint.get("")
@blueprint.response(200, listed(DocumentShown))
def list_documents(client_id: str) -> dict[str, Any]:
    """The client's papers and logos, how each stands, and those that were replaced."""
    with client_scope(client_id) as session:
        return whole(documents.standings(session, client_id))


@blueprint.get("/<document_id>")
@blueprint.response(200, DocumentShown)
def show_document(client_id: str, document_id: str) -> Standing:
    """One paper: how it stands, and how its address compares with the registered one."""
    with client_scope(client_id) as session:
        return documents.standing(session, client_id, document_id)


@blueprint.get("/<document_id>/content")
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type="*/*")
def download_document(client_id: str, document_id: str) -> ResponseReturnValue:
    """The file itself, for a person to look at: downloaded, never run by a browser."""
    with client_scope(client_id) as session:
        paper = documents.standing(session, client_id, document_id).paper
        return downloads.attached(
            documents.read(session, paper), paper.content_type, paper.filename, paper.sha256
        )


@blueprint.post("/<document_id>/confirm")
@blueprint.doc(**refusals("nothing_to_confirm"))
@blueprint.response(200, DocumentShown)
def confirm_document(client_id: str, document_id: str) -> Standing:
    """Confirm, as a person who looked, that the bill's address is the registered one."""
    with client_scope(client_id) as session:
        return documents.confirm(session, client_id, document_id)
