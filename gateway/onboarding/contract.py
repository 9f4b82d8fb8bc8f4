"""How a case is offered and an activation planned: providers declare, the core carries out."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from marshmallow import Schema

from gateway.errors import Actor
from gateway.http_client import HttpClient
from gateway.onboarding.case_contract import CaseFacts, Claim
from gateway.onboarding.step_contract import LineRequest, Step


@dataclass(frozen=True, kw_only=True)
class Link:
    """Where the platform documents what a case rests on."""

    title: str
    url: str


@dataclass(frozen=True, kw_only=True)
class CaseTraits:
    """What a client decides by. Ratings are `low`, `medium`, `high` or `very high`."""

    title: str
    setup_ease: str
    candidate_trust: str
    technical_complexity: str
    client_requirement: str
    number_owner: str
    when_a_recruiter_leaves: str
    time_to_live: str
    pros: tuple[str, ...]
    cons: tuple[str, ...]
    paid_by: str  # "platform" or "client": who pays Meta and the supplier
    links: tuple[Link, ...]
    recommended_because: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Blocker:
    """What stands in the way; `detail` says what would change that."""

    code: str
    detail: str
    who: Actor


@dataclass(frozen=True, kw_only=True)
class CaseBlocker(Blocker):
    """What stands in the way of a case now."""

    stops: bool = True  # no line can be asked for; else one that is asked for waits at this
    seen_at: datetime | None = None  # when it was looked at; None: read as it stands now


class OnboardingProvider(ABC):
    """Offers one case of getting a line."""

    name: ClassVar[str]
    settings_schema: ClassVar[type[Schema]]
    traits: ClassVar[CaseTraits]
    startable: ClassVar[bool]
    needs_connector: ClassVar[bool] = False  # the client signs up at the platform

    def __init__(self, settings: Mapping[str, Any], http: HttpClient) -> None:
        self.settings = settings
        self.http = http

    @abstractmethod
    def blockers(self, facts: CaseFacts) -> Sequence[CaseBlocker]:
        """What stands in the way of this case now. Decided from the facts alone."""

    def claims(self, facts: CaseFacts) -> Sequence[Claim]:
        """How each of the traits' `recommended_because` stands now, in their order."""
        return ()

    @abstractmethod
    def plan(self, request: LineRequest, steps: Mapping[str, Callable[[], Step]]) -> Sequence[Step]:
        """The ordered steps to an active line; `steps` are the common ones, by name."""
