"""What stands now, read for whoever decides between the cases."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from gateway import clock
from gateway.costs.contract import EstimateFacts, Pricing
from gateway.database import visiting
from gateway.onboarding import papers, pool
from gateway.onboarding.case_contract import (
    CaseFacts,
    ClientSeen,
    OperatorSeen,
    PortfolioSeen,
    SupplierSeen,
)
from gateway.provisioning import budget, capacity, operator_standing, pooled, stock
from gateway.provisioning.choosing import Reason
from gateway.provisioning.stock import Seen
from gateway.tenancy import documents, house
from gateway.tenancy import service as tenancy


@dataclass(frozen=True, kw_only=True)
class Asker:
    """Who decides: a client in its own scope, or anybody of a country in the platform's."""

    country: str
    client_id: str | None = None


def gather(session: Session, asker: Asker, volume: Mapping[str, int] | None = None) -> CaseFacts:
    """`volume`: messages a month, by kind, as `EstimateFacts` names them; None: prices are left
    out."""
    with visiting(session, None):
        offer = stock.on_offer(session, asker.country)
        taken, room = capacity.taken_and_left(session)
        app, *portfolios = operator_standing.seen(session)
        held = tuple(_portfolio(session, one) for one in portfolios)
    with visiting(session, house.CLIENT):
        ready = pooled.count_ready(session, pool.CASE, asker.country)
    pricing: Pricing | None = current_app.extensions["plugin_host"].pricing if volume else None
    today = clock.now().date()
    return CaseFacts(
        country=asker.country,
        client=_client(session, asker.client_id) if asker.client_id else None,
        suppliers=tuple(_supplier(session, asker.client_id, seen) for seen in offer.seen),
        left_out=offer.left_out,
        ready=ready,
        placed=taken,
        room=room,
        can_sign_up=can_sign_up(),
        operator=_operator(app),
        portfolios=held,
        number_price=pricing.quote_number(asker.country, today) if pricing else None,
        estimate=_estimate(pricing, asker.country, volume or {}) if pricing else None,
    )


def _client(session: Session, client_id: str) -> ClientSeen:
    client = tenancy.client(session, client_id)
    uploaded = any(it.paper.kind == "logo" for it in documents.standings(session, client_id))
    error = None if uploaded else client.logo_error
    return ClientSeen(
        has_logo=uploaded or bool(client.logo_url),
        logo_error=error["detail"] if error else None,
        waits_for_name=client.hold_introductions_until_named,
    )


def _supplier(session: Session, client_id: str | None, seen: Seen) -> SupplierSeen:
    row = seen.stock
    wants = row.wants if row else []
    lacking: tuple[str, ...] = ()
    if wants and client_id:
        lacking = papers.ready(session, client_id, wants).lacking  # type: ignore[arg-type]
    return SupplierSeen(
        name=seen.supplier,
        seen_at=row.seen_at if row else None,
        refusal=Reason(supplier=seen.supplier, **row.refusal) if row and row.refusal else None,  # type: ignore[arg-type]
        wants_papers=bool(wants),
        lacking=lacking,
    )


def _operator(app: operator_standing.Seen) -> OperatorSeen | None:
    if app.status is None or app.seen_at is None:
        return None
    return OperatorSeen(
        acts_for_others=app.status == operator_standing.FOR_OTHERS, seen_at=app.seen_at
    )


def _portfolio(session: Session, one: operator_standing.Seen) -> PortfolioSeen:
    return PortfolioSeen(
        verification=one.status,
        seen_at=one.seen_at,
        people=budget.limit(session, one.subject),
    )


def can_sign_up() -> bool:
    """Whether the operator has configured the platform's sign-up."""
    name = current_app.extensions["settings"].provisioning.registrar
    connectors = current_app.extensions["plugin_host"].connectors
    return name in connectors.names() and connectors.get(name).is_configured


def _estimate(pricing: Pricing, country: str, volume: Mapping[str, int]) -> Mapping[str, Any]:
    facts = EstimateFacts(
        on=clock.now().date(), country=country, rate_card=None, clients=1, **volume
    )
    return pricing.estimate(facts)
