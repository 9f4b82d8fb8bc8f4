"""A number that Meta has forgotten goes to the pool where that lacks one, else to its supplier."""

from datetime import timedelta
from decimal import Decimal
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway import clock, outbox
from gateway.audit import service as audit
from gateway.costs.contract import Money
from gateway.database import platform, visiting
from gateway.errors import Refused
from gateway.messaging import inbox
from gateway.onboarding import pool, pool_filling, service
from gateway.onboarding.models import Activation
from gateway.onboarding.steps.register import RegisterNeutral
from gateway.provisioning import quarantine, reusing
from gateway.provisioning.models import Number
from gateway.tenancy import house

REST: Final = timedelta(days=60)  # until then somebody may answer its former client


def confirm(phone_number: str) -> bool:
    """Meta holds the number no longer; whether the pool keeps it. Meta is asked first.

    What becomes of it is decided once and recorded with what follows: it is in one place always.
    """
    quarantine.require_gone(phone_number)
    with platform() as session:
        number = quarantine.of(session, phone_number)
        if number.gone_at is None:
            audit.record_act(session, "number.deletion_confirmed", phone_number)
        line_id = _wanted(session, number)
        if line_id is None:
            quarantine.let_go(session, number)
        else:
            reusing.reuse(session, number, line_id)
        return line_id is not None


def _wanted(session: Session, number: Number) -> str | None:
    """The line of the house that is to have it: one that waits for a number, else another."""
    country = reusing.country_of(session, number)
    if country is None or _is_remembered(session, number):
        return None
    with visiting(session, house.CLIENT):
        target = pool.target_of(session, pool.CASE, country)
        if target is None:
            return None
        pool.promise(session, pool.CASE, country)  # first: its row is the lock of who counts
        line_id = _place(session, target, _price(number))
        if line_id is None:
            return None
        outbox.put(session, service.ADVANCE, line_id, client_id=house.CLIENT)
        activation = _activation(session, line_id, lock=True)
        if activation.supplier is not None:
            return None
        activation.supplier = number.supplier  # who would order for it now finds it has one
        activation.facts = {**activation.facts, RegisterNeutral.HAD_CLIENT: "yes"}
        return line_id


def _is_remembered(session: Session, number: Number) -> bool:
    """Whether somebody may still answer its former client on it."""
    if number.client_id is None or number.line_id is None:
        return False
    with visiting(session, number.client_id):
        last = inbox.last_message_at(session, number.client_id, number.line_id)
    return last is not None and last > clock.now() - REST


def _place(session: Session, target: pool.Target, price: Money | None) -> str | None:
    """Where the pool has room, and its budget."""
    standing = pool_filling.standing(session, target)
    waiting, ordered = None, Decimal()
    for one in standing.preparing:
        activation = _activation(session, one.line_id)
        if one.phone_number is None and activation.supplier is None:
            waiting = waiting or one.line_id
        elif one.phone_number is None:
            ordered += Decimal(activation.facts.get("monthly_amount") or 0)
    if waiting is None and not standing.missing:
        return None
    try:
        pool.refuse_beyond(session, target, price, ordered=ordered)
    except Refused:
        return None
    return waiting or pool_filling.begin(session, target)


def _activation(session: Session, line_id: str, *, lock: bool = False) -> Activation:
    query = select(Activation).where(
        Activation.client_id == house.CLIENT, Activation.line_id == line_id
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalars(query).one()


def _price(number: Number) -> Money | None:
    if number.monthly_amount is None or number.monthly_currency is None:
        return None
    return Money(amount=number.monthly_amount, currency=number.monthly_currency)
