"""What suppliers, code captures and registrars must be able to do."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from marshmallow import Schema

from gateway.costs.contract import Money
from gateway.errors import Actor
from gateway.http_client import HttpClient

CodeMethod = Literal["VOICE", "SMS"]
NumberType = Literal["local", "mobile", "national", "toll_free"]


@dataclass(frozen=True, kw_only=True)
class NumberOffer:
    """A number that can be ordered now."""

    phone_number: str  # E.164
    country: str  # ISO 3166 alpha-2
    number_type: NumberType
    hears: tuple[CodeMethod, ...]  # how a verification code can reach it, best first
    papers: str | None = None  # the client's, as the supplier approved them: its reference


@dataclass(frozen=True, kw_only=True)
class Quote:
    """What a number costs; None where the supplier does not tell it."""

    monthly: Money | None
    set_up: Money | None


@dataclass(frozen=True, kw_only=True)
class OwnedNumber:
    """A number we rent from a supplier."""

    supplier_ref: str
    phone_number: str  # E.164
    hears: tuple[CodeMethod, ...]
    monthly_price: Money | None = None
    set_up_price: Money | None = None


@dataclass(frozen=True, kw_only=True)
class PendingOrder:
    """An order that the supplier took and has not carried out; `who` must act until it has."""

    supplier_ref: str
    phone_number: str | None  # E.164; None where the supplier does not tell it yet
    detail: str  # one sentence: what it waits for
    who: Actor
    code: str | None = None  # where papers are what it waits for: one of `OF_PAPERS`


@dataclass(frozen=True, kw_only=True)
class InboundUrls:
    """Where a supplier reports calls and texts that reach a number of ours."""

    voice: str
    sms: str


def heard_by(number_type: str, *, voice: bool, text: bool) -> tuple[CodeMethod, ...]:
    """How a code reaches a number that takes calls, or texts, or both; best first."""
    methods: list[CodeMethod] = ["VOICE"] if voice else []
    if text:
        # WhatsApp advises against texts to anything but a mobile.
        methods.insert(0 if number_type == "mobile" else len(methods), "SMS")
    return tuple(methods)


class NumberSupplier(ABC):
    """Sells numbers. `reference` is our idempotency key: one reference, one number, for ever.

    What a supplier may or may not be able to do beyond this are the small classes below.
    """

    name: ClassVar[str]
    settings_schema: ClassVar[type[Schema]]

    def __init__(self, settings: Mapping[str, Any], http: HttpClient) -> None:
        self.settings = settings
        self.http = http

    @abstractmethod
    def search(self, country: str, number_type: NumberType | None = None) -> Sequence[NumberOffer]:
        """Numbers that can be had now, best first, never none.

        Refused `country_not_sold`, `type_not_sold` or `out_of_stock` says why there is none.
        """

    @abstractmethod
    def quote(self, offer: NumberOffer) -> Quote:
        """What the offered number costs. Nothing is bought by asking."""

    @abstractmethod
    def order(
        self, offer: NumberOffer, *, reference: str, inbound: InboundUrls
    ) -> OwnedNumber | PendingOrder:
        """Buy the offered number and point its calls and texts at `inbound`.

        What a PendingOrder becomes is pointed by `configure_inbound`, where the supplier has it.
        Refused `papers_missing`; TryAgain `number_taken`. OutcomeUnknown: `find` tells.
        """

    @abstractmethod
    def find(self, reference: str) -> OwnedNumber | PendingOrder | None:
        """The number ordered under this reference, or how its order stands.

        None: nothing was ordered, or what was ordered failed and costs nothing.
        """

    @abstractmethod
    def release(self, supplier_ref: str) -> None:
        """Give the number back, or call a pending order off. What is gone already is no error."""


class Reserves(ABC):
    """A supplier that keeps a number from everybody else for a while."""

    @abstractmethod
    def reserve(self, offer: NumberOffer, *, reference: str) -> None:
        """Keep the offered number for the order of this reference; it lapses by itself.

        TryAgain `number_taken` where somebody else has it.
        """


class ConfiguresInbound(ABC):
    """A supplier whose numbers can be pointed elsewhere after they were bought."""

    @abstractmethod
    def configure_inbound(self, supplier_ref: str, inbound: InboundUrls) -> None:
        """Report the number's calls and texts there from now on. Doing it again changes nothing."""


class Adopts(ABC):
    """A supplier to whose account numbers can be ported from elsewhere."""

    @abstractmethod
    def adopt(
        self, phone_number: str, *, reference: str, inbound: InboundUrls
    ) -> OwnedNumber | None:
        """Take a number of the account as that of this reference, and report its calls and texts
        there. Doing it again changes nothing. None: the number is not in the account."""


class ListsPrices(ABC):
    """A supplier with a price sheet."""

    @abstractmethod
    def price_sheet(self, country: str) -> Mapping[NumberType, Quote]:
        """What each type of number costs in a country; nothing where none is sold."""
