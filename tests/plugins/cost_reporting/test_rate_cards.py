"""The shipped cards, and how a day chooses one."""

from datetime import date
from decimal import Decimal

import pytest

from gateway.http_client import HttpClient
from gateway.plugin_api import MessageFacts, Money
from plugins.cost_reporting.pricing import CostReporting
from plugins.cost_reporting.rate_cards import read, shipped

BEFORE = date(2026, 9, 30)
AFTER = date(2026, 10, 1)
NUMBERS = """
currency = "USD"
markets = []
allowances = []
numbers = [
  { country = "MA", from = 2026-01-01, monthly = 1.00, currency = "USD", source = "old" },
  { country = "MA", from = 2026-12-01, monthly = 1.25, currency = "USD", source = "new" },
]
exchange_rates = [
  { base = "USD", quote = "MAD", rate = 10.50, as_of = 2026-01-01, source = "old" },
  { base = "USD", quote = "MAD", rate = 9.875, as_of = 2026-12-01, source = "new" },
]
"""


def amount(country: str, category: str, on: date) -> str | None:
    rate = shipped().message(country, category, on)
    return format(rate.money.amount, "f") if rate else None


@pytest.mark.parametrize(
    ("category", "before", "after"),
    [
        ("marketing", "0.0225", "0.0414"),
        ("utility", "0.0040", "0.0230"),
        ("authentication", "0.0040", "0.0230"),
        ("service", "0", "0.0230"),
    ],
)
def test_morocco_becomes_a_market_of_its_own(category: str, before: str, after: str) -> None:
    assert amount("MA", category, BEFORE) == before
    assert amount("MA", category, AFTER) == after


@pytest.mark.parametrize(
    ("country", "marketing", "utility"),
    [
        ("FR", "0.0859", "0.0300"),
        ("ES", "0.0707", "0.0200"),
        ("EG", "0.0644", "0.0036"),
        ("ZA", "0.0379", "0.0095"),
        ("SN", "0.0225", "0.0040"),
    ],
)
def test_neighbours_have_their_own_prices(country: str, marketing: str, utility: str) -> None:
    assert amount(country, "marketing", AFTER) == marketing
    assert amount(country, "utility", AFTER) == utility
    assert amount(country, "service", AFTER) == utility


@pytest.mark.parametrize(
    ("country", "category", "on"),
    [
        ("JP", "utility", AFTER),
        ("FR", "utility", BEFORE),
        ("MA", "utility", date(2025, 6, 30)),
        ("MA", "marketing_lite", AFTER),
    ],
)
def test_a_gap_has_no_price(country: str, category: str, on: date) -> None:
    assert shipped().message(country, category, on) is None


def test_service_messages_are_free_up_to_an_allowance_since_october() -> None:
    assert shipped().allowance("service", BEFORE) == 0
    assert shipped().allowance("service", AFTER) == 1000
    assert shipped().allowance("utility", AFTER) == 0


def test_a_later_card_and_a_later_rate_take_over_on_their_day() -> None:
    cards = read(NUMBERS)
    found = [cards.number("MA", day) for day in (date(2026, 11, 30), date(2026, 12, 1))]
    rates = [cards.exchange("USD", "MAD", day) for day in (date(2026, 11, 30), date(2026, 12, 1))]

    assert [rate and rate.money.amount for rate in found] == [Decimal("1.00"), Decimal("1.25")]
    assert [rate and rate.source for rate in rates] == ["old", "new"]
    assert cards.number("MA", date(2025, 12, 31)) is None
    assert cards.number("FR", date(2026, 12, 1)) is None
    assert cards.exchange("USD", "MAD", date(2025, 12, 31)) is None


def test_converting_is_exact_both_ways_and_unknown_without_a_rate() -> None:
    cards = read(NUMBERS)

    def converted(value: str, currency: str, to: str) -> Money | None:
        return cards.convert(Money(amount=Decimal(value), currency=currency), to, AFTER)

    assert converted("0.0230", "USD", "MAD") == Money(amount=Decimal("0.2415"), currency="MAD")
    assert converted("105", "MAD", "USD") == Money(amount=Decimal(10), currency="USD")
    assert converted("5", "EUR", "EUR") == Money(amount=Decimal(5), currency="EUR")
    assert converted("5", "EUR", "MAD") is None


def test_quotes_carry_both_currencies_and_their_source() -> None:
    pricing = CostReporting({}, HttpClient(pool=1))
    message = pricing.quote_message(MessageFacts(country="MA", category="marketing", on=AFTER))
    number = pricing.quote_number("MA", AFTER)

    assert message is not None
    assert message.money == Money(amount=Decimal("0.0414"), currency="USD")
    assert message.converted == {"MAD": Money(amount=Decimal("0.4347"), currency="MAD")}
    assert "Morocco" in message.source
    assert number is not None
    assert number.money == Money(amount=Decimal("1.00"), currency="USD")
    assert number.converted["MAD"].amount == Decimal("10.50")
    assert "estimate" in number.source
    assert pricing.quote_number("JP", AFTER) is None
    assert pricing.quote_message(MessageFacts(country="JP", category="utility", on=AFTER)) is None
