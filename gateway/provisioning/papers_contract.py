"""What a supplier must be able to do that sells some numbers against papers only."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

from gateway.errors import Actor
from gateway.provisioning.capture_contract import InboundReport
from gateway.provisioning.contract import NumberType

PaperKind = Literal["rc", "tax_id", "utility_bill"]
OF_PAPERS: Final = ("papers_missing", "papers_in_review", "papers_declined")
"""Why no number is sold, until papers come or are approved."""


@dataclass(frozen=True, kw_only=True)
class PaperRequirement:
    """A paper without which the supplier sells no such number; `who` must give it."""

    name: str  # the supplier's own
    title: str  # for a person
    who: Actor
    kind: PaperKind | None = None  # which of a client's papers it is; None: what all of them say


class HasPapers(ABC):
    """A supplier that sells some numbers against papers only."""

    @abstractmethod
    def requirements(self, country: str, number_type: NumberType) -> Sequence[PaperRequirement]:
        """The papers it asks for; none where it asks for none."""


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where a company is registered."""

    street: str
    city: str
    postal_code: str | None
    region: str | None
    country: str  # ISO 3166 alpha-2


@dataclass(frozen=True, kw_only=True)
class Business:
    """A company as its papers name it."""

    name: str
    address: Address
    register_number: str | None
    tax_number: str | None


@dataclass(frozen=True, kw_only=True)
class Paper:
    """One paper of the company's."""

    kind: PaperKind
    filename: str
    content_type: str  # application/pdf, image/png or image/jpeg
    content: bytes = field(repr=False)
    number: str | None
    issued_on: date | None


@dataclass(frozen=True, kw_only=True)
class Submission:
    """What is handed in for numbers of a country and a type, under our reference."""

    reference: str
    country: str
    number_type: NumberType
    business: Business
    papers: Mapping[PaperKind, Paper]


@dataclass(frozen=True, kw_only=True)
class PapersState:
    """How a submission stands; `reasons` are whole sentences, where it was declined."""

    supplier_ref: str  # what an order of a number names
    status: Literal["pending", "approved", "declined"]
    reasons: tuple[str, ...] = ()


class TakesPapers(HasPapers):
    """A supplier to which clients' papers are handed in. One reference, one submission, for ever:
    other papers come under another reference."""

    @abstractmethod
    def asks_clients(self, country: str) -> bool:
        """Whether it wants papers of whoever uses a number of the country. No call is made."""

    @abstractmethod
    def find_papers(self, reference: str) -> PapersState | None:
        """How the submission stands; None where nothing was handed in, or only a part."""

    @abstractmethod
    def submit_papers(self, submission: Submission) -> PapersState:
        """Hand the papers in, or what is lacking of them. OutcomeUnknown: `find_papers` tells."""


class HearsOfPapers(ABC):
    """A code capture whose supplier also reports what became of papers.

    A report only hastens the next look: `find_papers` says how a submission stands.
    """

    @abstractmethod
    def papers_told(self, report: InboundReport) -> Sequence[str]:
        """The references of the submissions that the report is about; empty where of none."""
