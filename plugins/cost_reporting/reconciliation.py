"""A month of the ledger beside the bills that were kept for it, compared where both are whole."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import select

from gateway.plugin_api import platform, tenant
from plugins.cost_reporting import card_store
from plugins.cost_reporting.bill_models import AskedAccount, Reported
from plugins.cost_reporting.day_sums import added_up_by, of_month
from plugins.cost_reporting.keeping import Ledger
from plugins.cost_reporting.models import DaySum, Entry, Rent
from plugins.cost_reporting.reconciling import Charges, Difference, Where, compare
from plugins.cost_reporting.rules import month_of, next_month

_REGULAR: Final = "regular"
_MESSAGES: Final = added_up_by(
    DaySum.line_id, DaySum.day, DaySum.category, DaySum.currency, messages=True
)
_SUPPLIERS: Final = "the price of supplier "


@dataclass(frozen=True, kw_only=True)
class _Month:
    """What is known of a month before anything is compared."""

    first: date
    asked: Sequence[AskedAccount]  # those that answered
    reported: Sequence[Reported]
    rents: Mapping[str, Rent]  # by line
    days: Mapping[str, date]  # by line: until that day, not included, its messages are compared
    sums_up: frozenset[str]  # suppliers that do not tell which number they charge

    def whole(self, account: AskedAccount, day: date) -> bool:
        """Numbers are compared once the month is over: its rents are charged on any of its days."""
        return day >= next_month(self.first) if account.kind == "numbers" else True


def reconciliation(ledger: Ledger, month: date, client_id: str | None = None) -> Mapping[str, Any]:
    """As the core's contract has it."""
    first = month.replace(day=1)
    known = _known(ledger, first, client_id)
    ours, theirs = _ours(ledger, known, client_id), _theirs(ledger, known)
    asked_on = min((ledger.day(_at(one)) for one in known.asked), default=first)
    names = [name for name, _, _ in card_store.listed()]
    matched, differences = compare(
        ours,
        theirs,
        asked_on=asked_on,
        cards=[ledger.cards.of(name) for name in names],
        of_numbers=lambda where, surplus: _why(known, where, surplus),
    )
    return {
        "month": month_of(first),
        "accounts": [_account(one) for one in _accounts(first, client_id)],
        "matched": matched,
        "differences": [_shown(one) for one in differences],
    }


def _known(ledger: Ledger, first: date, client_id: str | None) -> _Month:
    asked = [one for one in _accounts(first, client_id) if one.asked_at]
    which = Reported.month == month_of(first)
    with tenant(client_id) if client_id else platform() as session:
        rents = session.scalars(select(Rent)).all()  # the scope's
        reported = session.scalars(select(Reported).where(which)).all()
    days: dict[str, date] = {}
    for one in asked:
        day = ledger.day(_at(one))
        for line in one.lines.values() if one.kind == "messages" else ():
            days[line] = min(day, days.get(line, day))
    return _Month(
        first=first,
        asked=asked,
        reported=reported,
        rents={rent.line_id: rent for rent in rents},
        days=days,
        sums_up=frozenset(one.source for one in asked if one.in_one_sum),
    )


def _accounts(first: date, client_id: str | None) -> Sequence[AskedAccount]:
    """Those that were asked about the month; of one client, those that any of its lines is in."""
    with platform() as session:
        rows = session.scalars(
            select(AskedAccount)
            .where(AskedAccount.month == month_of(first))
            .order_by(AskedAccount.source, AskedAccount.account)
        ).all()
    if client_id is None:
        return rows
    with tenant(client_id) as session:
        lines = set(session.scalars(select(Rent.line_id).where(Rent.client_id == client_id)))
    return [row for row in rows if lines & {*row.lines.values()}]


def _theirs(ledger: Ledger, known: _Month) -> dict[Where, Charges]:
    """What was charged, where it can be compared."""
    asked = {(one.source, one.account): one for one in known.asked}
    found: dict[Where, Charges] = {}
    for row in known.reported:
        account = asked[row.source, row.account]
        day = ledger.day(_at(account))
        if not known.whole(account, day):
            continue
        if row.kind == "message" and row.day >= known.days.get(row.line_id or "", day):
            continue
        tally = found.setdefault(_place(known, row), Charges())
        free = 0 if row.pricing_type in (None, _REGULAR) else row.quantity
        tally.add(row.quantity, row.amount, row.currency, free)
        tally.off_midnight = tally.off_midnight or row.off_midnight
        if row.country and not free:
            tally.countries[row.country] += row.quantity
    return found


