"""A number whose quarantine is over becomes the house's again, as if nobody had had it."""

from flask import current_app
from sqlalchemy.orm import Session

from gateway import clock, secrets
from gateway.audit import service as audit
from gateway.database import visiting
from gateway.plugin_host import PluginHost
from gateway.provisioning import quarantine, suppliers
from gateway.provisioning.models import Number
from gateway.provisioning.papers_contract import TakesPapers
from gateway.tenancy import house


def country_of(session: Session, number: Number) -> str | None:
    """For which country the house may keep it; None where it is to go back to its supplier.

    Asked in the platform's scope; until the transaction ends its supplier stays as it is.
    """
    if number.client_id == house.CLIENT or number.supplier is None or number.gone_at is not None:
        return None  # an operator took it out of the pool, or it is on its way back already
    host: PluginHost = current_app.extensions["plugin_host"]
    country = quarantine.country_of(session, number)
    seller = host.suppliers.get(number.supplier)
    is_on_papers = isinstance(seller, TakesPapers) and country and seller.asks_clients(country)
    if is_on_papers or not suppliers.may_order(session, number.supplier):
        return None
    return country


def reuse(session: Session, number: Number, line_id: str) -> None:
    """It ends with whoever had it and begins with this line of the house, in one act.

    Meta has forgotten it: nothing is known of it but who rents it out, and its PIN.
    """
    pin = None
    if number.client_id is not None:
        with visiting(session, number.client_id):
            pin = secrets.read(session, number.client_id, f"pin:{number.line_id}")
    quarantine.end(session, number, is_pooled=True)
    now = clock.now()
    session.add(
        Number(
            client_id=house.CLIENT,
            line_id=line_id,
            supplier=number.supplier,
            supplier_ref=number.supplier_ref,
            phone_number=number.phone_number,
            hears=number.hears,
            state="rented",
            monthly_amount=number.monthly_amount,
            monthly_currency=number.monthly_currency,
            rented_at=now,
            assigned_at=now,  # this month's rent is entered
        )
    )
    session.flush()
    with visiting(session, house.CLIENT):
        if pin is not None:
            secrets.keep_once(session, house.CLIENT, f"pin:{line_id}", pin)
        phone_number = number.phone_number
        audit.record(session, house.CLIENT, "number.pooled", line_id, phone_number=phone_number)
