"""What a step of an activation is, and all that it may use."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import ClassVar, Literal, Protocol

from gateway.costs.contract import Money
from gateway.errors import Actor
from gateway.messaging.contract import (
    TemplateCatalogue,
    TemplateDraft,
    TemplateState,
)
from gateway.onboarding.signup_contract import Connection, SignupProblem
from gateway.provisioning.choosing import Reason
from gateway.provisioning.contract import (
    CodeMethod,
    InboundUrls,
    NumberSupplier,
    NumberType,
    OwnedNumber,
)
from gateway.provisioning.papers_contract import PaperKind, Submission
from gateway.provisioning.registrar_contract import AttemptKind, Branding, Face, NumberRegistrar
from gateway.settings_values import NumberPolicy


@dataclass(frozen=True, kw_only=True)
class LineRequest:
    """What a client asked for."""

    line_id: str
    client_id: str
    client_name: str
    country: str


@dataclass(frozen=True, kw_only=True)
class Done:
    """The step has happened; `facts` are remembered and shown to later steps."""

    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Wait:
    """The step goes on elsewhere, with whoever must act; the core looks again, ever less often."""

    code: str
    detail: str
    who: Actor


@dataclass(frozen=True, kw_only=True)
class Seller:
    """A supplier that may be asked for a number now."""

    name: str
    supplier: NumberSupplier
    inbound: InboundUrls
    number_type: NumberType | None  # None: any
    policy: NumberPolicy | None


class Market(Protocol):
    """Who may sell this activation a number. At most one is chosen, and only it may be ordered
    from, until it is certain that nothing was ordered there."""

    @property
    def chosen(self) -> Seller | None:
        """Where an order left, or may have."""

    def sellers(self) -> Iterator[Seller | Reason]:
        """Whom to ask, the best first, as it is decided now; or why somebody is not asked."""

    def candidates(self) -> Sequence[Seller]:
        """All who may be asked now, the best first. Nobody is asked by this."""

    def asking(self, supplier: str) -> AbstractContextManager[None]:
        """Around calls: a supplier that fails too often in a row rests for a while."""

    def choose(self, supplier: str) -> bool:
        """Commit that an order is about to leave; False if none may leave there any more."""

    def seconds_since_order(self) -> float:
        """Real seconds since an order was about to leave last."""

    def leave(self) -> None:
        """Nothing was ordered there, for certain: anybody may be chosen again."""


@dataclass(frozen=True, kw_only=True)
class ReceivedCode:
    """A verification code at hand. Never logged."""

    id: str
    code: str
    entered: bool  # by a person


@dataclass(frozen=True, kw_only=True)
class ClientPapers:
    """What of a client can be handed in now; `lacking` says in words what cannot."""

    lacking: tuple[str, ...]
    version: str  # another one as soon as anything of it is another


class StepContext(Protocol):
    """All that a step may use. Every method is safe to call again; none hands out a session."""

    request: LineRequest
    first_try: bool  # nothing of the step was ever begun
    code_wait: float  # seconds to wait for a verification code before asking for another

    @property
    def registrar(self) -> NumberRegistrar:
        """Who registers the line's number; by the client's access where it gave one."""

    @property
    def catalogue(self) -> TemplateCatalogue:
        """Who knows the templates of the line's WABA; likewise."""

    @property
    def market(self) -> Market:
        """Who may sell the number."""

    @property
    def supplier(self) -> NumberSupplier:
        """The chosen one; before, who would be asked first. Refused `no_supplier`."""

    @property
    def facts(self) -> Mapping[str, str]:
        """What this activation's steps have found out so far."""

    def note(self, **facts: str) -> None:
        """Remember facts at once, committed, before the step goes on."""

    def noted_seconds_ago(self, fact: str) -> float | None:
        """Real seconds since `note_time(fact)`; None if it never was."""

    def note_time(self, fact: str) -> None:
        """Remember that something begins now."""

    def papers(self, kinds: Collection[PaperKind]) -> ClientPapers:
        """How the client's papers of these kinds stand."""

    def submission(
        self,
        kinds: Collection[PaperKind],
        *,
        reference: str,
        country: str,
        number_type: NumberType,
    ) -> Submission:
        """Those papers with their contents. Nothing may be lacking."""

    def number(self) -> OwnedNumber | None:
        """The number rented for this line, as it is recorded."""

    def may_rent(self, price: Money | None) -> None:
        """Whether a number may be rented at this price a month. Refused `pool_budget`."""

    def remember_number(self, supplier: str, number: OwnedNumber) -> None:
        """Record the number we rent of this supplier for this line."""

    def end_number(self, state: Literal["released", "quarantined"]) -> None:
        """The number was given back; or Meta still holds it, and it is rented on until an operator
        confirms its deletion there."""

    def place(self) -> Mapping[str, str]:
        """Portfolio and WABA by capacity: `portfolio_id`, `waba_id`. Refused `portfolio_full`."""

    def route(self, phone_number_id: str) -> None:
        """From now on what arrives for this phone_number_id is this client's."""

    def connection(self) -> Connection | None:
        """What the client granted on the sign-up page, once it is certain."""

    def signup_problem(self) -> SignupProblem | None:
        """Why the client's sign-up does not go on, if it does not."""

    def has_payment_method(self) -> bool | None:
        """Whether the client's WABA can be charged; None where we may not know."""

    def leave(self) -> None:
        """Give up what the client granted; its number stays the client's."""

    def pin(self) -> str:
        """The line's 6-digit PIN, made where there is none; stored encrypted, and kept."""

    def forget_pin(self) -> None:
        """The number has another PIN than the line's: let go of the line's."""

    def code_tries(self) -> Sequence[CodeMethod]:
        """How to ask for a code, one try after the other, before a person is asked for it."""

    def newest_code(self) -> ReceivedCode | None:
        """The newest verification code for the line's number that nobody has let go of."""

    def forget_code(self, code: ReceivedCode, **facts: str) -> None:
        """It was handed in: let go of it and of older ones, and remember facts in the same act."""

    def counted(self, kind: AttemptKind) -> AbstractContextManager[None]:
        """Make a call inside that Meta counts against the number, within what Meta allows."""

    def display_name(self) -> str:
        """The name to be approved by Meta: the company's, never a person's."""

    def face(self) -> Face:
        """Name, picture and words as the client and the platform want them."""

    def record_branding(self, branding: Branding) -> None:
        """What was set over there."""

    def follow_display_name(self, name: str, status: str = "PENDING_REVIEW") -> None:
        """The name was handed in, and stands so; it is followed to Meta's decision from here on."""

    def templates(self) -> Sequence[TemplateDraft]:
        """The introduction, in every language."""

    def record_template(self, draft: TemplateDraft, state: TemplateState) -> None:
        """How a template stands in the line's WABA."""


class Step(ABC):
    """One step of an activation: always look, do, record. A crash anywhere repeats the look."""

    name: ClassVar[str]
    title: ClassVar[str]

    @abstractmethod
    def look(self, ctx: StepContext) -> Done | Wait | None:
        """Whether it already happened over there, or is under way."""

    @abstractmethod
    def do(self, ctx: StepContext) -> Done | Wait:
        """Make it happen, or say whom it waits for."""

    def undo(self, ctx: StepContext) -> None:  # noqa: B027  (most steps leave nothing to undo)
        """Take it back. Taking back what is gone already is not an error."""
