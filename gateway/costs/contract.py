"""What the core asks of whoever knows prices. Pure values; amounts are exact decimals."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from marshmallow import Schema

from gateway.http_client import HttpClient


@dataclass(frozen=True, kw_only=True)
class Money:
    """An exact amount in one currency (ISO 4217), at the precision of the rate it came from."""

    amount: Decimal
    currency: str

    def as_json(self) -> dict[str, str]:
        return {"amount": format(self.amount, "f"), "currency": self.currency}


@dataclass(frozen=True, kw_only=True)
class MessageFacts:
    """What decides a message's price: the recipient's country (ISO 3166 alpha-2), the category
    Meta charges (`marketing`, `utility`, `authentication`, `service`), the day of delivery."""

    country: str
    category: str
    on: date


@dataclass(frozen=True, kw_only=True)
class Cost:
    """One price in its own currency and, where a dated rate is known, in others."""

    money: Money
    converted: Mapping[str, Money]
    source: str


@dataclass(frozen=True, kw_only=True)
class EstimateFacts:
    """A month of `clients` clients, each with one line and these messages to one country."""

    on: date  # whose prices count
    country: str  # of the candidates and of the numbers, ISO 3166 alpha-2
    rate_card: str | None  # None: the one by which is priced what happens
    clients: int
    introductions: int
    marketing: int
    utility: int
    authentication: int
    service: int  # text and files inside a reply window


class UnknownRateCard(LookupError):
    """There is no card of this name; the message names those that there are."""


class UnknownStatement(LookupError):
    """There is no statement of this month; the message says so in a sentence."""


class CannotClose(Exception):
    """A statement cannot be closed now. `code` is `month_not_over` or `earlier_month_open`."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


class Pricing(ABC):
    """Prices before, totals after. At most one plugin provides it; without one prices are null."""

    name: ClassVar[str]
    settings_schema: ClassVar[type[Schema]]

    def __init__(self, settings: Mapping[str, Any], http: HttpClient) -> None:
        self.settings = settings
        self.http = http

    @abstractmethod
    def quote_message(self, facts: MessageFacts) -> Cost | None:
        """The list price of one delivered message; None where no card covers it."""

    @abstractmethod
    def quote_number(self, country: str, on: date) -> Cost | None:
        """The monthly price of a number rented by the platform; None where no card covers it."""

    @abstractmethod
    def estimate(self, facts: EstimateFacts) -> Mapping[str, Any]:
        """What a month would cost in each case, as `schemas.EstimateShown` has it.

        UnknownRateCard where the facts name one that there is not.
        """

    @abstractmethod
    def month(self, client_id: str, month: date) -> Mapping[str, Any]:
        """The client's ledger of one calendar month (any day of it), as the API shows it.

        Called inside no open scope; it opens the client's own. Shape: `{"month": "2026-11",
        "lines": [{"line_id", "kind", "category", "quantity", "amount": Money-json, "paid_to"}],
        "totals": {"USD": "1.0230", "MAD": "10.74"}, "paid_to_meta": {…}, "unpriced": 0,
        "exchange_rates": [{"from", "to", "rate", "as_of", "source"}]}`. `totals` is what the
        platform invoices, `paid_to_meta` what the client pays directly, `unpriced` counts the
        entries that neither holds.
        """


class IssuesStatements(ABC):
    """A `Pricing` that also issues statements: a client's month, numbered and frozen once closed.

    Each method is called inside no open scope; it opens the client's own. A month is any day of
    it. What they answer is shaped as `schemas.StatementShown` has it.
    """

    @abstractmethod
    def statements(self, client_id: str) -> Sequence[Mapping[str, Any]]:
        """All of a client, the newest first, as `schemas.StatementBriefShown` has them."""

    @abstractmethod
    def statement(self, client_id: str, month: date) -> Mapping[str, Any]:
        """One with its lines. UnknownStatement where there is none of that month."""

    @abstractmethod
    def statement_csv(self, client_id: str, month: date) -> str:
        """The same as CSV, a row for each line."""

    @abstractmethod
    def close_statement(self, client_id: str, month: date) -> None:
        """Close it; one that is closed stays as it is. CannotClose says why not."""

    @abstractmethod
    def spending(self, client_id: str, month: date) -> Mapping[str, Any]:
        """A month day by day and category by category, as `schemas.SpendingShown` has it."""
