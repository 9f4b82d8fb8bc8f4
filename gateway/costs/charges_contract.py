"""What providers say they charged, and whoever compares it with what was entered."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from gateway.costs.contract import Money

ChargeKind = Literal["message", "number_month", "set_up"]


@dataclass(frozen=True, kw_only=True)
class Charge:
    """What a provider charged alike on one day; None is what it does not tell."""

    starts_at: datetime  # of the day, as the provider counts days, or of what was asked about
    kind: ChargeKind
    quantity: int
    money: Money | None  # for all of them together
    phone_number: str | None = None  # E.164, the one that sent or is rented
    country: str | None = None  # of the recipients, ISO 3166 alpha-2
    category: str | None = None  # as MessageFacts has it
    pricing_type: str | None = None  # regular, free_customer_service, free_entry_point


class ReportsCharges(ABC):
    """A registrar that tells what messages of an account were charged."""

    @abstractmethod
    def charges(self, waba_id: str, *, since: datetime, until: datetime) -> Sequence[Charge]:
        """What was delivered from `since` until `until`, by day, number, country, category and
        pricing type. The first and the last day may be cut off."""


class ReportsUsage(ABC):
    """A supplier that tells what it charged for numbers."""

    @abstractmethod
    def usage(self, since: date, through: date) -> Sequence[Charge]:
        """What it charged on these days, both included, in the account's own days: each charge once
        and whole, however many days. Refused where it tells none: that is no bill of nothing."""


@dataclass(frozen=True, kw_only=True)
class BilledLine:
    """Whose a number is, or was last."""

    client_id: str
    line_id: str


@dataclass(frozen=True, kw_only=True)
class Bill:
    """What one account of a provider charged in a month, or why it does not say."""

    source: str  # the provider's name
    account: str  # a WABA; the supplier's own name where there is but one
    kind: Literal["messages", "numbers"]
    month: date  # the first of it; charges may be of days around it
    asked_at: datetime
    charges: Sequence[Charge] = ()
    lines: Mapping[str, BilledLine]  # every number of the account that is, or was, a line's
    spare: int = 0  # numbers that are rented there and are no line's now
    error: str | None = None  # a code; then there are no charges


class Reconciles(ABC):
    """A Pricing that compares its ledger with what providers say."""

    @abstractmethod
    def hear(self, bill: Bill) -> None:
        """Keep a bill; it replaces what this account said of this month. An error replaces none."""

    @abstractmethod
    def reconciliation(self, month: date, client_id: str | None = None) -> Mapping[str, Any]:
        """The comparison of a month, as `reconciling_schemas.ReconciliationShown` has it: of one
        client, or of all and of what is nobody's. Called inside no open scope."""
