"""Where lines live, and which of them somebody must look at."""

from collections.abc import Iterator

from gateway.database import platform, tenant
from gateway.doctor.finding import Finding
from gateway.provisioning import budget, capacity
from gateway.provisioning import service as provisioning
from gateway.tenancy import service as tenancy


def portfolios() -> Iterator[Finding]:
    with platform() as session:
        rooms = capacity.rooms(session)
    if not rooms:
        yield Finding(
            check="portfolios",
            verdict="warn",
            detail="No portfolio is configured: virtual numbers cannot be placed.",
            remedy="Add [[provisioning.portfolios]] to the configuration.",
        )
    for room in rooms:
        yield Finding(
            check=f"portfolio {room.portfolio_id}",
            verdict="warn" if room.is_full else "ok",
            detail=f"There is room for {max(0, room.left)} of {room.limit} numbers.",
            remedy="Ask Meta for more numbers, or add a portfolio." if room.is_full else "",
        )
        for waba in room.closed:
            yield Finding(
                check=f"WABA {waba}",
                verdict="warn",
                detail="Meta closed it, or lets it take no numbers: no new one is put there.",
                remedy="See the WhatsApp Manager, and appeal there.",
            )


def budgets() -> Iterator[Finding]:
    with platform() as session:
        states = budget.states(session)
    for portfolio, state in states.items():
        limit = "any number of" if state.people is None else f"{state.people}"
        yield Finding(
            check=f"budget {portfolio}",
            verdict="warn" if state.waiting else "ok",
            detail=f"{state.used} of {limit} people were written to first in 24 h;"
            f" {state.waiting} wait.",
            remedy="They follow as places free. Meta raises the limit with verification and use;"
            " or add a portfolio."
            if state.waiting
            else "",
        )


def suspended() -> Iterator[Finding]:
    for owner in tenancy.vendors():
        for client in tenancy.clients(owner.id):
            with tenant(client.client_id) as session:
                lines = provisioning.lines(session, client.client_id)
            for line in lines:
                if line.status == "suspended" and line.release_at is None:
                    why = line.suspension or {}
                    yield Finding(
                        check=f"line {line.id}",
                        verdict="warn",
                        detail=f"Nothing leaves it ({why.get('code', 'unknown')}).",
                        remedy=why.get("detail", "Look at it in the WhatsApp Manager."),
                    )
