"""By whose access a provider acts: the platform's, or that of the client whose WABA it is."""

from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway import secrets
from gateway.database import tenant
from gateway.provisioning.connector_contract import ActsForOthers
from gateway.provisioning.models import Number
from gateway.provisioning.numbers import number_of

P = TypeVar("P")


def of_waba(provider: P, client_id: str, waba_id: str | None) -> P:
    """The provider for a WABA of this client's."""
    with tenant(client_id) as session:
        return _acting(session, provider, client_id, waba_id)


def of_line(provider: P, client_id: str, line_id: str) -> P:
    """The provider for the number that is a line's now."""
    with tenant(client_id) as session:
        number = number_of(session, line_id)
        return _acting(session, provider, client_id, number.waba_id if number else None)


def of_number(provider: P, client_id: str, phone_number_id: str | None) -> P:
    """The provider for a number by Meta's id."""
    with tenant(client_id) as session:
        waba_id = session.scalars(
            select(Number.waba_id)
            .where(Number.phone_number_id == phone_number_id)
            .order_by(Number.rented_at.desc())
        ).first()
        return _acting(session, provider, client_id, waba_id)


def _acting(session: Session, provider: P, client_id: str, waba_id: str | None) -> P:
    if waba_id is None or not isinstance(provider, ActsForOthers):
        return provider
    access_token = token(session, client_id, waba_id)
    return provider.acting_by(access_token) if access_token else provider


def token(session: Session, client_id: str, waba_id: str) -> str | None:
    """The access that a client gave to its WABA."""
    return secrets.read(session, client_id, secret_of(waba_id))


def secret_of(waba_id: str) -> str:
    return f"access:{waba_id}"
