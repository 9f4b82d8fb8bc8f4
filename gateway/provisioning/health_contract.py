"""How a number stands with the platform, as a registrar may be able to tell."""

from abc import ABC, abstractmethod
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class MessagingLimit:
    """How many people a portfolio may write to first in 24 hours; None: as many as it wants."""

    people: int | None


@dataclass(frozen=True, kw_only=True)
class HealthError:
    """What the platform says is wrong, in its own words."""

    code: str
    description: str
    solution: str | None


@dataclass(frozen=True, kw_only=True)
class HealthEntity:
    """One thing that every message passes (number, account, portfolio, app), and if it lets it."""

    kind: str  # PHONE_NUMBER, WABA, BUSINESS, APP; open, as are all of these
    id: str
    can_send: str  # AVAILABLE, LIMITED, BLOCKED
    errors: tuple[HealthError, ...] = ()


@dataclass(frozen=True, kw_only=True)
class NumberHealth:
    """One number as the platform sees it now. Statuses are open strings: Meta adds to them."""

    phone_number_id: str
    status: str  # CONNECTED, PENDING, DISCONNECTED, MIGRATED, DELETED, …
    connected: bool  # registered on the Cloud API
    code_verified: bool
    name_status: str
    quality_rating: str  # GREEN, YELLOW, RED, UNKNOWN
    can_send: str  # AVAILABLE, LIMITED, BLOCKED; UNKNOWN where it is not told
    entities: tuple[HealthEntity, ...] = ()
    limit: MessagingLimit | None = None


@dataclass(frozen=True, kw_only=True)
class AccountHealth:
    """An account with all of its numbers."""

    review: str  # APPROVED, PENDING, REJECTED, …
    numbers: tuple[NumberHealth, ...]


class ReportsHealth(ABC):
    """A registrar that tells how numbers stand."""

    @abstractmethod
    def health(self, waba_id: str) -> AccountHealth:
        """The account and its numbers, read afresh, in as few calls as there are.

        AccountStopped where the platform lets nobody act there any more.
        """
