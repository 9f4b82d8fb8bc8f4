"""A vendor's webhook endpoints and their secrets."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gateway import secrets
from gateway.errors import ProviderError
from gateway.events import signing
from gateway.events.models import WebhookEndpoint
from gateway.http_client import HttpClient
from gateway.ids import InvalidId, new_id
from gateway.problems import Problem, not_found

EVERYTHING: Final = "*"
ROTATION: Final = timedelta(hours=24)
_LOCK: Final = {"key_share": True}  # deliveries may still refer to it
GONE: Final = 410
PATIENCE: Final = 5  # calls in a row that time out, before an endpoint rests
REST: Final = timedelta(minutes=1)


def all_of(session: Session, vendor_id: str) -> list[WebhookEndpoint]:
    query = select(WebhookEndpoint).where(WebhookEndpoint.vendor_id == vendor_id)
    return list(session.scalars(query.order_by(WebhookEndpoint.id)))


def endpoint(
    session: Session, vendor_id: str, endpoint_id: str, *, lock: bool = False
) -> WebhookEndpoint:
    try:
        row = session.get(
            WebhookEndpoint, (vendor_id, endpoint_id), with_for_update=_LOCK if lock else None
        )
    except InvalidId:
        row = None
    if row is None:
        raise not_found("webhook endpoint")
    return row


def create(
    session: Session, vendor_id: str, values: Mapping[str, Any]
) -> tuple[WebhookEndpoint, str]:
    """A new endpoint and its secret, which is shown this once."""
    secret = signing.new_secret()
    row = WebhookEndpoint(
        **values,
        vendor_id=vendor_id,
        id=new_id("whe"),
        enabled=True,
        unanswered=0,
        created_at=datetime.now(UTC),
    )
    row.secret = secrets.seal_for(session, vendor_id, secret, _place(row))
    session.add(row)
    return row, secret


def change(
    session: Session, vendor_id: str, endpoint_id: str, values: Mapping[str, Any]
) -> WebhookEndpoint:
    row = endpoint(session, vendor_id, endpoint_id, lock=True)
    for name, value in values.items():
        setattr(row, name, value)
    if "enabled" in values:
        row.disabled_reason = None if row.enabled else "requested"
    return row


def rotate(session: Session, vendor_id: str, endpoint_id: str) -> tuple[WebhookEndpoint, str]:
    """A new secret, shown this once; the one before it signs as well for a day."""
    row = endpoint(session, vendor_id, endpoint_id, lock=True)
    secret = signing.new_secret()
    row.previous_secret, row.previous_secret_until = row.secret, datetime.now(UTC) + ROTATION
    row.secret = secrets.seal_for(session, vendor_id, secret, _place(row))
    return row, secret


def delete(session: Session, vendor_id: str, endpoint_id: str) -> None:
    """The endpoint is no more; what it was still to be told is told to nobody."""
    session.delete(endpoint(session, vendor_id, endpoint_id, lock=True))


def heard(
    session: Session, vendor_id: str, endpoint_id: str, status: int | None, error: str | None
) -> None:
    """What a call says of the endpoint itself: it is gone, it answers, it lets calls time out."""
    this = update(WebhookEndpoint).where(
        WebhookEndpoint.vendor_id == vendor_id, WebhookEndpoint.id == endpoint_id
    )
    if status == GONE:
        session.execute(this.values(enabled=False, disabled_reason="gone"))
    elif status is not None:
        session.execute(this.where(WebhookEndpoint.unanswered > 0).values(unanswered=0))
    elif error == "no_answer":
        rests = {"resting_until": datetime.now(UTC) + REST}
        session.execute(this.values(unanswered=WebhookEndpoint.unanswered + 1, **rests))


def is_resting(row: WebhookEndpoint) -> bool:
    """Whoever lets call after call time out would soon hold all of a worker's threads."""
    until = row.resting_until
    return row.unanswered >= PATIENCE and until is not None and until > datetime.now(UTC)


def wants(row: WebhookEndpoint, type_: str) -> bool:
    return EVERYTHING in row.events or type_ in row.events


def secrets_of(session: Session, row: WebhookEndpoint) -> tuple[str, ...]:
    """What signs now: the secret, and for a day after a rotation the one before it."""
    sealed = [row.secret]
    until = row.previous_secret_until
    if row.previous_secret and until and until > datetime.now(UTC):
        sealed.append(row.previous_secret)
    return tuple(secrets.unseal_for(session, row.vendor_id, one, _place(row)) for one in sealed)


def check_url(url: str) -> None:
    """Refuse an address that would not be called."""
    http: HttpClient = current_app.extensions["http"]
    try:
        http.check(url)
    except ProviderError as error:
        raise Problem(422, "endpoint_url_refused", error.detail, pointer="/url") from error


def _place(row: WebhookEndpoint) -> str:
    return f"webhook_endpoints|{row.vendor_id}|{row.id}"
