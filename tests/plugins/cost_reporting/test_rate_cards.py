"""The shipped cards, and how a day chooses a row."""

from datetime import date
from decimal import Decimal

import pytest

from gateway.plugin_api import Money
from plugins.cost_reporting.card_files import read
from plugins.cost_reporting.card_store import shipped
from plugins.cost_reporting.rate_cards import RateCard

META = shipped("meta")
BEFORE = date(2026, 9, 30)
AFTER = date(2026, 10, 1)
HEADER = (
    "kind,market,countries,category,volume_from,volume_to,amount,currency,per,from,through,source\n"
)
NUMBERS = f"""{HEADER}
number,,MA,,,,1.00,USD,,2026-01-01,2026-11-30,old
number,,MA,,,,1.25,USD,,2026-12-01,,new
exchange_rate,,,,,,10.50,MAD,USD,2026-01-01,2026-11-30,old
exchange_rate,,,,,,9.875,MAD,USD,2026-12-01,,new
market,Morocco,MA,,,,,,,2026-01-01,,x
message,Morocco,,utility,1,1000,0.023,USD,,2026-01-01,,x
message,Morocco,,utility,1001,,0.019,USD,,2026-01-01,,x
"""


def card(text: str) -> RateCard:
    return RateCard("test", 1, read(text.encode()))


def amount(country: str, category: str, on: date) -> str | None:
    rate = META.message(country, category, on)
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
    assert META.message(country, category, on) is None


def test_service_messages_are_free_up_to_an_allowance_since_october() -> None:
    assert META.allowance("service", BEFORE) == 0
    assert META.allowance("service", AFTER) == 1000
    assert META.allowance("utility", AFTER) == 0


def test_a_later_card_and_a_later_rate_take_over_on_their_day() -> None:
    cards = card(NUMBERS)
    found = [cards.number("MA", day) for day in (date(2026, 11, 30), date(2026, 12, 1))]
    rates = [cards.exchange("USD", "MAD", day) for day in (date(2026, 11, 30), date(2026, 12, 1))]

    assert [rate and rate.money.amount for rate in found] == [Decimal("1.00"), Decimal("1.25")]
    assert [rate and rate.source for rate in rates] == ["old", "new"]
    assert cards.number("MA", date(2025, 12, 31)) is None
    assert cards.number("FR", date(2026, 12, 1)) is None
    assert cards.exchange("USD", "MAD", date(2025, 12, 31)) is None


def test_converting_is_exact_both_ways_and_unknown_without_a_rate() -> None:
    cards = card(NUMBERS)

    def converted(value: str, currency: str, to: str) -> Money | None:
        return cards.convert(Money(amount=Decimal(value), currency=currency), to, AFTER)

    assert converted("0.0230", "USD", "MAD") == Money(amount=Decimal("0.2415"), currency="MAD")
    assert converted("105", "MAD", "USD") == Money(amount=Decimal(10), currency="USD")
    assert converted("5", "EUR", "EUR") == Money(amount=Decimal(5), currency="EUR")
    assert converted("5", "EUR", "MAD") is None


def test_volume_decides_the_price_where_a_card_has_tiers() -> None:
    found = [card(NUMBERS).message("MA", "utility", AFTER, nth=nth) for nth in (1000, 1001)]

    assert [rate and rate.money.amount for rate in found] == [Decimal("0.023"), Decimal("0.019")]
