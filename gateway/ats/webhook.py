"""Where an ATS delivers its events: verified over the raw bytes, stored, then answered."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from gateway.api import raw_body
from gateway.ats import service

blueprint = Blueprint("ats_webhook", __name__, url_prefix="/webhooks/ats")


@blueprint.post("/<connection_id>")
def deliver(connection_id: str) -> ResponseReturnValue:
    """An event of one connection, as often as the ATS thinks fit."""
    headers = {name.lower(): value for name, value in request.headers}
    service.take(connection_id, headers, raw_body())
    return "", 202
