"""What hangs on a supplier: it stays on offer until nothing does."""

from dataclasses import dataclass

from sqlalchemy import select

from gateway.database import lock, platform, tenant
from gateway.onboarding.models import Activation
from gateway.problems import Problem
from gateway.provisioning import numbers, suppliers
from gateway.tenancy import house
from gateway.tenancy import service as tenancy


@dataclass(frozen=True, kw_only=True)
class Dependent:
    """A number rented there, or an activation that may have ordered there; either has its line."""

    line_id: str | None
    phone_number: str | None
    what: str  # "rented", "quarantined", or the state of the activation


def of_supplier(name: str) -> list[Dependent]:
    """What would be cut off without it."""
    with platform() as session:
        rented = [
            Dependent(line_id=row.line_id, phone_number=row.phone_number, what=row.state)
            for row in numbers.rented_of(session, name)
        ]
    lines = {dependent.line_id for dependent in rented}
    ordering = [
        Dependent(line_id=row.line_id, phone_number=None, what=f"activation {row.state}")
        for row in _activations(name)
        if row.line_id not in lines
    ]
    return rented + ordering


def remove(name: str) -> None:
    """Take a supplier off the offer for good. Problem 409 `supplier_in_use` names what hangs on it.

    It must be paused: then nothing new comes to hang on it meanwhile.
    """
    with platform() as session:
        suppliers.known(name)
        lock(session, suppliers.lock_name(name))
        if suppliers.may_order(session, name):
            raise Problem(
                409, "supplier_not_paused", f"Pause it first: gateway suppliers pause {name}"
            )
        found = of_supplier(name)
        if found:
            listed = ", ".join(_named(dependent) for dependent in found)
            raise Problem(409, "supplier_in_use", f"These depend on {name}: {listed}.")
        suppliers.remove(session, name)


def _activations(supplier: str) -> list[Activation]:
    """Those that are not over, of all clients."""
    query = select(Activation).where(
        Activation.supplier == supplier, Activation.state.in_(("running", "failed", "undoing"))
    )
    customers = [
        client.client_id for vendor in tenancy.vendors() for client in tenancy.clients(vendor.id)
    ]
    found: list[Activation] = []
    for client_id in (house.CLIENT, *customers):
        with tenant(client_id) as session:
            found += session.scalars(query)
    return found


def _named(dependent: Dependent) -> str:
    parts = (dependent.line_id, dependent.phone_number, f"({dependent.what})")
    return " ".join(part for part in parts if part)
