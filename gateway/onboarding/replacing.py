"""Replacing a line's number: what it means beforehand, and how it begins."""

from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from gateway import clock
from gateway.audit import service as audit
from gateway.database import visiting
from gateway.messaging import reintroducing
from gateway.messaging.reintroducing import Forecast
from gateway.onboarding import cases, pool, pool_assigning, service, taking_over
from gateway.provisioning import pooled, retiring
from gateway.provisioning import service as provisioning
from gateway.provisioning.models import Line
from gateway.tenancy import house


@dataclass(frozen=True, kw_only=True)
class Consequences:
    """What a replacement would do. Prices are None where they are not known.

    `from_pool`: the number is one that is kept ready; else one is ordered.
    """

    phone_number: str
    supplier: str
    talks: Forecast
    monthly_rent: dict[str, Any] | None
    from_pool: bool


def consequences(session: Session, client_id: str, line_id: str) -> Consequences:
    """Problem 409 `not_replaceable` where it cannot be done now."""
    line = provisioning.line(session, client_id, line_id)
    number = retiring.require_replaceable(session, line)
    pricing = current_app.extensions["plugin_host"].pricing
    rent = pricing and pricing.quote_number(line.country, clock.now().date())
    return Consequences(
        phone_number=number.phone_number,
        supplier=str(number.supplier),
        talks=reintroducing.forecast(session, client_id, line_id),
        monthly_rent=cases.shown(rent) if rent else None,
        from_pool=_draws(session, line),
    )


def start(session: Session, client_id: str, line_id: str, *, overlap_days: int) -> Line:
    """The line that prepares the new number, step by step; until it is done nothing changes."""
    line = provisioning.line(session, client_id, line_id, lock=True)
    retiring.require_replaceable(session, line)
    prepared = service.begin(
        session, client_id, case=line.case_name, country=line.country, paid_by=line.paid_by
    )
    prepared.replaces = line_id
    activation = service.progress(session, client_id, prepared.id).activation
    activation.facts = {taking_over.OVERLAP: str(overlap_days)}
    if service.takes_pooled(session, prepared):
        pool_assigning.assign(session, prepared)
    audit.record(session, client_id, "line.replacement_requested", line_id, by=prepared.id)
    return prepared


def _draws(session: Session, line: Line) -> bool:
    """Whether a number of the pool is taken, as an activation would."""
    if not service.takes_pooled(session, line):
        return False
    with visiting(session, house.CLIENT):
        return pooled.count_ready(session, pool.CASE, line.country) > 0
