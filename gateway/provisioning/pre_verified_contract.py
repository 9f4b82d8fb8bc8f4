"""What a registrar may also be able to do: keep numbers that Embedded Signup offers to clients."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class PreVerifiedNumber:
    """A number that a client may pick in Embedded Signup, where it needs no code once verified."""

    pre_verified_id: str
    phone_number: str  # E.164
    is_verified: bool


class PreVerifies(ABC):
    """A registrar that holds pre-verified numbers. `request_code` and `verify_code` take their ids
    as well."""

    @abstractmethod
    def add_pre_verified(self, *, portfolio_id: str, phone_number: str) -> str:
        """Add the number to the portfolio, to be verified; its id."""

    @abstractmethod
    def pre_verified(self, portfolio_id: str) -> Sequence[PreVerifiedNumber]:
        """The portfolio's pre-verified numbers that no client has picked."""

    @abstractmethod
    def remove_pre_verified(self, pre_verified_id: str) -> None:
        """Take it back. One that is not there any more is not an error."""
