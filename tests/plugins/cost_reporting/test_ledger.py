"""The ledger on a real database: every fact once, at the price of its day."""

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import func, select, text

from gateway.database import db
from gateway.ids import new_id, parse
from gateway.plugin_api import Event, built, platform, tenant
from gateway.tenancy import service as tenancy
from plugins import cost_reporting
from plugins.cost_reporting import card_files, ledger, rents, repricing
from plugins.cost_reporting.card_store import shipped
from plugins.cost_reporting.models import Entry, Rent
from plugins.cost_reporting.pricing import CostReporting
from plugins.cost_reporting.rate_cards import RateCard
from plugins.cost_reporting.rules import deliveries
from tests.harness import Desk
from tests.plugins.cost_reporting.test_rate_cards import HEADER

META = shipped("meta")
NOVEMBER = "2026-11-10T09:00:00+00:00"


@pytest.fixture
def app(desk: Desk) -> Flask:
    """Every test has a client of its own: they share a gateway."""
    return desk.gateway.app


@pytest.fixture(autouse=True)
def context(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.fixture
def line_id() -> str:
    return new_id("line")


def told(client_id: str, type_: str, at: str = NOVEMBER, **data: Any) -> Event:
    return Event(
        event_id=new_id("evt"),
        type=type_,
        client_id=client_id,
        occurred_at=datetime.fromisoformat(at),
        data={"at": at, **data},
    )


def status(client_id: str, line_id: str, type_: str = "delivered", **changes: Any) -> Event:
    facts = {
        "message_id": new_id("msg"),
        "conversation_id": new_id("conv"),
        "line_id": line_id,
        "recruiter_id": None,
        "category": "utility",
        "pricing_type": "regular",
        "application_ref": "DRIVER-118",
        "country": "MA",
    }
    return told(client_id, f"message.{type_}", **{**facts, **changes})


def activated(client_id: str, line_id: str, at: str = NOVEMBER, **changes: Any) -> Event:
    facts = {
        "line_id": line_id,
        "country": "MA",
        "paid_by": "platform",
        "portfolio_id": "portfolio-1",
        "phone_number": "+212520000001",
        "supplier": None if changes.get("paid_by") == "client" else "twilio",
        "monthly_amount": None,
        "monthly_currency": None,
        "set_up_amount": None,
        "set_up_currency": None,
        "rented_at": at,
        "assigned_at": None,
    }
    return told(client_id, "line.activated", at, **{**facts, **changes})


def tell(client_id: str, *events: Event) -> None:
    cost_reporting.on_message_statuses_changed(client_id, events)


def entries(client_id: str) -> Sequence[Entry]:
    with tenant(client_id) as session:
        return session.scalars(
            select(Entry).where(Entry.client_id == client_id).order_by(Entry.occurred_at, Entry.id)
        ).all()


def reasons(client_id: str) -> list[str]:
    """Of the entries that hold; what was reversed is none of them."""
    found: Counter[str] = Counter()
    for entry in entries(client_id):
        found[entry.reason] += entry.quantity
    return list(found.elements())


def month(client_id: str, text: str) -> Any:
    return built(CostReporting).month(client_id, date.fromisoformat(f"{text}-01"))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_delivery_told_twice_is_entered_once(client_id: str, line_id: str) -> None:
    event = status(client_id, line_id)
    tell(client_id, event)
    tell(client_id, event, event)

    [entry] = entries(client_id)
    assert entry.fact == f"message:{event.data['message_id']}"
    assert (str(entry.amount), entry.currency, entry.month) == ("0.0230", "USD", "2026-11")
    assert (entry.country, entry.category, entry.reason) == ("MA", "utility", "rate_card")


def test_delivered_and_read_are_one_message(client_id: str, line_id: str) -> None:
    delivered = status(client_id, line_id, at="2026-10-31T23:59:59+00:00")
    read = status(
        client_id,
        line_id,
        "read",
        at="2026-11-01T00:00:01+00:00",
        message_id=delivered.data["message_id"],
    )
    tell(client_id, delivered)
    tell(client_id, read)

    assert [entry.month for entry in entries(client_id)] == ["2026-10"]


def test_a_read_without_a_delivery_counts(client_id: str, line_id: str) -> None:
    tell(client_id, status(client_id, line_id, "read"))

    assert len(entries(client_id)) == 1


def test_what_was_not_delivered_costs_nothing(client_id: str, line_id: str) -> None:
    tell(client_id, status(client_id, line_id, "sent"), status(client_id, line_id, "failed"))

    assert entries(client_id) == []


def test_the_day_of_delivery_decides_the_price(client_id: str, line_id: str) -> None:
    tell(
        client_id,
        status(client_id, line_id, at="2026-09-30T23:59:59+00:00"),
        status(client_id, line_id, at="2026-10-01T00:00:00+00:00"),
    )

    assert [str(entry.amount) for entry in entries(client_id)] == ["0.0040", "0.0230"]


def service(client_id: str, line_id: str, count: int, **changes: Any) -> list[Event]:
    facts = {"category": "service", **changes}
    return [status(client_id, line_id, **facts) for _ in range(count)]


def test_the_thousand_and_first_service_message_is_charged(client_id: str, line_id: str) -> None:
    for _ in range(2):
        tell(client_id, *service(client_id, line_id, 499))
    tell(client_id, *service(client_id, line_id, 3))

    assert reasons(client_id).count("free_allowance") == 1000
    assert reasons(client_id).count("rate_card") == 1
    assert month(client_id, "2026-11")["totals"] == {"USD": "0.0230", "MAD": "0.24"}


def test_each_line_and_each_month_has_its_own_allowance(client_id: str, line_id: str) -> None:
    tell(client_id, *service(client_id, line_id, 1000))
    tell(client_id, *service(client_id, new_id("line"), 1))
    tell(client_id, *service(client_id, line_id, 1, at="2026-12-01T00:00:00+00:00"))

    assert set(reasons(client_id)) == {"free_allowance"}


def test_messages_that_meta_marks_as_free_use_the_allowance_up(
    client_id: str, line_id: str
) -> None:
    tell(client_id, *service(client_id, line_id, 1000, pricing_type="free_customer_service"))
    tell(client_id, *service(client_id, line_id, 5, pricing_type="free_entry_point"))
    tell(client_id, *service(client_id, line_id, 2))

    assert reasons(client_id).count("free_customer_service") == 1000
    assert reasons(client_id).count("rate_card") == 2


def test_a_free_entry_point_leaves_the_allowance_alone(client_id: str, line_id: str) -> None:
    tell(client_id, *service(client_id, line_id, 1000, pricing_type="free_entry_point"))
    tell(client_id, *service(client_id, line_id, 1))

    assert reasons(client_id).count("free_allowance") == 1


def test_the_allowance_is_given_once_however_many_enter_at_a_time(
    app: Flask, client_id: str, line_id: str
) -> None:
    tell(client_id, *service(client_id, line_id, 990))
    batches = [service(client_id, line_id, 5) for _ in range(6)]
    told_by_two = [batch for batch in batches for _ in range(2)]

    def enter(batch: list[Event]) -> None:
        with app.app_context():
            ledger.enter_messages(client_id, deliveries(batch), META)

    with ThreadPoolExecutor(max_workers=6) as pool:
        list(pool.map(enter, told_by_two))

    assert reasons(client_id).count("free_allowance") == 1000
    assert reasons(client_id).count("rate_card") == 20


def test_a_late_message_takes_the_free_place_that_is_its_own(client_id: str, line_id: str) -> None:
    tell(client_id, *service(client_id, line_id, 1000, at="2026-11-10T10:00:00+00:00"))
    tell(client_id, *service(client_id, line_id, 1, at="2026-11-20T10:00:00+00:00", country="FR"))
    before = month(client_id, "2026-11")["totals"]["USD"]
    tell(client_id, *service(client_id, line_id, 1, at="2026-11-01T10:00:00+00:00"))

    # The thousandth gave its place to the late one and is charged; the one to France still is.
    assert (before, month(client_id, "2026-11")["totals"]["USD"]) == ("0.0300", "0.0530")
    corrected = [entry for entry in entries(client_id) if entry.revision or entry.reversal]
    assert [(entry.reversal, entry.revision, str(entry.amount)) for entry in corrected] in (
        [(True, 0, "0"), (False, 1, "0.0230")],
        [(False, 1, "0.0230"), (True, 0, "0")],
    )


def test_a_message_that_was_delivered_earlier_than_it_was_read_moves_to_its_month(
    client_id: str, line_id: str
) -> None:
    read = status(client_id, line_id, "read", at="2026-11-01T00:00:01+00:00")
    delivered = status(
        client_id, line_id, at="2026-09-30T23:59:59+00:00", message_id=read.data["message_id"]
    )
    for event in (read, delivered, read, delivered):
        tell(client_id, event)

    months = [month(client_id, text) for text in ("2026-09", "2026-11")]
    assert [it["totals"]["USD"] for it in months] == ["0.0040", "0.0000"]
    assert [len(it["lines"]) for it in months] == [1, 0]
    assert len(entries(client_id)) == 3


TIERS = RateCard(
    "tiers",
    1,
    card_files.read(
        f"{HEADER}market,Morocco,MA,,,,,,,2026-01-01,,x\n"
        "message,Morocco,,utility,1,3,0.02,USD,,2026-01-01,2026-11-15,x\n"
        "message,Morocco,,utility,4,,0.01,USD,,2026-01-01,2026-11-15,x\n"
        "message,Morocco,,utility,1,5,0.2,USD,,2026-11-16,,x\n"
        "message,Morocco,,utility,6,,0.1,USD,,2026-11-16,,x\n".encode()
    ),
)


def test_clients_on_one_portfolio_share_its_volume(
    app: Flask, client_id: str, line_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, others_line = another_client(), new_id("line")
    for client, line in ((client_id, line_id), (other, others_line)):
        event = activated(client, line, portfolio_id="portfolio-of-both")
        rents.start(client, [event], built(CostReporting), moment("2026-11-10"))
    monkeypatch.setattr(CostReporting, "card", TIERS)

    def at(client: str, line: str, *days: int) -> None:
        for day in days:
            tell(client, status(client, line, at=f"2026-11-{day:02}T09:00:00+00:00"))

    at(client_id, line_id, 2, 3, 4)
    at(other, others_line, 5)
    assert amounts(client_id) == ["0.02", "0.02", "0.02"]
    assert amounts(other) == ["0.01"]  # the fourth of both

    at(other, others_line, 1)
    assert amounts(other) == ["0.02", "0.01"]
    ledger.correct_moved()
    assert amounts(client_id) == ["0.02", "0.02", "0.01"]

    at(
        client_id, line_id, 17, 18
    )  # the sixth and seventh, by the prices of the month's second half
    assert amounts(client_id) == ["0.02", "0.02", "0.01", "0.1", "0.1"]


def test_a_month_is_priced_again_by_entries_after_a_card_that_reaches_back(
    client_id: str, line_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rents.start(
        client_id, [activated(client_id, line_id)], built(CostReporting), moment("2026-11-10")
    )
    tell(client_id, *service(client_id, line_id, 2), status(client_id, line_id, country="JP"))
    written = card_files.write(META.rows)
    other = written.replace(",service,,,1000,", ",service,,,1,").replace(",1.00,USD", ",2.00,USD")
    other += (
        "market,Japan,JP,,,,,,,2026-01-01,,x\nmessage,Japan,,utility,,,0.07,USD,,2026-01-01,,x\n"
    )
    november = date(2026, 11, 1)
    repricing.reprice(november, built(CostReporting))
    assert len(entries(client_id)) == 4, "nothing differs"
    monkeypatch.setattr(CostReporting, "card", RateCard("new", 1, card_files.read(other.encode())))

    assert repricing.reprice(november, built(CostReporting)) >= 3  # other clients are there
    assert repricing.reprice(november, built(CostReporting)) == 0
    shown = month(client_id, "2026-11")
    assert (shown["totals"]["USD"], shown["unpriced"]) == ("2.0930", 0)
    assert sum(entry.reversal for entry in entries(client_id)) == 3


def amounts(client_id: str) -> list[str]:
    """Of the messages that hold, in the order of their delivery."""
    found = {
        entry.fact: entry
        for entry in sorted(entries(client_id), key=lambda entry: entry.revision)
        if entry.kind == "message" and not entry.reversal
    }
    return [str(it.amount) for it in sorted(found.values(), key=lambda it: it.occurred_at)]


def another_client() -> str:
    return tenancy.create_client(
        tenancy.create_vendor("Another vendor"), {"name": "Rif Textiles", "country": "MA"}
    ).client_id


def test_what_has_no_price_is_shown_as_unpriced_and_never_as_nothing(
    client_id: str, line_id: str
) -> None:
    tell(
        client_id,
        status(client_id, line_id, country="JP"),
        status(client_id, line_id, country=None),
        status(client_id, line_id),
    )

    shown = month(client_id, "2026-11")
    assert sorted(reasons(client_id)) == ["no_rate", "rate_card", "unknown_country"]
    assert shown["unpriced"] == 2
    assert [(line["quantity"], line["amount"]) for line in shown["lines"]] == [
        (1, {"amount": "0.0230", "currency": "USD"}),
        (2, None),
    ]
    assert shown["totals"] == {"USD": "0.0230", "MAD": "0.24"}


def test_a_month_adds_up_to_the_last_decimal(client_id: str, line_id: str) -> None:
    rents.start(
        client_id, [activated(client_id, line_id)], built(CostReporting), moment("2026-11-10")
    )
    tell(client_id, status(client_id, line_id))
    tell(client_id, *[status(client_id, line_id, category="marketing") for _ in range(3)])
    tell(client_id, *service(client_id, line_id, 2))

    shown = month(client_id, "2026-11")
    assert shown["month"] == "2026-11"
    assert shown["lines"] == [
        {
            "line_id": line_id,
            "kind": kind,
            "category": category,
            "quantity": quantity,
            "amount": {"amount": amount, "currency": "USD"},
            "paid_to": "platform",
        }
        for kind, category, quantity, amount in [
            ("message", "marketing", 3, "0.1242"),
            ("message", "service", 2, "0.0000"),
            ("message", "utility", 1, "0.0230"),
            ("number_month", None, 1, "1.0000"),
        ]
    ]
    # 1.1472 USD at 10.50 are 12.0456 MAD.
    assert shown["totals"] == {"USD": "1.1472", "MAD": "12.05"}
    assert shown["unpriced"] == 0
    assert month(client_id, "2026-10")["lines"] == []


def test_a_line_that_its_client_pays_for_pays_meta_and_has_no_rent(
    client_id: str, line_id: str
) -> None:
    own = activated(client_id, line_id, paid_by="client", supplier=None, rented_at=None)
    cost_reporting.on_lines_activated(client_id, [own])
    tell(client_id, status(client_id, line_id))

    assert [(entry.kind, entry.paid_to) for entry in entries(client_id)] == [("message", "meta")]
    shown = month(client_id, "2026-11")
    assert shown["totals"] == {"USD": "0.0000", "MAD": "0.00"}
    assert shown["paid_to_meta"] == {"USD": "0.0230", "MAD": "0.24"}


def rent_months(client_id: str) -> list[str]:
    return [entry.month for entry in entries(client_id) if entry.kind == "number_month"]


def test_a_rent_is_entered_once_in_each_month(client_id: str, line_id: str) -> None:
    event = activated(client_id, line_id, "2026-11-30T23:00:00+00:00")
    for _ in range(2):
        rents.start(client_id, [event], built(CostReporting), moment("2026-11-30T23:00"))
    rents.enter_all(built(CostReporting), moment("2026-11-30T23:59"))
    assert rent_months(client_id) == ["2026-11"]

    for _ in range(2):
        rents.enter_all(built(CostReporting), moment("2026-12-01"))
    assert rent_months(client_id) == ["2026-11", "2026-12"]

    # The scheduler was away for two months.
    rents.enter_all(built(CostReporting), moment("2027-02-03"))
    assert rent_months(client_id) == ["2026-11", "2026-12", "2027-01", "2027-02"]
    assert {entry.fact for entry in entries(client_id)} == {
        f"number:{line_id}:{name}" for name in ("2026-11", "2026-12", "2027-01", "2027-02")
    }


def test_a_number_that_was_kept_ready_costs_nothing_in_the_month_it_is_assigned(
    client_id: str, line_id: str
) -> None:
    assigned = activated(
        client_id, line_id, "2026-10-02T00:00:00+00:00", assigned_at="2026-11-20T09:00:00+00:00"
    )
    rents.start(client_id, [assigned], built(CostReporting), moment("2026-11-20T09:01"))
    assert rent_months(client_id) == []
    rents.enter_all(built(CostReporting), moment("2027-01-01"))
    assert rent_months(client_id) == ["2026-12", "2027-01"]


def test_a_released_line_pays_its_last_month_and_no_more(client_id: str, line_id: str) -> None:
    rents.start(
        client_id, [activated(client_id, line_id)], built(CostReporting), moment("2026-11-10")
    )
    released = told(client_id, "line.released", "2026-12-03T00:00:00+00:00", line_id=line_id)
    for _ in range(2):
        cost_reporting.on_lines_released(client_id, [released])
    rents.enter_all(built(CostReporting), moment("2027-01-01"))

    assert rent_months(client_id) == ["2026-11", "2026-12"]


def test_the_rent_is_the_suppliers_price_where_it_said_one(client_id: str, line_id: str) -> None:
    event = activated(client_id, line_id, monthly_amount="3.75", monthly_currency="USD")
    rents.start(client_id, [event], built(CostReporting), moment("2026-11-10"))

    [entry] = entries(client_id)
    assert (str(entry.amount), entry.reason) == ("3.75", "supplier_price")
    assert entry.source is not None
    assert "twilio" in entry.source


def test_what_a_number_cost_once_is_entered_once_for_each_number_of_a_line(
    client_id: str, line_id: str
) -> None:
    once = {"set_up_amount": "2.00", "set_up_currency": "USD"}
    first = activated(client_id, line_id, "2026-11-01T00:00:00+00:00", **once)
    second = activated(client_id, line_id, phone_number="+212520000002", **once)
    replaced = replace(second, type="line.number_replaced")
    moved = replace(second, type="line.rent_moved", data={**second.data, "set_up_amount": None})
    ready = activated(client_id, new_id("line"), assigned_at=NOVEMBER, **once)
    own = activated(client_id, new_id("line"), paid_by="client", **once)
    nothing = activated(client_id, new_id("line"), set_up_amount="0.00", set_up_currency="USD")
    for _ in range(2):
        cost_reporting.on_lines_activated(client_id, [first, ready, own, nothing])
        cost_reporting.on_numbers_replaced(client_id, [replaced, moved])

    found = [entry for entry in entries(client_id) if entry.kind == "set_up"]
    assert [(it.fact, str(it.amount), it.currency, it.month) for it in found] == [
        (f"set_up:{line_id}:+212520000001", "2.00", "USD", "2026-11"),
        (f"set_up:{line_id}:+212520000002", "2.00", "USD", "2026-11"),
    ]


def test_a_number_that_meta_held_on_to_is_the_platforms_cost_from_the_month_after(
    client_id: str, line_id: str
) -> None:
    """Its line bore the month it ended in. Given back in that very month it costs nobody more."""
    held = {
        "line_id": line_id,
        "country": "MA",
        "phone_number": "+212520000001",
        "supplier": "twilio",
        "monthly_amount": None,
        "monthly_currency": None,
        "unused_since": NOVEMBER,
    }
    soon = {**held, "phone_number": "+212520000002"}
    for _ in range(2):
        cost_reporting.on_numbers_given_back(
            client_id,
            [
                told(client_id, "number.given_back", "2027-01-03T00:00:00+00:00", **held),
                told(client_id, "number.given_back", "2026-11-30T00:00:00+00:00", **soon),
            ],
        )

    assert [(it.fact, str(it.amount)) for it in entries(client_id)] == [
        (f"number:{line_id}:{month}:+212520000001:twilio", "1.00")
        for month in ("2026-12", "2027-01")
    ]


def test_the_schedule_enters_the_rents_of_every_client_by_the_clock(
    app: Flask, client_id: str, line_id: str
) -> None:
    now = app.extensions["clock"].now().isoformat()
    other = another_client()
    for client, line in ((client_id, line_id), (other, new_id("line"))):
        cost_reporting.on_lines_activated(client, [activated(client, line, now)])
        with tenant(client) as session:
            for entry in session.scalars(select(Entry)):
                session.delete(entry)
            for rent in session.scalars(select(Rent)):
                rent.entered_through = None
    schedule, *_ = cost_reporting.register_schedules()
    schedule.run()

    assert schedule.name == "number-rents"
    assert [rent_months(client) for client in (client_id, other)] == [[now[:7]], [now[:7]]]


def test_another_client_and_the_platform_see_no_entry(client_id: str, line_id: str) -> None:
    rents.start(
        client_id, [activated(client_id, line_id)], built(CostReporting), moment("2026-11-10")
    )
    other = another_client()
    count = select(func.count())

    with tenant(other) as session:
        assert session.scalar(count.select_from(Entry)) == 0
        assert session.scalar(count.select_from(Rent)) == 0
    with platform() as session:
        assert session.scalar(count.select_from(Entry)) == 0
        ours = count.select_from(Rent).where(Rent.client_id == client_id)
        assert session.scalar(ours) == 1


def test_erasing_a_client_takes_its_ledger_along(client_id: str, line_id: str) -> None:
    rents.start(
        client_id, [activated(client_id, line_id)], built(CostReporting), moment("2026-11-10")
    )
    with tenant(client_id) as session:
        session.execute(
            text("DELETE FROM clients WHERE client_id = :id"), {"id": parse("cli", client_id)}
        )

    assert entries(client_id) == []


def test_the_migration_makes_what_the_models_say() -> None:
    def ours(thing: Any, name: str | None, kind: str, reflected: bool, other: Any) -> bool:
        return str(name if kind == "table" else thing.table.name).startswith("cost_reporting_")

    with db.engines["owner"].connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": ours})
        differences = compare_metadata(context, db.metadata)

    assert differences == []
