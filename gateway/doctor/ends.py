"""Lines that stand badly with Meta, and numbers that cost money for nothing."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from gateway.database import platform, tenant
from gateway.doctor.finding import Finding
from gateway.provisioning import health, quarantine
from gateway.provisioning import service as provisioning
from gateway.tenancy import service as tenancy


def unwell() -> Iterator[Finding]:
    """Lines that Meta may stop next; those that are stopped have a finding of their own."""
    for owner in tenancy.vendors():
        for client in tenancy.clients(owner.id):
            with tenant(client.client_id) as session:
                for line in provisioning.lines(session, client.client_id):
                    row = health.of_line(session, client.client_id, line.id)
                    if line.status != "active" or row is None:
                        continue
                    for problem in row.problems:
                        yield Finding(
                            check=f"line {line.id}",
                            verdict="warn",
                            detail=f"{problem['detail']} ({problem['code']})",
                            remedy=problem["do"],
                        )


def quarantined() -> Iterator[Finding]:
    with platform() as session:
        numbers = quarantine.held(session)
    rents: dict[str, Decimal] = defaultdict(Decimal)
    for number in numbers:
        if number.monthly_amount is not None and number.monthly_currency is not None:
            rents[number.monthly_currency] += number.monthly_amount
    unpriced = sum(number.monthly_amount is None for number in numbers)
    costs = [f"{amount:f} {currency}" for currency, amount in sorted(rents.items())]
    costs += [f"{unpriced} of unknown price"] if unpriced else []
    yield Finding(
        check="quarantine",
        verdict="warn" if numbers else "ok",
        detail=f"{len(numbers)} numbers that no line uses are rented on"
        + (f": {', '.join(costs)} a month." if numbers else "."),
        remedy="Delete them in the WhatsApp Manager, then run `gateway lines quarantine confirm`."
        if numbers
        else "",
    )
