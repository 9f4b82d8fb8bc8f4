"""Over random histories the ledger's sum is that of a plain recomputation from what the simulated
Meta and the simulated supplier wrote down."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from gateway.plugin_api import tenant
from plugins.cost_reporting import card_files, card_store, rents
from plugins.cost_reporting.models import Entry
from tests.harness import Desk
from tests.plugins.cost_reporting.test_rate_cards import HEADER

DEAR_FROM = datetime.now(UTC).date() + timedelta(days=20)
LAST = DEAR_FROM - timedelta(days=1)
FREE = 3  # service messages a number and month
CHEAPER_AFTER = 4  # utility messages a portfolio and month
# By country and category: the price before DEAR_FROM, and from then on; in volume for utility.
PRICES = {
    ("MA", "utility"): (("0.0230", "0.0190"), ("0.0310", "0.0270")),
    ("FR", "utility"): (("0.0300", "0.0300"), ("0.0333", "0.0333")),
    ("MA", "service"): (("0.0230", "0.0230"), ("0.0311", "0.0311")),
    ("FR", "service"): (("0.0307", "0.0307"), ("0.0300", "0.0300")),
}
PHONES = {"MA": "+2126610{:05}", "FR": "+3361200{:04}"}
NUMBERS = Counter({"MA": 7000, "FR": 7000})

acts = st.lists(
    st.one_of(
        st.tuples(st.just("open"), st.sampled_from(("MA", "FR"))),
        st.tuples(st.just("open"), st.just("MA")),
        st.tuples(st.just("reply"), st.sampled_from(("MA", "FR"))),
        st.tuples(st.just("wait"), st.integers(1, 25)),
    ),
    min_size=5,
    max_size=7,
)


def card() -> str:
    rows = [HEADER, f"allowance,,,service,,,{FREE},,,2025-01-01,,x\n"]
    rows += [f"market,{country},{country},,,,,,,2025-01-01,,x\n" for country in PHONES]
    for (country, category), (before, after) in PRICES.items():
        for prices, since, through in ((before, "2025-01-01", LAST), (after, DEAR_FROM, "")):
            for price, volumes in zip(
                prices, (f"1,{CHEAPER_AFTER}", f"{CHEAPER_AFTER + 1},"), strict=True
            ):
                rows.append(
                    f"message,{country},,{category},{volumes},{price},USD,,{since},{through},x\n"
                )
    return "".join(rows)


@pytest.fixture
def troubled(own_desk: Desk) -> Desk:
    """Webhooks come twice, late and in any order; the card changes its prices on the way."""
    desk = own_desk
    with desk.gateway.app.app_context():
        card_store.put_in("meta", card_files.read(card().encode()))
    faults = {"webhooks": {"duplicate_rate": 0.5, "reorder": True}}
    desk.gateway.panel("PUT", "/faults", faults)
    desk.gateway.panel("PUT", "/graph/decisions", {"read": "at_once"})
    return desk


def recomputed(desk: Desk) -> Decimal:
    """What the two ledgers come to, counted by hand: no line of the plugin has a part in it."""
    bill = [row for _, row in desk.gateway.world.store.all("graph-ledger")]
    used: Counter[Any] = Counter()
    total = Decimal(0)
    for row in sorted(bill, key=lambda row: (row["at"], row["message_id"])):
        day = datetime.fromtimestamp(row["at"], UTC).date()
        country = "MA" if row["phone"].startswith("+212") else "FR"
        counter = (day.year, day.month, row["category"], country)
        if row["category"] == "service":
            counter = (day.year, day.month, row["number_id"], "free")
        used[counter] += 1
        if row["category"] == "service" and used[counter] <= FREE:
            continue
        if row["type"] != "regular":
            continue
        prices = PRICES[country, row["category"]][day >= DEAR_FROM]
        total += Decimal(prices[used[counter] > CHEAPER_AFTER])
    supplier = desk.gateway.panel("GET", f"/suppliers/{desk.line['supplier']}/ledger")["data"]
    assert all(row["event"] == "bought" for row in supplier)
    now = datetime.fromisoformat(desk.gateway.panel("GET", "/clock")["now"])
    return total + sum(_months(row, now) for row in supplier)


def _months(row: Any, now: datetime) -> int:
    """At 1.00 USD each, what the supplier asks for a number."""
    bought = datetime.fromisoformat(row["at"])
    return (now.year - bought.year) * 12 + now.month - bought.month + 1


def play(desk: Desk, history: list[tuple[str, Any]]) -> None:
    for what, which in history:
        if what == "wait":
            desk.gateway.panel("PUT", "/clock", {"advance_seconds": which * 86_400})
            continue
        NUMBERS[which] += 1
        phone = PHONES[which].format(NUMBERS[which])
        if what == "open":
            desk.talk(phone)
            continue
        talk = desk.answered(phone)
        desk.say(talk, "Bonjour")
        desk.say(talk, "Quand pouvez-vous commencer ?")
        desk.gateway.work()


def entered(desk: Desk) -> Counter[str]:
    with desk.gateway.app.app_context(), tenant(desk.client) as session:
        found: Counter[str] = Counter()
        for entry in session.query(Entry):
            found[entry.fact] += entry.quantity
    return +found


@settings(
    max_examples=3,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=acts)
def test_the_sum_of_the_entries_is_what_the_simulators_wrote_down(
    troubled: Desk, history: list[tuple[str, Any]]
) -> None:
    desk = troubled
    play(desk, history)

    def settled() -> bool:
        bill = [row for _, row in desk.gateway.world.store.all("graph-ledger")]
        messages = {f"message:{row['message_id']}" for row in bill}
        return messages <= entered(desk).keys() and _quiet(desk)

    desk.gateway.until(settled)
    desk.gateway.until(lambda: not _untold(desk))
    with desk.gateway.app.app_context():
        rents.enter_this_month()
    with desk.gateway.app.app_context(), tenant(desk.client) as session:
        total = sum((it.amount or Decimal(0) for it in session.query(Entry)), Decimal(0))
    assert total == recomputed(desk)
    assert set(entered(desk).values()) == {1}, "each fact once, whatever was corrected"
    months = {date.fromisoformat(f"{it}-01") for it in _months_with_entries(desk)}
    shown = [desk.get(f"/costs?month={month:%Y-%m}") for month in months]
    sums = [
        Decimal(line["amount"]["amount"])
        for month in shown
        for line in month["lines"]
        if line["amount"]
    ]
    assert sum(sums) == total.quantize(Decimal("0.0001")), "the months are the same entries"


def _quiet(desk: Desk) -> bool:
    """All that left was told of: that it was read may be heard before that it was delivered."""
    talks = desk.get("/conversations?limit=100")["data"]
    found = [message for talk in talks for message in desk.messages(talk["id"])]
    return all(
        it["read_at"] and it["delivered_at"] for it in found if it["direction"] == "outbound"
    )


def _untold(desk: Desk) -> int:
    """How many events the plugin has yet to hear of."""
    with desk.gateway.app.app_context(), tenant(desk.client) as session:
        return session.scalar(text("SELECT count(*) FROM event_listeners")) or 0


def _months_with_entries(desk: Desk) -> set[str]:
    with desk.gateway.app.app_context(), tenant(desk.client) as session:
        return {entry.month for entry in session.query(Entry)}
