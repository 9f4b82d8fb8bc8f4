"""Keep what providers say they charged, each account's month whole or as it was before."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Final

from sqlalchemy import delete
from sqlalchemy import insert as insert_rows
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gateway.plugin_api import Bill, Charge, platform
from plugins.cost_reporting.bill_models import AskedAccount, Reported
from plugins.cost_reporting.rules import month_of

_NOON: Final = timedelta(hours=12)
_NOTHING: Final = {"lines": {}, "spare": 0, "in_one_sum": False}


def keep(bill: Bill, zone: tzinfo) -> None:
    """Replace what this account said of this month; an error leaves it as it was."""
    month = month_of(bill.month)
    which = {"source": bill.source, "account": bill.account, "month": month}
    news: dict[str, Any] = {"error": bill.error}
    if bill.error is None:
        lines = {phone: line.line_id for phone, line in bill.lines.items()}
        nameless = any(it.kind != "message" and not it.phone_number for it in bill.charges)
        news |= {"asked_at": bill.asked_at, "lines": lines, "spare": bill.spare}
        news["in_one_sum"] = nameless
    with platform() as session:
        session.execute(
            insert(AskedAccount)
            .values({**which, "kind": bill.kind, **_NOTHING, **news})
            .on_conflict_do_update(index_elements=list(which), set_=news)
        )
        if bill.error is None:
            _replace(session, bill, which, zone)


def _replace(session: Session, bill: Bill, which: dict[str, str], zone: tzinfo) -> None:
    session.execute(
        delete(Reported).where(*(getattr(Reported, name) == it for name, it in which.items()))
    )
    rows = [{**which, **_row(bill, charge, zone)} for charge in bill.charges]
    rows = [row for row in rows if month_of(row["day"]) == which["month"]]
    if rows:
        session.execute(insert_rows(Reported), rows)


def _row(bill: Bill, charge: Charge, zone: tzinfo) -> dict[str, Any]:
    line = bill.lines.get(charge.phone_number or "")
    return {
        "client_id": line and line.client_id,
        "line_id": line and line.line_id,
        "kind": charge.kind,
        "day": _day(charge, zone),
        "phone_number": charge.phone_number,
        "country": charge.country,
        "category": charge.category,
        "pricing_type": charge.pricing_type,
        "quantity": charge.quantity,
        "amount": charge.money and charge.money.amount,
        "currency": charge.money and charge.money.currency,
        "off_midnight": charge.kind == "message" and _begins(charge, zone) != time(),
    }


def _day(charge: Charge, zone: tzinfo) -> date:
    """Most of a day that begins a few hours off our midnight is still the same day."""
    if charge.kind == "message":
        return (charge.starts_at + _NOON).astimezone(zone).date()
    return charge.starts_at.astimezone(UTC).date()


def _begins(charge: Charge, zone: tzinfo) -> time:
    return datetime.astimezone(charge.starts_at, zone).time()
