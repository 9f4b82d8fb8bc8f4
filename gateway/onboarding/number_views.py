"""Whether a client's own number can be connected, asked before the sign-up."""

from dataclasses import asdict
from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from gateway.api import client_scope
from gateway.onboarding import clean_number
from gateway.shapes import Shown
from gateway.tenancy import service as tenancy

blueprint = Blueprint("own_numbers", __name__, url_prefix="/v1/clients")


class PreflightQuery(Schema):
    language = fields.String(
        load_default=None,
        validate=validate.OneOf(("ar", "en", "fr")),
        metadata={"description": "Else the client's own."},
    )


class WayShown(Shown):
    code = fields.String(metadata={"description": "`coexist`: the number stays in the app."})
    title = fields.String()
    steps = fields.List(fields.String())


class PlaceShown(Shown):
    """Where the number may live today; its ways to be connected, the gentlest first."""

    code = fields.String(validate=validate.OneOf(tuple(clean_number.PLACES)))
    title = fields.String()
    ways = fields.List(fields.Nested(WayShown))


class SaidShown(Shown):
    """What Meta's page may say of a number, which nobody tells us, and the answer."""

    code = fields.String(validate=validate.OneOf(clean_number.SAID))
    meta_says = fields.String()
    means = fields.String()
    do = fields.String()


class PreflightShown(Shown):
    """The question to ask before the sign-up is opened, and all of its answers."""

    language = fields.String()
    direction = fields.String(validate=validate.OneOf(("ltr", "rtl")))
    question = fields.String()
    places = fields.List(fields.Nested(PlaceShown))
    said = fields.List(fields.Nested(SaidShown))


@blueprint.get("/<client_id>/number-preflight")
@blueprint.arguments(PreflightQuery, location="query")
@blueprint.response(200, PreflightShown)
def preflight(values: dict[str, Any], client_id: str) -> dict[str, Any]:
    """Where a number lives today, and how each can be connected; what Meta's page may say of it."""
    with client_scope(client_id) as session:
        client = tenancy.client(session, client_id)
        spoken = clean_number.language(values["language"] or client.default_language)
        country = client.country
    return {
        "language": spoken.code,
        "direction": spoken.direction,
        "question": spoken.words["question"],
        "places": [asdict(place) for place in clean_number.places(spoken, country)],
        "said": [
            {"meta_says": words, **asdict(found)} for words, found in clean_number.said(spoken)
        ],
    }
