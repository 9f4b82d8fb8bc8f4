"""A number of the pool becomes a client's: what it spares the activation is done at once."""

from datetime import UTC, datetime
from typing import Final

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway.database import visiting
from gateway.messaging import templates
from gateway.onboarding import pool
from gateway.onboarding.models import Activation, ActivationStep
from gateway.onboarding.signup_contract import Connection
from gateway.provisioning import pooled
from gateway.provisioning.models import Line
from gateway.tenancy import house

_INTRODUCE: Final = "introduce"


def assign(session: Session, line: Line) -> None:
    """Give the new line a number that is ready, if there is one; in the client's scope."""
    kept_by = pooled.hand_over(session, line, pool.CASE)
    if kept_by is None:
        return
    with visiting(session, house.CLIENT):
        before = _activation(session, house.CLIENT, kept_by)
        waba_id = before.facts["waba_id"]
        known = templates.in_waba(session, house.CLIENT, waba_id)
    activation = _activation(session, line.client_id, line.id)
    activation.supplier, activation.ordered_at = before.supplier, before.ordered_at
    activation.registrar = before.registrar
    activation.facts = {**activation.facts, **before.facts, "kept_by": kept_by}
    templates.adopt(session, line.client_id, known)
    spared = {*pool.STEPS} if templates.may_introduce(_platform(), known) else _unapproved()
    now = datetime.now(UTC)
    for step in session.scalars(
        select(ActivationStep).where(
            ActivationStep.client_id == line.client_id,
            ActivationStep.activation_id == activation.id,
            ActivationStep.name.in_(spared),
        )
    ):
        step.state, step.started_at, step.finished_at = "done", now, now
    with visiting(session, house.CLIENT):  # last: who takes another number waits for this row
        pool.promise(session, pool.CASE, line.country)


def assign_picked(session: Session, line: Line, found: Connection) -> bool:
    """Give the line the number of ours that its client picked in the sign-up; in its scope."""
    number = pooled.hand_over_picked(session, line, pool.PRE_VERIFIED, found.phone_number)
    if number is None:
        return False
    with visiting(session, None):
        number.portfolio_id, number.waba_id = found.portfolio_id, found.waba_id
        number.phone_number_id = found.phone_number_id
    _activation(session, line.client_id, line.id).supplier = number.supplier
    with visiting(session, house.CLIENT):
        pool.promise(session, pool.PRE_VERIFIED, line.country)
    return True


def _unapproved() -> set[str]:
    return {name for name in pool.STEPS if name != _INTRODUCE}


def _activation(session: Session, client_id: str, line_id: str) -> Activation:
    query = select(Activation).where(
        Activation.client_id == client_id, Activation.line_id == line_id
    )
    return session.scalars(query).one()


def _platform() -> str:
    name: str = current_app.extensions["settings"].platform.name
    return name
