"""The ledger beside the bills of a simulated Meta and supplier: every difference that was planted
is found, and none is invented."""

import json
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from gateway.plugin_api import Bill, BilledLine, Charge, Money, built
from gateway.provisioning import charges
from plugins.cost_reporting import card_files, card_store
from plugins.cost_reporting.card_store import shipped
from plugins.cost_reporting.pricing import CostReporting
from tests.harness import Desk
from tests.plugins.cost_reporting.test_switched_off import without_it

BILL: Final = "graph-ledger"
SECONDS_A_DAY: Final = 86_400
PHONES: Final = [f"+2126640000{n:02}" for n in range(1, 7)]
NOBODYS: Final = "+212520999999"

plants = st.lists(
    st.tuples(
        st.sampled_from(("drop", "double", "later", "earlier", "category", "dearer", "free")),
        st.integers(0, 9),
    ),
    max_size=4,
)


def bill(desk: Desk) -> dict[str, Any]:
    return {key: dict(row) for key, row in desk.gateway.world.store.all(BILL)}


def write(desk: Desk, rows: dict[str, Any]) -> None:
    store = desk.gateway.world.store
    for key in bill(desk):
        store.delete(BILL, key)
    for key, row in rows.items():
        store.put(BILL, key, row)


def wait(desk: Desk, days: int) -> None:
    desk.gateway.panel("PUT", "/clock", {"advance_seconds": days * SECONDS_A_DAY})


def ask(desk: Desk) -> None:
    """Everybody is asked what they charged, as the schedule has it done."""
    with desk.gateway.app.app_context():
        charges.ask_all()
    desk.gateway.work()


@pytest.fixture(scope="module")
def desk(module_desk: Desk) -> Desk:
    """Bills are written anew here, and whoever shares a desk changes the card."""
    return module_desk


@pytest.fixture(scope="module")
def talked(desk: Desk) -> Desk:
    """On each of two days people were introduced and answered; then some days went by."""
    for nth, phones in enumerate((PHONES[:3], PHONES[3:]), 1):
        desk.talk(phones[0])
        for phone in phones[1:]:
            desk.say(desk.answered(phone), "Bonjour")
        desk.gateway.until(lambda nth=nth: len(bill(desk)) == 5 * nth)
        desk.gateway.until(lambda nth=nth: sum(messages(desk).values()) == 5 * nth)
        wait(desk, 1)
    wait(desk, 1)
    return desk


def months(desk: Desk) -> list[str]:
    return sorted({f"{day(row):%Y-%m}" for row in bill(desk).values()})


def messages(desk: Desk) -> Counter[str]:
    found: Counter[str] = Counter()
    for month in months(desk):
        for line in desk.get(f"/costs?month={month}")["lines"]:
            found[line["category"] or "number"] += line["quantity"]
    del found["number"]
    return found


def day(row: Any) -> date:
    return datetime.fromtimestamp(row["at"], UTC).date()


def sums(rows: dict[str, Any]) -> dict[Any, tuple[int, Decimal]]:
    found: dict[Any, tuple[int, Decimal]] = defaultdict(lambda: (0, Decimal(0)))
    for row in rows.values():
        where = (day(row).isoformat(), row["category"])
        count, cost = found[where]
        found[where] = count + 1, cost + Decimal(row["cost"])
    return found


def planted(before: dict[str, Any], acts: list[tuple[str, int]]) -> dict[str, Any]:
    rows = {key: dict(row) for key, row in before.items()}
    keys = sorted(rows)
    for nth, (what, which) in enumerate(acts):
        row = rows.get(keys[which])
        if row is None:
            continue
        if what == "drop":
            del rows[keys[which]]
        elif what == "double":
            rows[f"{keys[which]}-{nth}"] = dict(row)
        elif what in ("later", "earlier"):
            row["at"] += SECONDS_A_DAY if what == "later" else -SECONDS_A_DAY
        elif what == "category":
            row["category"] = "marketing"
        elif what == "dearer":
            row["cost"] = str(Decimal(row["cost"]) + Decimal("0.0001"))
        else:
            row |= {"type": "free_entry_point", "cost": "0"}
    return rows


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
)
@given(acts=plants)
def test_what_was_planted_is_found_and_nothing_else(
    talked: Desk, acts: list[tuple[str, int]]
) -> None:
    desk = talked
    before = bill(desk)
    after = planted(before, acts)
    write(desk, after)
    ask(desk)
    asked = [f"{it:%Y-%m}" for it in _asked_months(after, before)]
    found = [desk.get(f"/costs/reconciliation?month={month}") for month in asked]
    differences = {
        (one["day"], one["category"]): one for month in found for one in month["differences"]
    }
    here, there = sums(before), sums(after)
    expected = {where for where in {*here, *there} if here[where] != there[where]}
    assert set(differences) == expected
    for where, one in differences.items():
        counts = here[where][0], there[where][0]
        assert (one["ours"]["quantity"], one["theirs"]["quantity"]) == counts
        assert one["finding"] == _finding(*counts)
    assert sum(month["matched"] for month in found) == len({*here, *there} - expected)
    write(desk, before)


def _finding(here: int, there: int) -> str:
    if here == there:
        return "price_differs"
    if not here:
        return "missing_here"
    return "quantity_differs" if there else "missing_there"


def _asked_months(*bills: dict[str, Any]) -> set[date]:
    return {day(row).replace(day=1) for rows in bills for row in rows.values()}


