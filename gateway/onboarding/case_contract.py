"""What a case is judged by: facts that were read or looked at beforehand. No call is made."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from gateway.costs.contract import Cost
from gateway.provisioning.choosing import Reason

ClaimState = Literal["holds", "holds_in_part", "does_not_hold"]


@dataclass(frozen=True, kw_only=True)
class SupplierSeen:
    """A supplier that would be asked for a number, as it was looked at last."""

    name: str
    seen_at: datetime | None  # None: nobody has looked yet
    refusal: Reason | None  # why it would sell none
    wants_papers: bool  # of the client's own
    lacking: tuple[str, ...]  # those of them that are not here or do not count


@dataclass(frozen=True, kw_only=True)
class ClientSeen:
    """The client who decides."""

    has_logo: bool
    logo_error: str | None  # why the one given by address cannot be shown; None: nothing known
    waits_for_name: bool  # introductions are held until its name is approved


@dataclass(frozen=True, kw_only=True)
class OperatorSeen:
    """What the platform lets the operator's own app do, as it was looked at last."""

    acts_for_others: bool  # it is a Tech Provider's or a Solution Partner's
    seen_at: datetime


@dataclass(frozen=True, kw_only=True)
class PortfolioSeen:
    """A portfolio of the platform's, as it was looked at last."""

    verification: str | None  # VERIFIED, or what it is instead; None: nobody has looked yet
    seen_at: datetime | None
    people: int | None  # whom it may write to first in 24 h; None: as many as it wants


@dataclass(frozen=True, kw_only=True)
class CaseFacts:
    """What stands now, for a client or, where none is named, for anybody of the country."""

    country: str  # ISO 3166 alpha-2
    client: ClientSeen | None
    suppliers: tuple[SupplierSeen, ...]  # in the order in which they would be asked
    left_out: tuple[Reason, ...]  # why others on offer would not be asked
    ready: int  # numbers of the country that are kept ready
    placed: int  # numbers that the platform's portfolios hold
    room: int  # numbers that they still take
    can_sign_up: bool  # the operator has configured the platform's sign-up
    operator: OperatorSeen | None  # None: nobody has looked yet
    portfolios: tuple[PortfolioSeen, ...]
    number_price: Cost | None  # a month; None: no price is known
    estimate: Mapping[str, Any] | None  # the expected month, as `costs.schemas.EstimateShown`


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A reason to recommend a case, as it stands today; `why` is one sentence."""

    state: ClaimState
    why: str
    seen_at: datetime | None = None  # when that was looked at; None: read as it stands now
