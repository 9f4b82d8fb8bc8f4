"""Replacing a line's number: what it means beforehand, and how it begins."""

from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from gateway import clock
from gateway.audit import service as audit
from gateway.messaging import reintroducing
from gateway.messaging.reintroducing import Forecast
from gateway.onboarding import cases, service, taking_over
from gateway.provisioning import retiring
from gateway.provisioning import service as provisioning
from gateway.provisioning.models import Line


@dataclass(frozen=True, kw_only=True)
class Consequences:
    """What a replacement would do. Prices are None where they are not known."""

    phone_number: str
    supplier: str
    talks: Forecast
    monthly_rent: dict[str, Any] | None


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
    audit.record(session, client_id, "line.replacement_requested", line_id, by=prepared.id)
    return prepared
