"""What is wrong with this installation, and the command that mends it."""

from collections.abc import Callable, Iterator
from typing import Final

from gateway.doctor import database, ends, lines, operator, pool, services
from gateway.doctor.finding import Finding

_OF_THE_DATABASE: Final[tuple[Callable[[], Iterator[Finding]], ...]] = (
    database.role,
    database.work,
    database.inbound,
    lines.portfolios,
    lines.budgets,
    operator.standing,
    lines.suspended,
    ends.unwell,
    ends.quarantined,
    pool.ready,
)


def examine() -> list[Finding]:
    """Every check in order; those that need the database are left out where it does not answer."""
    found = list(database.answers())
    if all(finding.verdict == "ok" for finding in found):
        for check in _OF_THE_DATABASE:
            found.extend(check())
    found.extend(services.redis())
    found.extend(services.providers())
    return found