def test_why_something_differs_is_said_where_it_is_known(talked: Desk) -> None:
    desk = talked
    before = bill(desk)
    utility, service = (
        [key for key in sorted(before) if before[key]["category"] == category]
        for category in ("utility", "service")
    )
    first, last = utility[0], max(before, key=lambda key: int(before[key]["at"]))
    assert _reasons(desk, before) == []

    on_credit = {key: row | {"cost": None} for key, row in before.items()}
    assert _reasons(desk, on_credit) == [], "Meta tells no price where a partner's credit line pays"

    changed = {**before, first: before[first] | {"category": "marketing"}}
    assert _reasons(desk, changed) == ["reclassified", "reclassified"]

    earlier = before[first]["at"] - SECONDS_A_DAY
    changed = {**before, first: before[first] | {"at": earlier}}
    assert _reasons(desk, changed) == ["other_day", "other_day"]

    changed = {key: row for key, row in before.items() if key != first}
    assert _reasons(desk, changed) == [None], "statuses that never came"

    changed = {**before, "once more": before[last]}
    assert _reasons(desk, changed) == ["late_status"], "asked two days after"

    changed = {**before, service[0]: before[service[0]] | {"type": "regular", "cost": "0.0230"}}
    assert _reasons(desk, changed) == ["free_allowance"]

    dear = [key for key in utility if day(before[key]) == day(before[utility[0]])]
    changed = before | {key: before[key] | {"cost": "0.008"} for key in dear}
    assert _reasons(desk, changed) == [None]
    with desk.gateway.app.app_context():
        rows = card_files.write(shipped("meta").rows).replace("0.0230", "0.008")
        card_store.put_in("last-year", card_files.read(rows.encode()))
    assert _reasons(desk, changed) == ["other_card"]

    changed = {**before, first: before[first] | {"from": NOBODYS}}
    assert len(_reasons(desk, changed)) == 1
    done = desk.gateway.run("costs", "reconcile", "--month", f"{day(before[first]):%Y-%m}")
    assert f"{NOBODYS} utility: missing here" in done.stdout, done.output


def _reasons(desk: Desk, rows: dict[str, Any]) -> list[str | None]:
    write(desk, rows)
    ask(desk)
    months_asked = {f"{day(row):%Y-%m}" for row in rows.values()}
    found = [desk.get(f"/costs/reconciliation?month={month}") for month in months_asked]
    return [one["reason"] for month in found for one in month["differences"]]


def test_months_of_numbers_are_compared_when_the_month_is_over(desk: Desk) -> None:
    today = datetime.fromisoformat(desk.gateway.panel("GET", "/clock")["now"]).date()
    first = today.replace(day=1)
    stock = desk.gateway.world.store
    [(key, bought)] = stock.all("twilio-ledger")
    stock.put("twilio-ledger", "another", bought | {"supplier_ref": "PN-another"})
    ask(desk)
    assert _of_numbers(desk, first) == [], "the month is not over"
    wait(desk, (_next(first) - today).days + 1)
    ask(desk)
    assert _of_numbers(desk, first) == [("quantity_differs", None, 1, 2)]
    stock.delete("twilio-ledger", "another")
    ask(desk)
    assert _of_numbers(desk, first) == []
    stock.delete("twilio-ledger", key)
    stock.put("twilio-ledger", "9", bought | {"at": f"{_next(first)}T00:00:00+00:00"})
    ask(desk)
    assert _of_numbers(desk, first) == [("missing_there", None, 1, 0)]


def test_a_number_that_is_told_by_itself_is_compared_by_its_line(desk: Desk) -> None:
    """As Telnyx tells it: by number, with the set-up apart."""
    first = date(2026, 10, 1)
    asked_at = datetime(2026, 11, 3, tzinfo=UTC)
    starts_at = datetime(2026, 10, 20, tzinfo=UTC)
    lines = {desk.line["phone_number"]: BilledLine(client_id=desk.client, line_id=desk.line["id"])}
    charge = Charge(
        starts_at=starts_at,
        kind="number_month",
        quantity=1,
        money=Money(amount=Decimal("1.50"), currency="USD"),
        phone_number=desk.line["phone_number"],
    )
    told = Bill(
        source="telnyx", account="telnyx", kind="numbers", month=first, asked_at=asked_at,
        charges=[charge, replace(charge, phone_number=NOBODYS), replace(charge, kind="set_up")],
        lines=lines,
    )  # fmt: skip
    with desk.gateway.app.app_context():
        pricing = built(CostReporting)
        pricing.hear(told)
        found = pricing.reconciliation(first)["differences"]
        pricing.hear(replace(told, charges=(), error="supplier_login_refused"))
        again = pricing.reconciliation(first)
    assert {(it["line_id"], it["kind"], it["finding"], it["reason"]) for it in found} == {
        (desk.line["id"], "number_month", "missing_here", "kept_ready"),
        (desk.line["id"], "set_up", "missing_here", None),
        (None, "number_month", "missing_here", "number_without_line"),
    }
    assert again["differences"] == found, "what was told before is kept"
    assert [it["error"] for it in again["accounts"]] == ["supplier_login_refused"]


def test_without_the_plugin_nobody_is_asked(desk: Desk) -> None:
    with without_it(desk.gateway):
        calls = desk.gateway.panel("GET", "/stats")["calls"].get("read_account", 0)
        ask(desk)
        assert desk.gateway.panel("GET", "/stats")["calls"].get("read_account", 0) == calls
        refused = desk.gateway.request("GET", f"{desk.path}/costs/reconciliation")
        assert (refused.status_code, refused.json()["code"]) == (501, "no_pricing")


def reconciled(desk: Desk, month: date) -> Any:
    done = desk.gateway.run("costs", "reconcile", "--month", f"{month:%Y-%m}", "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def _of_numbers(desk: Desk, month: date) -> list[tuple[Any, ...]]:
    return [
        (it["finding"], it["reason"], it["ours"]["quantity"], it["theirs"]["quantity"])
        for it in reconciled(desk, month)["differences"]
        if it["kind"] == "number_month"
    ]


def _next(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)
