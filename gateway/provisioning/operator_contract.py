"""How the operator itself stands with the platform, as a registrar may be able to tell."""

from abc import ABC, abstractmethod
from typing import Final

VERIFIED: Final = "VERIFIED"


class ReportsStanding(ABC):
    """A registrar that tells what the platform lets the operator's business and app do."""

    @abstractmethod
    def verification(self, portfolio_id: str) -> str:
        """How the business that owns the portfolio is verified, read afresh.

        VERIFIED, or what it is instead, in the platform's words: an open list.
        """

    @abstractmethod
    def acts_for_others(self) -> bool:
        """Whether the app may act for businesses that are not its own, as Embedded Signup takes."""
