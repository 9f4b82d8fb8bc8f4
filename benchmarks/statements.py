"""Closing and reading months at a million entries, against a plain indexed aggregate of them.

`python -m benchmarks.statements`. Then a year of clients lived through the ledger itself, closed
month by month, and held to a plain recomputation.
"""

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Final, TypeVar
from uuid import UUID

from sqlalchemy import text

from gateway.app import create_app
from gateway.ids import parse
from gateway.plugin_api import built, tenant
from gateway.tenancy import service as tenancy
from plugins.cost_reporting.pricing import CostReporting
from plugins.cost_reporting.statements import close_all
from tests.harness import dispose, migrated_database, running_servers, settings_for
from tests.plugins.cost_reporting import year

T = TypeVar("T")
LIMIT: Final = 3
_FILL: Final = text(
    "INSERT INTO cost_reporting_entries (client_id, id, fact, revision, reversal, kind, line_id,"
    " recruiter_id, application, category, country, occurred_at, day, month, billed_in, quantity,"
    " amount, currency, reason, paid_to, entered_at)"
    " SELECT :client, gen_random_uuid(), 'message:' || :month || n, 0, false, 'message', :client,"
    " md5((n % 3)::text)::uuid, 'JOB-' || n % 5, (ARRAY['utility', 'service', 'marketing'])"
    "[1 + n % 3], 'MA', day, day, :month, :month, 1, (ARRAY[0.023, 0, 0.0414])[1 + n % 3], 'USD',"
    " 'rate_card', 'platform', day"
    " FROM (SELECT n, CAST(:month || '-01' AS date) + (n % 28) AS day"
    " FROM generate_series(1, :count) AS n) AS made"
)
_STATEMENT: Final = text("INSERT INTO cost_reporting_statements VALUES (:client, :month)")
_DAYS: Final = text(
    "INSERT INTO cost_reporting_days"
    " SELECT client_id, gen_random_uuid(), day, line_id, recruiter_id, kind, category, paid_to,"
    " currency, amount = 0, count(*), sum(amount) FROM cost_reporting_entries"
    " WHERE client_id = :client GROUP BY client_id, day, line_id, recruiter_id, kind, category,"
    " paid_to, currency, amount = 0"
)
_PLAIN: Final = text(
    "SELECT line_id, recruiter_id, application, category, count(*), sum(amount)"
    " FROM cost_reporting_entries WHERE client_id = :client AND billed_in = :month"
    " GROUP BY line_id, recruiter_id, application, category"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=300)
    parser.add_argument("--entries", type=int, default=1_000_000, help="of all clients and months")
    parser.add_argument("--lived", type=int, default=20, help="messages a client and month, of the"
                        " year that goes through the ledger; 278 are a million")  # fmt: skip
    asked = parser.parse_args()
    with gateway():
        many(asked.clients, asked.entries)
    with gateway():
        one(asked.entries)
    with gateway():
        lived(asked.clients, asked.lived)


def many(clients: int, entries: int) -> None:
    """A month of every client, one after the other."""
    months = [f"{first:%Y-%m}" for first in year.month_starts(date(2025, 1, 1), 12)]
    made = _clients(clients)
    for client_id in made:
        _fill(client_id, months, entries // clients // len(months))
    pricing, last = built(CostReporting), months[-1]
    for month in months[:-1]:
        close_all(pricing, date.fromisoformat(f"{month}-01"))
    print(f"{entries} entries, {clients} clients, a month of each")
    _compare(made, last, pricing)


def one(entries: int) -> None:
    """A month of one client that has them all."""
    [client_id] = _clients(1)
    _fill(client_id, ["2025-12"], entries)
    print(f"{entries} entries of one client in a month")
    _compare([client_id], "2025-12", built(CostReporting))


def lived(clients: int, messages: int) -> None:
    months = list(year.month_starts(date(2025, 1, 1), 12))
    firms = year.companies(_clients(clients))
    took, history = _timed(lambda: year.play(firms, months, messages=messages, seed=1))
    corrections = year.require_right(firms, months, history)
    print(f"a year of {clients} clients, {len(history)} messages, lived in {took:.0f} s")
    print(f"  every month closed, every total right; {corrections} lines correct another month's")


def _compare(clients: Sequence[str], month: str, pricing: CostReporting) -> None:
    day = date.fromisoformat(f"{month}-01")

    def plain() -> None:
        for client_id in clients:
            with tenant(client_id) as session:
                session.execute(_PLAIN, {"client": _uuid(client_id), "month": month}).all()

    aggregate = min(_timed(plain)[0] for _ in range(3))
    closing, (closed, _) = _timed(lambda: close_all(pricing, day))
    assert set(clients) <= set(closed)
    reading, _ = _timed(lambda: [pricing.statement(it, day) for it in clients])
    report, _ = _timed(lambda: [pricing.month(it, day) for it in clients])
    print(f"  a plain aggregate of them: {aggregate:.2f} s")
    for name, took in (("closing", closing), ("reading the statement", reading),
                       ("reading the month", report)):  # fmt: skip
        print(f"  {name}: {took:.2f} s, {took / aggregate:.2f} times (limit {LIMIT})")


def _fill(client_id: str, months: Sequence[str], count: int) -> None:
    mine = _uuid(client_id)
    with tenant(client_id) as session:
        for month in months:
            session.execute(_STATEMENT, {"client": mine, "month": month})
            session.execute(_FILL, {"client": mine, "month": month, "count": count})
        session.execute(_DAYS, {"client": mine})


def _clients(count: int) -> list[str]:
    vendor_id = tenancy.create_vendor("Some vendor")
    values = {"name": "Some company", "country": "MA"}
    return [tenancy.create_client(vendor_id, values).client_id for _ in range(count)]


def _uuid(client_id: str) -> UUID:
    return parse("cli", client_id)


def _timed(run: Callable[[], T]) -> tuple[float, T]:
    began = time.monotonic()
    found = run()
    return time.monotonic() - began, found


@contextmanager
def gateway() -> Iterator[None]:
    """An application on an empty database of its own."""
    with running_servers() as servers:
        urls = migrated_database(servers, "gateway_benchmark")
        app = create_app(settings_for(urls, servers.redis_url))
        with app.app_context():
            yield
        dispose(app)


if __name__ == "__main__":
    main()
