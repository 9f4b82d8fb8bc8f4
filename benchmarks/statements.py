"""Closing and reading months at a million entries, against a plain indexed aggregate of them.

`python -m benchmarks.statements`. Then a year of clients lived through the ledger itself, closed
month by month, and held to a plain recomputation.
"""

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, Final, TypeVar
from uuid import UUID

from sqlalchemy import Engine, event, text

from gateway.app import create_app
from gateway.database import db
from gateway.ids import parse
from gateway.plugin_api import built, platform, tenant
from gateway.tenancy import service as tenancy
from plugins.cost_reporting.pricing import CostReporting
from plugins.cost_reporting.statements import close_all
from tests.harness import dispose, migrated_database, running_servers, settings_for
from tests.plugins.cost_reporting import year

T = TypeVar("T")
Times = tuple[float, float]
LIMIT: Final = 3
_FILL: Final = text(
    "INSERT INTO cost_reporting_entries (client_id, id, fact, revision, reversal, kind, line_id,"
    " recruiter_id, application, category, country, occurred_at, day, month, billed_in, quantity,"
    " amount, currency, reason, paid_to, entered_at)"
    " SELECT :client, gen_random_uuid(), 'message:' || :month || n, 0, false, 'message', :client,"
    " md5((n / 15 % 3)::text)::uuid, 'JOB-' || n % 5, (ARRAY['utility', 'service', 'marketing'])"
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
# What no report can leave out: the rows are found by an index, grouped and added up. In the scope
# of one client, and for all of a month as closing has it.
_PLAIN: Final = text(
    "SELECT client_id, line_id, recruiter_id, application, category, count(*), sum(amount)"
    " FROM cost_reporting_entries WHERE client_id = ANY(:clients) AND billed_in = :month"
    " GROUP BY client_id, line_id, recruiter_id, application, category"
)
_CLOSING: Final = text("SELECT set_config('app.closing', :month, true)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=300)
    parser.add_argument("--entries", type=int, default=1_000_000, help="of all clients and months")
    parser.add_argument("--lived", type=int, default=20, help="messages a client and month, of the"
                        " year that goes through the ledger; 278 are a million")  # fmt: skip
    asked = parser.parse_args()
    with gateway():
        many(asked.clients, asked.entries, 1)
    with gateway():
        many(asked.clients, asked.entries, 12)
    with gateway():
        one(asked.entries)
    with gateway():
        lived(asked.clients, asked.lived)


def many(clients: int, entries: int, months: int) -> None:
    """So many months of many clients, of which the last one is closed and read."""
    names = [f"{first:%Y-%m}" for first in year.month_starts(date(2025, 1, 1), months)]
    made = _clients(clients)
    for client_id in made:
        _fill(client_id, names, entries // clients // months)
    _gather_statistics()
    for month in names[:-1]:
        close_all(built(CostReporting), date.fromisoformat(f"{month}-01"))
    print(
        f"{entries} entries of {clients} clients, closed are those of the last of {months} months"
    )
    _compare(made, names[-1])


def one(entries: int) -> None:
    """A month of one client that has them all."""
    [client_id] = _clients(1)
    _fill(client_id, ["2025-12"], entries)
    _gather_statistics()
    print(f"{entries} entries of one client in a month")
    _compare([client_id], "2025-12")


def lived(clients: int, messages: int) -> None:
    months = list(year.month_starts(date(2025, 1, 1), 12))
    firms = year.companies(_clients(clients))
    everybody = [firm.client_id for firm in firms]
    print(f"a year of {clients} clients, {len(months) * clients * messages} messages", flush=True)

    def closed_in(first: date, seconds: float) -> None:
        aggregate = _plain_of_all(everybody, f"{first:%Y-%m}")
        print(f"  {first:%Y-%m} closed in {seconds:.2f} s, a plain aggregate {aggregate:.2f} s: "
              f"{seconds / aggregate:.2f} times", flush=True)  # fmt: skip

    took, history = _timed(
        lambda: year.play(firms, months, messages=messages, seed=1, closed_in=closed_in)
    )
    each = took / len(history) * 1000
    print(f"  lived in {took:.0f} s, {each:.2f} ms a message", flush=True)
    corrections = year.require_right(firms, months, history)
    print(f"  every total right; {corrections} lines correct another month's", flush=True)
    _read(everybody, f"{months[-1]:%Y-%m}")


def _compare(clients: Sequence[str], month: str) -> None:
    aggregate = _plain_of_all(clients, month)
    first = date.fromisoformat(f"{month}-01")
    closing, (closed, _) = _timed(lambda: close_all(built(CostReporting), first))
    assert set(clients) <= set(closed)
    print(f"  a plain aggregate of all: {aggregate:.3f} s")
    print(f"  closing: {closing:.3f} s, {closing / aggregate:.2f} times (limit {LIMIT})")
    _read(clients, month)


def _read(clients: Sequence[str], month: str) -> None:
    """Each client's reports, beside an aggregate in a transaction of that client's."""
    pricing, first = built(CostReporting), date.fromisoformat(f"{month}-01")
    reports: dict[str, Callable[[str], object]] = {
        "the statement": lambda it: pricing.statement(it, first),
        "the month": lambda it: pricing.month(it, first),
        "the month by day and category": lambda it: pricing.spending(it, first),
    }
    with _sql() as sql:
        whole, in_sql = min(_each(clients, lambda it: _plain(it, month), sql) for _ in range(3))
    print(f"  plain aggregates, client by client: {whole:.3f} s, {in_sql:.3f} s of it SQL")
    for name, read in reports.items():
        with _sql() as sql:
            took, of_sql = min(_each(clients, read, sql) for _ in range(3))
        print(f"  reading {name}: {took:.3f} s, {took / whole:.2f} times; "
              f"SQL {of_sql:.3f} s, {of_sql / in_sql:.2f} times (limit {LIMIT})")  # fmt: skip


def _each(clients: Sequence[str], read: Callable[[str], object], sql: list[float]) -> Times:
    sql.clear()
    whole, _ = _timed(lambda: [read(client_id) for client_id in clients])
    return whole, sum(sql)


def _plain(client_id: str, month: str) -> None:
    with tenant(client_id) as session:
        session.execute(_PLAIN, {"clients": [_uuid(client_id)], "month": month}).all()


def _plain_of_all(clients: Sequence[str], month: str) -> float:
    """In closing's scope, which is the one that sees them all."""
    values = {"clients": [_uuid(it) for it in clients], "month": month}

    def run() -> None:
        with platform() as session:
            session.execute(_CLOSING, {"month": month})
            session.execute(_PLAIN, values).all()

    return min(_timed(run)[0] for _ in range(3))


@contextmanager
def _sql() -> Iterator[list[float]]:
    """How long the database was waited for, statement by statement."""
    took: list[float] = []

    def begin(_connection: Any, _cursor: Any, _statement: Any, _values: Any, context: Any,
              _many: Any) -> None:  # fmt: skip
        context.began = time.monotonic()

    def end(_connection: Any, _cursor: Any, _statement: Any, _values: Any, context: Any,
            _many: Any) -> None:  # fmt: skip
        took.append(time.monotonic() - context.began)

    event.listen(Engine, "before_cursor_execute", begin)
    event.listen(Engine, "after_cursor_execute", end)
    yield took
    event.remove(Engine, "before_cursor_execute", begin)
    event.remove(Engine, "after_cursor_execute", end)


def _fill(client_id: str, months: Sequence[str], count: int) -> None:
    mine = _uuid(client_id)
    with tenant(client_id) as session:
        for month in months:
            session.execute(_STATEMENT, {"client": mine, "month": month})
            session.execute(_FILL, {"client": mine, "month": month, "count": count})
        session.execute(_DAYS, {"client": mine})


def _gather_statistics() -> None:
    """As autovacuum would have by and by: without them neither side is planned well."""
    with db.engines["owner"].begin() as owner:
        owner.execute(text("ANALYZE cost_reporting_entries, cost_reporting_days"))


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
