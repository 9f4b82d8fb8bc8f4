"""Close a month: of every client that is given at once, in the same statements as of one.

All that they become is one transaction: a crash closes none of them, and gives no number.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from gateway.plugin_api import CannotClose, UnknownStatement, now, platform
from plugins.cost_reporting import periods, statement_lines
from plugins.cost_reporting.frozen_rates import frozen
from plugins.cost_reporting.keeping import Ledger
from plugins.cost_reporting.models import Statement
from plugins.cost_reporting.rules import month_of

Refusal = CannotClose | UnknownStatement

# Opens what the policies named `closing` fence: this month's entries to read, its lines to add. The
# memory lets PostgreSQL add up by hashing; for less it sorts, which takes twice as long.
_MONTH: Final = text(
    "SELECT set_config('app.closing', :month, true), set_config('work_mem', '32MB', true)"
)
# Whoever takes numbers holds them until the commit, and a rollback gives them back: without gaps.
_NUMBER: Final = text(
    "WITH due AS ("
    " SELECT client, row_number() OVER (ORDER BY client) AS nth"
    " FROM unnest(CAST(:clients AS uuid[])) AS client),"
    " taken AS ("
    " INSERT INTO cost_reporting_numbering AS numbering VALUES ('statement', :count)"
    " ON CONFLICT (series) DO UPDATE SET last = numbering.last + :count RETURNING last)"
    " UPDATE cost_reporting_statements SET number = last - :count + nth, closed_at = :at,"
    " rates = :rates FROM taken, due WHERE client_id = client AND month = :month"
).bindparams(
    bindparam("clients", type_=ARRAY(Statement.client_id.type)), bindparam("rates", type_=JSONB)
)


def close(pricing: Ledger, clients: Sequence[str], month: date) -> Mapping[str, Refusal | None]:
    """Freeze and number their statements of the month; by client, None where it is closed now.

    Whoever enters for one of them waits until it is done.
    """
    at, name = now(), month_of(month)
    this_month = month_of(pricing.day(at))
    with platform() as session:
        session.execute(_MONTH, {"month": name})
        periods.hold(session, clients)
        known = periods.known(session, clients, min(name, this_month), pricing.day)
        found = {one: _refusal(known.get(one, {}), name, this_month) for one in clients}
        due = [one for one, why in found.items() if why is None and not known[one][name]]
        if due:
            periods.begin(session, due, name)
            period = periods.period(pricing.zone, due, name)
            statement_lines.keep(session, period, pricing.terms)
            rates = frozen(pricing.card_in(session), periods.last_day(name))
            values = {"clients": due, "count": len(due), "month": name, "at": at, "rates": rates}
            session.execute(_NUMBER, values)
    return found


def unknown(name: str) -> UnknownStatement:
    return UnknownStatement(f"There is no statement of {name}: nothing is known of it.")


def not_over(name: str) -> CannotClose:
    return CannotClose("month_not_over", f"{name} is not over yet.")


def _refusal(months: Mapping[str, bool], name: str, this_month: str) -> Refusal | None:
    """`months` says of each that the client has a statement of, whether it is closed."""
    if months.get(name):
        return None
    if name >= this_month:
        return not_over(name)
    if name not in months:
        return unknown(name)
    if before := min((it for it, closed in months.items() if it < name and not closed), default=""):
        return CannotClose("earlier_month_open", f"Close {before} first: it is open.")
    return None