def _place(known: _Month, row: Reported) -> Where:
    return Where(
        source=row.source,
        line_id=row.line_id,
        phone_number=None if row.line_id else row.phone_number,
        day=row.day if row.kind == "message" else known.first,
        kind=row.kind,
        category=row.category,
    )


def _ours(ledger: Ledger, known: _Month, client_id: str | None) -> dict[Where, Charges]:
    """What the ledger has of the lines that the accounts told of."""
    found: dict[Where, Charges] = defaultdict(Charges)
    for client in {client_id} if client_id else {rent.client_id for rent in known.rents.values()}:
        _count_messages(known, client, found)
        _count_numbers(ledger, known, client, found, alone=client_id is not None)
    return {where: tally for where, tally in found.items() if tally.quantity}


def _count_messages(known: _Month, client_id: str, found: dict[Where, Charges]) -> None:
    source = next((one.source for one in known.asked if one.kind == "messages"), "")
    with tenant(client_id) as session:
        rows = of_month(session, _MESSAGES, client_id, known.first)
    for row in rows:
        if row.day >= known.days.get(row.line_id, date.min):
            continue
        where = Where(
            source=source,
            line_id=row.line_id,
            phone_number=None,
            day=row.day,
            kind="message",
            category=row.category,
        )
        found[where].add(row.quantity, row.amount, row.currency, row.free)


def _count_numbers(
    ledger: Ledger, known: _Month, client_id: str, found: dict[Where, Charges], *, alone: bool
) -> None:
    """What a supplier says in one sum cannot be held against one client `alone`."""
    suppliers = {
        one.source
        for one in known.asked
        if one.kind == "numbers" and known.whole(one, ledger.day(_at(one)))
    }
    for entry in _numbers(client_id, known.first):
        supplier = _supplier(entry, known.rents.get(entry.line_id))
        summed = supplier in known.sums_up
        if supplier not in suppliers or (summed and alone):
            continue
        where = Where(
            source=supplier,
            line_id=None if summed else entry.line_id,
            phone_number=None,
            day=known.first,
            kind=entry.kind,
            category=None,
        )
        found[where].add(entry.quantity, entry.amount, entry.currency, free=0)


def _numbers(client_id: str, first: date) -> Iterable[Entry]:
    with tenant(client_id) as session:
        return session.scalars(
            select(Entry).where(
                Entry.client_id == client_id,
                Entry.month == month_of(first),
                Entry.kind.in_(("number_month", "set_up")),
            )
        ).all()


def _supplier(entry: Entry, rent: Rent | None) -> str:
    """Who asked for it: an older supplier's price says whose it was."""
    if entry.source and entry.source.startswith(_SUPPLIERS):
        return entry.source.removeprefix(_SUPPLIERS)
    return (rent and rent.supplier) or ""


def _why(known: _Month, where: Where, surplus: int) -> str | None:
    """Why more months of numbers were charged than entered, or fewer."""
    spare = {one.source: one.spare for one in known.asked if one.kind == "numbers"}
    if where.line_id is None:
        if where.phone_number or spare.get(where.source) == surplus:
            return "number_without_line"
        return None
    rent = known.rents.get(where.line_id)
    if rent is None or where.kind != "number_month":
        return None
    if surplus > 0 and rent.until and rent.until.date() < known.first:
        return "line_released"
    if surplus > 0 and rent.since.date() >= next_month(known.first):
        return "kept_ready"
    if surplus < 0 and rent.until and month_of(rent.until.date()) == month_of(known.first):
        return "released_before_charge"
    return None


def _at(account: AskedAccount) -> datetime:
    assert account.asked_at is not None  # it answered
    return account.asked_at


def _account(one: AskedAccount) -> dict[str, Any]:
    return {
        "source": one.source,
        "account": one.account,
        "asked_at": one.asked_at and one.asked_at.isoformat(),
        "error": one.error,
    }


def _shown(one: Difference) -> dict[str, Any]:
    where = asdict(one.where)
    return {
        **where,
        "day": one.where.day.isoformat(),
        "finding": one.finding,
        "reason": one.reason,
        "ours": _tally(one.ours),
        "theirs": _tally(one.theirs),
    }


def _tally(tally: Charges) -> dict[str, Any]:
    return {
        "quantity": tally.quantity,
        "free": tally.free,
        "amounts": {
            currency: format(amount.normalize() + 0, "f")
            for currency, amount in sorted(tally.amounts.items())
        },
    }
