"""Dated prices and exchange rates, as they lie beside this file. What is not there is unknown."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any

from gateway.plugin_api import Money


@dataclass(frozen=True, kw_only=True)
class Rate:
    """One price and where it comes from."""

    money: Money
    source: str


@dataclass(frozen=True, kw_only=True)
class MarketCard:
    """What a delivered message costs in the countries (ISO 3166 alpha-2) of one market."""

    market: str
    countries: frozenset[str]
    since: date
    through: date | None  # the last day; None while no end is known
    prices: Mapping[str, Decimal]  # by category
    source: str

    def covers(self, country: str, on: date) -> bool:
        ended = self.through is not None and self.through < on
        return country in self.countries and self.since <= on and not ended


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """So many messages of a category cost nothing, for each number in each calendar month."""

    category: str
    quantity: int
    since: date


@dataclass(frozen=True, kw_only=True)
class NumberCard:
    """What a number of a country costs a month."""

    country: str
    since: date
    monthly: Money
    source: str


@dataclass(frozen=True, kw_only=True)
class ExchangeRate:
    """One `base` is worth `rate` of `quote`, from its day until a later one is known."""

    base: str
    quote: str
    rate: Decimal
    as_of: date
    source: str


@dataclass(frozen=True, kw_only=True)
class RateCards:
    """Every card there is. Questions name a day; the answer is None where no card covers it."""

    currency: str  # of the markets' prices
    markets: tuple[MarketCard, ...]
    allowances: tuple[Allowance, ...]
    numbers: tuple[NumberCard, ...]
    exchange_rates: tuple[ExchangeRate, ...]

    def message(self, country: str, category: str, on: date) -> Rate | None:
        """The list price of one delivered message."""
        cards = [card for card in self.markets if card.covers(country, on)]
        card = max(cards, key=lambda card: card.since, default=None)
        if card is None or category not in card.prices:
            return None
        return Rate(
            money=Money(amount=card.prices[category], currency=self.currency),
            source=f"{card.source}, {card.market}",
        )

    def number(self, country: str, on: date) -> Rate | None:
        """The price of one month of a number."""
        cards = [card for card in self.numbers if card.country == country and card.since <= on]
        card = max(cards, key=lambda card: card.since, default=None)
        return Rate(money=card.monthly, source=card.source) if card else None

    def allowance(self, category: str, on: date) -> int:
        """How many messages of a category are free for a number in the month of that day."""
        found = [one for one in self.allowances if one.category == category and one.since <= on]
        newest = max(found, key=lambda one: one.since, default=None)
        return newest.quantity if newest else 0

    def exchange(self, base: str, quote: str, on: date) -> ExchangeRate | None:
        """The newest rate of that day."""
        rates = [
            rate
            for rate in self.exchange_rates
            if (rate.base, rate.quote) == (base, quote) and rate.as_of <= on
        ]
        return max(rates, key=lambda rate: rate.as_of, default=None)

    def convert(self, money: Money, currency: str, on: date) -> Money | None:
        """The same value in another currency, unrounded."""
        if money.currency == currency:
            return money
        if there := self.exchange(money.currency, currency, on):
            return Money(amount=money.amount * there.rate, currency=currency)
        if back := self.exchange(currency, money.currency, on):
            return Money(amount=money.amount / back.rate, currency=currency)
        return None


@cache
def shipped() -> RateCards:
    """The cards of this release, read once: they cannot change while it runs."""
    text = resources.files(__package__).joinpath("rate_cards.toml").read_text(encoding="utf-8")
    return read(text)


def read(text: str) -> RateCards:
    """Rate cards out of TOML; every amount stays the decimal that is written there."""
    cards = tomllib.loads(text, parse_float=Decimal)
    return RateCards(
        currency=cards["currency"],
        markets=tuple(_market(row) for row in cards["markets"]),
        allowances=tuple(
            Allowance(category=row["category"], quantity=row["quantity"], since=row["from"])
            for row in cards["allowances"]
        ),
        numbers=tuple(
            NumberCard(
                country=row["country"],
                since=row["from"],
                monthly=Money(amount=Decimal(row["monthly"]), currency=row["currency"]),
                source=row["source"],
            )
            for row in cards["numbers"]
        ),
        exchange_rates=tuple(
            ExchangeRate(**{**row, "rate": Decimal(row["rate"])}) for row in cards["exchange_rates"]
        ),
    )


def _market(row: Mapping[str, Any]) -> MarketCard:
    return MarketCard(
        market=row["market"],
        countries=frozenset(row["countries"]),
        since=row["from"],
        through=row.get("through"),
        prices={category: Decimal(price) for category, price in row["prices"].items()},
        source=row["source"],
    )
