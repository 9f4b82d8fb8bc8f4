"""A month of many clients at once, and what stands out in one's."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any


class ReportsSpending(ABC):
    """A Pricing that also reports. Each call is made inside no open scope; it opens the clients'.

    A month is any day of it.
    """

    @abstractmethod
    def spending_of(self, client_ids: Sequence[str], month: date) -> Sequence[Mapping[str, Any]]:
        """The month of each, in the order given, as `report_schemas.ClientSpendingShown` has it."""

    @abstractmethod
    def anomalies(self, client_id: str, month: date) -> Sequence[Mapping[str, Any]]:
        """What stands out in the month, as `report_schemas.AnomalyShown` has it."""

    @abstractmethod
    def spending_csv(self, client_id: str, month: date) -> str:
        """What messages cost per conversation and reply, by line and by recruiter, as CSV."""
