"""What is charged and why, and how a month is summed up."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from gateway.plugin_api import Event, Money
from plugins.cost_reporting.card_store import shipped
from plugins.cost_reporting.rules import (
    Delivery,
    deliveries,
    message_price,
    month_starts,
    number_price,
)
from plugins.cost_reporting.statement import Sum, statement

META = shipped("meta")
NOVEMBER = datetime(2026, 11, 5, 12, tzinfo=UTC)


def delivery(**changes: Any) -> Delivery:
    facts = {
        "message_id": "msg_1",
        "line_id": "line_1",
        "recruiter_id": None,
        "application": None,
        "at": NOVEMBER,
        "category": "service",
        "pricing_type": "regular",
        "country": "MA",
    }
    given = {**facts, **changes}
    return Delivery(**{"day": given["at"].date(), **given})


def told(type_: str, message_id: str, at: str) -> Event:
    return Event(
        event_id="evt_1",
        type=type_,
        client_id="cli_1",
        occurred_at=NOVEMBER,
        data={
            "message_id": message_id,
            "line_id": "line_1",
            "recruiter_id": None,
            "application_ref": None,
            "at": at,
            "category": "utility",
            "pricing_type": None,
            "country": "MA",
        },
    )


@pytest.mark.parametrize(
    ("changes", "past", "amount", "reason"),
    [
        ({}, 0, "0", "free_allowance"),
        ({}, 1000, "0.0230", "rate_card"),
        ({"at": datetime(2026, 9, 30, tzinfo=UTC)}, 0, "0", "rate_card"),
        ({"pricing_type": "free_customer_service"}, 5000, "0", "free_customer_service"),
        ({"pricing_type": "free_entry_point", "category": None}, 0, "0", "free_entry_point"),
        ({"category": "utility"}, 0, "0.0230", "rate_card"),
        ({"category": "utility", "pricing_type": None}, 0, "0.0230", "rate_card"),
        ({"category": "marketing", "country": "FR"}, 0, "0.0859", "rate_card"),
        ({"category": "utility", "country": "JP"}, 0, None, "no_rate"),
        ({"category": "utility", "country": None}, 0, None, "unknown_country"),
        ({"category": None}, 0, None, "unknown_category"),
        ({"country": None}, 0, "0", "free_allowance"),
        ({"country": None}, 1000, None, "unknown_country"),
    ],
)
def test_a_message_costs(
    changes: dict[str, Any], past: int, amount: str | None, reason: str
) -> None:
    price = message_price(META, delivery(**changes), past=past)

    assert (price.amount and format(price.amount, "f"), price.reason) == (
        Decimal(0) if amount == "0" else amount,
        reason,
    )
    assert price.currency == (None if amount is None else "USD")


def test_a_number_costs_what_its_supplier_asked_else_what_the_card_says() -> None:
    asked = number_price(
        META,
        country="MA",
        on=NOVEMBER.date(),
        supplier="twilio",
        amount=Decimal("1.15"),
        currency="EUR",
    )
    card = number_price(
        META, country="MA", on=NOVEMBER.date(), supplier="drawer", amount=None, currency=None
    )
    unknown = number_price(
        META, country="JP", on=NOVEMBER.date(), supplier="drawer", amount=None, currency=None
    )

    assert (asked.amount, asked.currency, asked.reason) == (
        Decimal("1.15"),
        "EUR",
        "supplier_price",
    )
    assert (card.amount, card.currency, card.reason) == (Decimal("1.00"), "USD", "rate_card")
    assert (unknown.amount, unknown.reason) == (None, "no_rate")


def test_a_message_is_delivered_by_the_first_event_that_proves_it() -> None:
    found = deliveries(
        [
            told("message.sent", "msg_a", "2026-10-31T23:59:00+00:00"),
            told("message.delivered", "msg_a", "2026-10-31T23:59:58+00:00"),
            told("message.read", "msg_a", "2026-11-01T00:00:02+00:00"),
            told("message.read", "msg_b", "2026-11-01T00:30:00+01:00"),
            told("message.played", "msg_c", "2026-11-02T00:00:00+00:00"),
            told("message.failed", "msg_d", "2026-11-02T00:00:00+00:00"),
        ]
    )

    assert [(one.message_id, one.at.date()) for one in found] == [
        ("msg_a", date(2026, 10, 31)),
        ("msg_b", date(2026, 10, 31)),
        ("msg_c", date(2026, 11, 2)),
    ]


def test_the_earliest_proof_counts_whatever_comes_first() -> None:
    early, late = "2026-10-31T23:59:58+00:00", "2026-11-01T00:00:02+00:00"

    [found] = deliveries([told("message.read", "a", late), told("message.delivered", "a", early)])

    assert found.month == "2026-10"


def test_the_time_zone_of_the_account_decides_the_day() -> None:
    [found] = deliveries(
        [told("message.delivered", "a", "2026-10-31T23:30:00+00:00")], ZoneInfo("Africa/Casablanca")
    )

    assert (found.day, found.month) == (date(2026, 11, 1), "2026-11")


def test_every_calendar_month_that_is_touched_counts() -> None:
    since = date(2026, 11, 30)

    assert month_starts(since, date(2027, 1, 1)) == [since, date(2026, 12, 1), date(2027, 1, 1)]
    assert month_starts(since, since) == [since]
    assert month_starts(since, date(2026, 10, 31)) == []


def part(quantity: int, amount: str | None, currency: str = "USD", **changes: Any) -> Sum:
    money = None if amount is None else Money(amount=Decimal(amount), currency=currency)
    facts = {"line_id": "line_1", "kind": "message", "category": "utility", "paid_to": "platform"}
    return Sum(quantity=quantity, money=money, **{**facts, **changes})


def test_totals_are_rounded_once_and_not_out_of_rounded_lines() -> None:
    shown = statement(
        META,
        date(2026, 11, 15),
        [
            part(1, "0.00005"),
            part(1, "0.00005", category="service"),
            part(1, "0.0230", category="marketing"),
        ],
    )

    assert shown["month"] == "2026-11"
    assert [line["amount"]["amount"] for line in shown["lines"]] == ["0.0001", "0.0001", "0.0230"]
    # 0.0231 USD at 10.50 are 0.24255 MAD.
    assert shown["totals"] == {"USD": "0.0231", "MAD": "0.24"}


def test_halves_are_rounded_up() -> None:
    totals = statement(META, date(2026, 11, 1), [part(1, "0.05")])["totals"]

    assert totals == {"USD": "0.0500", "MAD": "0.53"}


def test_dirhams_count_in_both_totals_and_other_currencies_without_a_rate_are_unpriced() -> None:
    shown = statement(
        META,
        date(2026, 11, 1),
        [part(1, "105", "MAD"), part(2, "3", "EUR"), part(3, None), part(4, "0")],
    )

    assert shown["totals"] == {"USD": "10.0000", "MAD": "105.00"}
    assert shown["unpriced"] == 5
    assert [line["amount"] for line in shown["lines"]] == [
        {"amount": "105.00", "currency": "MAD"},
        {"amount": "3.0000", "currency": "EUR"},
        None,
        {"amount": "0.0000", "currency": "USD"},
    ]


def test_a_month_before_any_exchange_rate_has_no_total_in_dirhams() -> None:
    shown = statement(META, date(2025, 12, 1), [part(1, "0.0040")])

    assert shown["totals"] == {"USD": "0.0040", "MAD": None}
    assert shown["exchange_rates"] == []


def test_the_rate_that_was_used_is_shown_with_its_source() -> None:
    [rate] = statement(META, date(2026, 11, 1), [])["exchange_rates"]

    assert (rate["from"], rate["to"], rate["rate"]) == ("USD", "MAD", "10.50")
    assert rate["as_of"] == "2026-01-01"
    assert "estimate" in rate["source"]
