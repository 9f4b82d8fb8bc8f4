"""Budgets, and whether they let a message leave."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.costs.contract import Money


@dataclass(frozen=True, kw_only=True)
class SpendFacts:
    """A template that Meta charges as marketing and that is about to be accepted."""

    line_id: str
    answers: bool  # the candidate's reply window is open
    used_up: frozenset[str | None]  # as SpendPolicy.used_up found them


class SpendPolicy(ABC):
    """A Pricing that may stop marketing. What was accepted before leaves; so does any answer."""

    @abstractmethod
    def used_up(self, client_id: str) -> frozenset[str | None]:
        """The lines whose budget is used up and stops marketing now; None: all of the client's.

        Asked once a transaction of the core's; it reads in one of its own.
        """

    @abstractmethod
    def allows(self, facts: SpendFacts) -> bool:
        """Whether it may be accepted; pure."""


@dataclass(frozen=True, kw_only=True)
class BudgetWanted:
    """What a client, or one of its lines, may cost in a calendar month."""

    line_id: str | None  # None: all of the client's
    money: Money
    stops_marketing: bool


class BudgetRefused(ValueError):
    """There cannot be such a budget. `code` is `unknown_line` or `no_exchange_rate`."""

    def __init__(self, code: str, detail: str, pointer: str) -> None:
        super().__init__(detail)
        self.code = code
        self.pointer = pointer


class KeepsBudgets(ABC):
    """A Pricing with budgets. Each call is made inside no open scope; it opens the client's."""

    @abstractmethod
    def budgets(self, client_id: str) -> Mapping[str, Any]:
        """This month and its budgets, as `budget_schemas.BudgetsShown` has it."""

    @abstractmethod
    def set_budget(self, client_id: str, wanted: BudgetWanted) -> Mapping[str, Any]:
        """Set the one budget of the client, or of the line; as `budget_schemas.BudgetShown` has it.

        BudgetRefused where it cannot be held.
        """

    @abstractmethod
    def remove_budget(self, client_id: str, budget_id: str) -> bool:
        """Take it away; False where there is none of this id."""
