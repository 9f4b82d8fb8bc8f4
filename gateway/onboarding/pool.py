"""The warm pool: numbers that are rented, verified and registered before anybody asks for one.

A number of the pool is a line of the house. Its activation is any other's, as far as no client's
name is needed; so a crash, a late code or an undo is none that the steps do not know.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gateway import clock, outbox
from gateway.audit import service as audit
from gateway.costs.contract import Money
from gateway.database import tenant
from gateway.errors import Refused
from gateway.onboarding import naming
from gateway.onboarding.models import PoolTarget
from gateway.onboarding.step_contract import Step
from gateway.onboarding.steps.add import Add
from gateway.onboarding.steps.code import Code
from gateway.onboarding.steps.introduce import Introduce
from gateway.onboarding.steps.offer import Offer, VerifyOffered
from gateway.onboarding.steps.order import Order
from gateway.onboarding.steps.place import Place
from gateway.onboarding.steps.register import RegisterNeutral
from gateway.provisioning import pooled
from gateway.provisioning import service as provisioning
from gateway.tenancy import house

CASE: Final = "pool"
PRE_VERIFIED: Final = "pool-pre-verified"  # for those who sign up by themselves at Meta's
PLANS: Final[Mapping[str, tuple[type[Step], ...]]] = {
    CASE: (Order, Place, Add, Code, RegisterNeutral, Introduce),
    PRE_VERIFIED: (Order, Place, Offer, VerifyOffered),
}
STEPS: Final = tuple(step.name for step in PLANS[CASE])
TOP_UP: Final = "onboarding.pool"


@dataclass(frozen=True, kw_only=True)
class Target:
    """How many numbers of a country are to be kept ready, for how much a month in all."""

    case: str
    country: str
    numbers: int
    budget: Money


def aim(target: Target) -> None:
    """Keep so many numbers ready from now on, on all hosts."""
    house.open_house()
    with tenant(house.CLIENT) as session:
        row = session.get(PoolTarget, (house.CLIENT, target.case, target.country)) or PoolTarget(
            client_id=house.CLIENT, case_name=target.case, country=target.country
        )
        row.numbers = target.numbers
        row.budget_amount, row.budget_currency = target.budget.amount, target.budget.currency
        row.changed_at = clock.now()
        session.add(row)
        audit.record(
            session,
            house.CLIENT,
            "pool.aimed",
            target.country,
            case=target.case,
            numbers=target.numbers,
            budget=target.budget.as_json(),
        )
        promise(session, target.case, target.country)


def targets(session: Session) -> Sequence[Target]:
    """What is to be kept ready, by country, in the scope of the house."""
    rows = session.scalars(select(PoolTarget).order_by(PoolTarget.country, PoolTarget.case_name))
    return [_target(row) for row in rows]


def target_of(session: Session, case: str, country: str) -> Target | None:
    row = session.get(PoolTarget, (house.CLIENT, case, country))
    return _target(row) if row else None


def promise(session: Session, case: str, country: str) -> None:
    """The country's numbers are counted again soon, in the scope of the house."""
    outbox.put(session, TOP_UP, f"{case}/{country}", client_id=house.CLIENT)


def finished(session: Session, line_id: str) -> None:
    """An activation of the house is over: the number's name is followed, the next one begun."""
    outbox.put(session, naming.FOLLOW, line_id, client_id=house.CLIENT)
    line = provisioning.line(session, house.CLIENT, line_id)
    promise(session, line.case_name, line.country)


def refuse_rent(session: Session, line_id: str, price: Money | None) -> None:
    """Refused `pool_budget` unless the budget pays a number for this line beside what it keeps."""
    line = provisioning.line(session, house.CLIENT, line_id)
    target = target_of(session, line.case_name, line.country)
    if target is None:
        raise _over("No numbers of this country are to be kept ready.")
    refuse_beyond(session, target, price)


def refuse_beyond(
    session: Session, target: Target, price: Money | None, *, ordered: Decimal = Decimal()
) -> None:
    """Refused `pool_budget` where this price would exceed the budget, beside what is `ordered`."""
    if price is None:
        raise _over("The supplier does not tell the price, so it may exceed the budget.")
    spent = cost(session, target)
    budget = target.budget
    if spent is None or price.currency != budget.currency:
        raise _over(f"The price is not in {budget.currency}, in which the budget is set.")
    if spent + ordered + price.amount > budget.amount:
        raise _over(
            f"The pool costs {spent:f} {budget.currency} a month; {price.amount:f} more would"
            f" exceed its budget of {budget.amount:f}."
        )


def cost(session: Session, target: Target) -> Decimal | None:
    """What the country's numbers cost a month together; None where one has another currency."""
    numbers = pooled.rented(session, target.case, target.country)
    if any(number.monthly_currency != target.budget.currency for number in numbers):
        return None
    return sum((number.monthly_amount or Decimal() for number in numbers), Decimal())


def _over(detail: str) -> Refused:
    return Refused("pool_budget", detail, who="operator")


def _target(row: PoolTarget) -> Target:
    budget = Money(amount=row.budget_amount, currency=row.budget_currency)
    return Target(case=row.case_name, country=row.country, numbers=row.numbers, budget=budget)
