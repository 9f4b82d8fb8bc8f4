"""Keep the pool full: one number of a country at a time, never more than are missing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final

from sqlalchemy.orm import Session

from gateway import outbox
from gateway.audit import service as audit
from gateway.database import tenant
from gateway.onboarding import pool, service
from gateway.outbox import Lease
from gateway.problems import Problem
from gateway.provisioning import pooled
from gateway.provisioning import service as provisioning
from gateway.provisioning.models import Line
from gateway.schedules import Schedule
from gateway.tenancy import house


@dataclass(frozen=True, kw_only=True)
class Kept:
    """One number of the pool, and what it waits for or why no client gets it."""

    line_id: str
    phone_number: str | None
    code: str | None = None
    detail: str | None = None


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a country's pool stands. `cost`: what it costs a month, in the budget's currency."""

    target: pool.Target
    ready: tuple[Kept, ...]
    preparing: tuple[Kept, ...]
    failed: tuple[Kept, ...]
    cost: Decimal | None

    @property
    def missing(self) -> int:
        """How many are to be rented yet. What failed counts until an operator drops it."""
        held = len(self.ready) + len(self.preparing) + len(self.failed)
        return max(0, self.target.numbers - held)


def standings(session: Session) -> list[Standing]:
    """How every country's pool stands, in the scope of the house."""
    return [standing(session, target) for target in pool.targets(session)]


def standing(session: Session, target: pool.Target) -> Standing:
    ready: list[Kept] = []
    preparing: list[Kept] = []
    failed: list[Kept] = []
    for line, number in pooled.kept(session, target.case, target.country):
        phone_number = number.phone_number if number else None
        if line.status in ("pending", "failed"):
            code, detail = _unfinished(session, line)
            one = Kept(line_id=line.id, phone_number=phone_number, code=code, detail=detail)
            (preparing if line.status == "pending" else failed).append(one)
        elif reason := pooled.objection(session, line):
            code, detail = reason
            failed.append(
                Kept(line_id=line.id, phone_number=phone_number, code=code, detail=detail)
            )
        else:
            ready.append(Kept(line_id=line.id, phone_number=phone_number))
    return Standing(
        target=target,
        ready=tuple(ready),
        preparing=tuple(preparing),
        failed=tuple(failed),
        cost=pool.cost(session, target),
    )


def offered(session: Session, country: str) -> Mapping[str, str]:
    """The numbers that Embedded Signup may offer to clients of this country, by pre-verified id."""
    lines = pooled.kept(session, pool.PRE_VERIFIED, country)
    good = [line.id for line, _ in lines if not pooled.objection(session, line)]
    found = [service.progress(session, house.CLIENT, line_id).activation for line_id in good]
    return {one.facts["phone_number_id"]: one.facts["phone_number"] for one in found}


def fill(lease: Lease) -> None:
    """Begin one number of the country if one is missing and none is being prepared."""
    with tenant(house.CLIENT) as session:
        outbox.guard(session, lease)
        case, _, country = lease.key.rpartition("/")
        target = pool.target_of(session, case, country)
        if target is None:
            return
        found = standing(session, target)
        for one in found.preparing:
            if one.code == "pool_budget":  # perhaps not any more
                outbox.put(session, service.ADVANCE, one.line_id, client_id=house.CLIENT)
        if found.missing and not found.preparing:
            begin(session, target)


def begin(session: Session, target: pool.Target) -> str:
    """One more number is prepared from now on; the id of its line."""
    line = service.begin(
        session, house.CLIENT, case=target.case, country=target.country, paid_by="platform"
    )
    return line.id


def fill_all() -> None:
    """What the schedule runs: whatever was missed is made up for."""
    with tenant(house.CLIENT) as session:
        for target in pool.targets(session):
            pool.promise(session, target.case, target.country)


def drop(session: Session, line_id: str) -> None:
    """Take a number out of the pool: given back, or quarantined where Meta holds it already."""
    line = provisioning.line(session, house.CLIENT, line_id, lock=True)
    if line.status == "released":
        raise Problem(409, "activation_state", "It is not in the pool any more.")
    activation = service.progress(session, house.CLIENT, line_id).activation
    line.status = "failed"  # no client gets it from here on
    activation.state = "undoing"
    audit.record(session, house.CLIENT, "pool.dropped", line_id)
    outbox.put(session, service.ADVANCE, line_id, client_id=house.CLIENT)


def _unfinished(session: Session, line: Line) -> tuple[str, str]:
    """Where an activation stands: the code and the words of its error, else its step's."""
    found = service.progress(session, house.CLIENT, line.id)
    step = next((step for step in found.steps if step.state not in ("done", "undone")), None)
    if step is None:
        return found.activation.state, "It is being taken back."
    if step.error is None:
        return step.name, f"{step.title}."
    return step.error["code"], step.error["detail"]


SCHEDULE: Final = Schedule(name="pool", every=timedelta(minutes=1), run=fill_all)
