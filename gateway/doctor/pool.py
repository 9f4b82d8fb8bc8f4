"""Whether as many numbers are kept ready as are wanted."""

from collections.abc import Iterator

from gateway.database import tenant
from gateway.doctor.finding import Finding
from gateway.onboarding import pool_filling
from gateway.onboarding.pool_filling import Standing
from gateway.tenancy import house


def ready() -> Iterator[Finding]:
    with tenant(house.CLIENT) as session:
        found = pool_filling.standings(session)
    for one in found:
        short = len(one.ready) < one.target.numbers
        yield Finding(
            check=f"{one.target.case} {one.target.country}",
            verdict="warn" if short else "ok",
            detail=f"{len(one.ready)} of {one.target.numbers} numbers are ready.{_why(one)}",
            remedy="Look with `gateway lines pool`; there `retry` or `drop` what failed, or `set`"
            " another budget."
            if short
            else "",
        )


def _why(one: Standing) -> str:
    reasons = {f" {kept.code}: {kept.detail}" for kept in (*one.failed, *one.preparing)}
    return "".join(sorted(reasons))
