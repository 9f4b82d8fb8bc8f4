"""A rate card: dated prices, allowances and exchange rates. What no row covers is unknown."""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from gateway.plugin_api import Money

Kind = Literal["market", "message", "allowance", "number", "exchange_rate", "markup"]
Series = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of a card; what its kind does not need is empty. It holds from `since` through
    `through`, both included; None while no end is known.

    market         these countries (ISO 3166 alpha-2) are one market
    message        a delivered message of a category in a market: the ones from `volume_from`
                   through `volume_to` that a portfolio sends in a month cost `amount` each
    allowance      so many messages (`amount`) of a category are free for a number and month
    number         a month of a number of these countries
    exchange_rate  one `per` is `amount` of `currency`
    markup         so many percent (`amount`) that somebody adds to a month of a number
    """

    line: int  # in its file, the header being 1
    kind: Kind
    market: str = ""
    countries: tuple[str, ...] = ()
    category: str = ""
    volume_from: int = 1
    volume_to: int | None = None
    amount: Decimal = Decimal(0)
    currency: str = ""
    per: str = ""
    since: date
    through: date | None
    source: str

    def covers(self, on: date) -> bool:
        return self.since <= on and (self.through is None or on <= self.through)

    def series(self) -> list[Series]:
        """What the row is a part of: of each, one day has one answer."""
        if self.kind == "market":
            return [("market", country) for country in self.countries]
        if self.kind == "number":
            return [("number", country) for country in self.countries]
        named = {
            "message": (self.market, self.category),
            "allowance": (self.category,),
            "exchange_rate": (self.per, self.currency),
        }
        return [(self.kind, *named.get(self.kind, ()))]


@dataclass(frozen=True, kw_only=True)
class Rate:
    """One price and where it comes from."""

    money: Money
    source: str


@dataclass(frozen=True, kw_only=True)
class ExchangeRate:
    """One `base` is worth `rate` of `quote`, since `as_of`."""

    base: str
    quote: str
    rate: Decimal
    as_of: date
    source: str


class RateCard:
    """The rows under one name. Questions name a day; the answer is None where no row covers it."""

    def __init__(self, name: str, version: int, rows: Iterable[Row]) -> None:
        self.name = name
        self.version = version  # 0: as shipped
        self.rows = tuple(rows)
        self._series: dict[Series, list[Row]] = defaultdict(list)
        for row in self.rows:
            for series in row.series():
                self._series[series].append(row)

    @property
    def label(self) -> str:
        """What an entry of the ledger remembers it by."""
        return f"{self.name}@{self.version}"

    def market(self, country: str, on: date) -> str | None:
        """The market that a country belongs to."""
        found = self._only(("market", country), on)
        return found.market if found else None

    def tiers(self, market: str, category: str, on: date) -> Sequence[Row]:
        """The prices of that day by volume, the smallest volume first; one where there are none."""
        found = [
            row for row in self._series.get(("message", market, category), ()) if row.covers(on)
        ]
        return sorted(found, key=lambda row: row.volume_from)

    def message(self, country: str, category: str, on: date, *, nth: int = 1) -> Rate | None:
        """The price of one delivered message, the nth that its portfolio sent in that month."""
        market = self.market(country, on)
        tiers = self.tiers(market, category, on) if market else ()
        row = next((row for row in reversed(tiers) if row.volume_from <= nth), None)
        if row is None:
            return None
        money = Money(amount=row.amount, currency=row.currency)
        return Rate(money=money, source=f"{row.source}, {row.market}")

    def number(self, country: str, on: date) -> Rate | None:
        """The price of one month of a number."""
        row = self._only(("number", country), on)
        if row is None:
            return None
        return Rate(money=Money(amount=row.amount, currency=row.currency), source=row.source)

    def allowance(self, category: str, on: date) -> int:
        """How many messages of a category are free for a number in the month of that day."""
        row = self._only(("allowance", category), on)
        return int(row.amount) if row else 0

    def allowances(self, category: str, first: date) -> tuple[int, ...]:
        """Every allowance of a category that holds on some day of the month that begins then."""
        rows = self._in_month(("allowance", category), first)
        return tuple(sorted({int(row.amount) for row in rows} - {0}))

    def volumes(self, market: str, category: str, first: date) -> tuple[int, ...]:
        """After how many messages of that month another price begins."""
        rows = self._in_month(("message", market, category), first)
        return tuple(sorted({row.volume_from - 1 for row in rows} - {0}))

    def markup(self, on: date) -> Row | None:
        return self._only(("markup",), on)

    def exchange(self, base: str, quote: str, on: date) -> ExchangeRate | None:
        row = self._only(("exchange_rate", base, quote), on)
        if row is None:
            return None
        return ExchangeRate(
            base=base, quote=quote, rate=row.amount, as_of=row.since, source=row.source
        )

    def convert(self, money: Money, currency: str, on: date) -> Money | None:
        """The same value in another currency, unrounded."""
        if money.currency == currency:
            return money
        if there := self._only(("exchange_rate", money.currency, currency), on):
            return Money(amount=money.amount * there.amount, currency=currency)
        if back := self._only(("exchange_rate", currency, money.currency), on):
            return Money(amount=money.amount / back.amount, currency=currency)
        return None

    def _in_month(self, series: Series, first: date) -> list[Row]:
        last = first.replace(day=monthrange(first.year, first.month)[1])
        return [
            row
            for row in self._series.get(series, ())
            if row.since <= last and (row.through is None or first <= row.through)
        ]

    def _only(self, series: Series, on: date) -> Row | None:
        for row in self._series.get(series, ()):
            if row.covers(on):
                return row
        return None
