"""What the platform's groups are to us: read for a report on a line, tried in the sandbox."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from gateway.costs.contract import Money
from gateway.onboarding.contract import Blocker


@dataclass(frozen=True, kw_only=True)
class GroupStanding:
    """What decides whether a number may use the platform's groups."""

    official: bool  # an Official Business Account
    coexisting: bool  # it stays in the WhatsApp Business app beside the API
    connected: bool  # registered on the Cloud API


@dataclass(frozen=True, kw_only=True)
class Group:
    """A group of a number's, as the platform holds it. `people` leaves the business out."""

    group_id: str
    subject: str
    invite_link: str
    people: int


class GroupCarrier(ABC):
    """A messaging provider that knows groups: read for reports, tried in the sandbox.

    Nothing of the gateway writes to a group of real people.
    """

    @abstractmethod
    def group_standing(self, phone_number_id: str) -> GroupStanding:
        """How the number stands, read afresh."""

    @abstractmethod
    def open_group(self, phone_number_id: str, *, subject: str) -> None:
        """Ask for a group; it is in `groups` once the platform has made it.

        Refused `group_refused` where the number may have none.
        """

    @abstractmethod
    def groups(self, phone_number_id: str) -> Sequence[Group]:
        """The number's groups."""

    @abstractmethod
    def write_to_group(
        self, phone_number_id: str, group_id: str, *, type: str, content: Mapping[str, Any]
    ) -> str:
        """Hand one message over for everybody in the group; its wamid.

        Refused `group_refused` as long as nobody has joined.
        """


@dataclass(frozen=True, kw_only=True)
class GroupsFinding:
    """What is said about groups, and how it stands: `confirmed`, `overtaken` or `in part`."""

    statement: str
    verdict: str
    why: str
    source: str
    as_of: str  # 2026-02-03


@dataclass(frozen=True, kw_only=True)
class GroupsReport:
    """Whether a line may use groups, why, and what they are good for."""

    eligible: bool
    reasons: tuple[Blocker, ...]  # what stands in the way; none where it is eligible
    offers: tuple[str, ...]
    forbids: tuple[str, ...]
    findings: tuple[GroupsFinding, ...]


@dataclass(frozen=True, kw_only=True)
class GroupsTrial:
    """An experiment counted: groups of a candidate and a recruiter, against the 1-on-1 way.

    Costs are None where no price is known.
    """

    groups: int
    refused: int  # groups that could not be written to: nobody had joined
    invited: int
    joined: int
    messages: int  # handed over to groups
    deliveries: int  # one for each person in the group
    group_cost: Money | None
    one_to_one_messages: int
    one_to_one_cost: Money | None


class GroupsLab(Protocol):
    """What an experiment may use: a line of the sandbox, and people who live there alone."""

    carrier: GroupCarrier
    phone_number_id: str
    run: str  # names the experiment; another one has another name

    def note(self, text: str) -> Mapping[str, Any]:
        """The content of a utility template that says this; it may go to people and to groups."""

    def write(self, phone: str, note: Mapping[str, Any]) -> None:
        """Send a note to a person, 1-on-1."""

    def person(self, place: int) -> str:
        """The phone (E.164) of the nth made-up person."""

    def until(self, is_so: Callable[[], bool], seconds: float) -> bool:
        """Wait until it is so, at most so long; whether it is."""

    def price(self) -> Money | None:
        """What one delivered note costs today, to these people."""


class InvestigatesGroups(ABC):
    """An onboarding provider that can say what groups would be for a line, and try them."""

    @abstractmethod
    def report(self, standing: GroupStanding) -> GroupsReport:
        """What a number that stands so can and cannot do with groups. Pure."""

    @abstractmethod
    def experiment(self, lab: GroupsLab, *, pairs: int, messages: int) -> GroupsTrial:
        """A group for each of so many pairs, and so many messages to each. Sandbox only."""
