"""The vendor's events, pulled, and where they are pushed to."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import g
from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from gateway.api import vendor_scope
from gateway.database import working_for
from gateway.events import deliveries, endpoints, publishing
from gateway.events.models import WebhookEndpoint
from gateway.events.schemas import (
    DeliveryQuery,
    DeliveryShown,
    EndpointPatch,
    EndpointRequest,
    EndpointShown,
    EndpointWithSecret,
    EventQuery,
    EventShown,
    ResendRequest,
    ResendShown,
)
from gateway.openapi import refusals
from gateway.pages import cursor, listed, position, whole

blueprint = Blueprint("events", __name__, url_prefix="/v1")


@blueprint.get("/events")
@blueprint.doc(**refusals("invalid_cursor"))
@blueprint.arguments(EventQuery, location="query")
@blueprint.response(200, listed(EventShown))
def list_events(query: dict[str, Any]) -> dict[str, Any]:
    """What happened to all clients, in order. Keep `next_cursor`: what is new comes after it."""
    limit = query["limit"]
    after = position(query["after"]) or 0
    with vendor_scope() as session:
        rows = publishing.published(session, g.vendor_id, after=after, limit=limit + 1)
    shown = rows[:limit]
    return {
        "data": shown,
        "has_more": len(rows) > limit,
        "next_cursor": cursor(shown[-1].position) if shown else query["after"],
    }


@blueprint.post("/webhook-endpoints")
@blueprint.doc(**refusals("endpoint_url_refused"))
@blueprint.arguments(EndpointRequest)
@blueprint.response(201, EndpointWithSecret)
def create_webhook_endpoint(values: dict[str, Any]) -> dict[str, Any]:
    """Events from now on are pushed there. The answer alone shows the secret."""
    endpoints.check_url(values["url"])
    with _working_scope() as session:
        return _with_secret(*endpoints.create(session, g.vendor_id, values))


@blueprint.get("/webhook-endpoints")
@blueprint.response(200, listed(EndpointShown))
def list_webhook_endpoints() -> dict[str, Any]:
    """Where the vendor's events are pushed to."""
    with vendor_scope() as session:
        return whole(endpoints.all_of(session, g.vendor_id))


@blueprint.get("/webhook-endpoints/<endpoint_id>")
@blueprint.response(200, EndpointShown)
def show_webhook_endpoint(endpoint_id: str) -> WebhookEndpoint:
    """One endpoint; its secret is not shown again."""
    with vendor_scope() as session:
        return endpoints.endpoint(session, g.vendor_id, endpoint_id)


@blueprint.patch("/webhook-endpoints/<endpoint_id>")
@blueprint.doc(**refusals("endpoint_url_refused"))
@blueprint.arguments(EndpointPatch)
@blueprint.response(200, EndpointShown)
def change_webhook_endpoint(values: dict[str, Any], endpoint_id: str) -> WebhookEndpoint:
    """Another address, other events, or whether it is told at all."""
    if "url" in values:
        endpoints.check_url(values["url"])
    with vendor_scope() as session:
        return endpoints.change(session, g.vendor_id, endpoint_id, values)


@blueprint.delete("/webhook-endpoints/<endpoint_id>")
@blueprint.response(204)
def delete_webhook_endpoint(endpoint_id: str) -> None:
    """Remove an endpoint; what it was still to be told is told to nobody."""
    with vendor_scope() as session:
        endpoints.delete(session, g.vendor_id, endpoint_id)


@blueprint.post("/webhook-endpoints/<endpoint_id>/rotate-secret")
@blueprint.response(200, EndpointWithSecret)
def rotate_webhook_secret(endpoint_id: str) -> dict[str, Any]:
    """A new secret, shown here alone; the old one signs as well for 24 hours."""
    with _working_scope() as session:
        return _with_secret(*endpoints.rotate(session, g.vendor_id, endpoint_id))


@blueprint.get("/webhook-endpoints/<endpoint_id>/deliveries")
@blueprint.doc(**refusals("invalid_cursor"))
@blueprint.arguments(DeliveryQuery, location="query")
@blueprint.response(200, listed(DeliveryShown))
def list_webhook_deliveries(query: dict[str, Any], endpoint_id: str) -> dict[str, Any]:
    """What became of each event, newest first, with every attempt."""
    limit = query["limit"]
    with vendor_scope() as session:
        row = endpoints.endpoint(session, g.vendor_id, endpoint_id)
        found = deliveries.page(
            session,
            row,
            status=query["status"],
            before=position(query["after"]),
            limit=limit + 1,
        )
    more = len(found) > limit
    shown = [(delivery, type_) for delivery, type_ in found[:limit]]
    names = [name for name in DeliveryShown().fields if name != "type"]
    return {
        "data": [
            {"type": type_, **{name: getattr(delivery, name) for name in names}}
            for delivery, type_ in shown
        ],
        "has_more": more,
        "next_cursor": cursor(shown[-1][0].position) if more else None,
    }


@blueprint.post("/webhook-endpoints/<endpoint_id>/resend")
@blueprint.doc(**refusals("endpoint_disabled", "too_many_events"))
@blueprint.arguments(ResendRequest)
@blueprint.response(202, ResendShown)
def resend_events(values: dict[str, Any], endpoint_id: str) -> dict[str, int]:
    """Push again, under the same webhook-id, by a schedule that begins anew."""
    with _working_scope() as session:
        row = endpoints.endpoint(session, g.vendor_id, endpoint_id)
        return {"events": deliveries.resend(session, row, values)}


@contextmanager
def _working_scope() -> Iterator[Session]:
    with vendor_scope() as session, working_for(g.vendor_id, within=session):
        yield session


def _with_secret(row: WebhookEndpoint, secret: str) -> dict[str, Any]:
    return {**{name: getattr(row, name) for name in EndpointShown().fields}, "secret": secret}
