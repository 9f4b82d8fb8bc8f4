"""What suppliers, code captures and registrars must be able to do."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from marshmallow import Schema

from gateway.costs.contract import Money
from gateway.errors import Actor
from gateway.http_client import HttpClient

CodeMethod = Literal["VOICE", "SMS"]
# What Meta counts by number.
AttemptKind = Literal["request_code", "register", "deregister"]
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


@dataclass(frozen=True, kw_only=True)
class InboundReport:
    """What a supplier posted to us, as it arrived."""

    kind: str  # the last part of the webhook's path: "voice", "sms", "transcription", …
    url: str  # the public URL it was posted to, query included
    headers: Mapping[str, str]  # names in lower case
    body: bytes


@dataclass(frozen=True, kw_only=True)
class ReportAnswer:
    """What the supplier waits for (TwiML, say)."""

    body: str
    content_type: str


@dataclass(frozen=True, kw_only=True)
class HeardCode:
    """A verification code that reached one of our numbers. Never logged."""

    phone_number: str  # E.164
    code: str
    method: CodeMethod


class CodeCapture(ABC):
    """Hears verification codes. Whoever sells a number is not always who hears it."""

    name: ClassVar[str]
    settings_schema: ClassVar[type[Schema]]

    def __init__(self, settings: Mapping[str, Any], http: HttpClient) -> None:
        self.settings = settings
        self.http = http

    def listens(self, supplier: str) -> Sequence[CodeMethod]:
        """How it hears codes on the numbers of this supplier.

        Both ways on those of its own name, unless it says otherwise; override it where it hears
        fewer, or the numbers that another supplier sells.
        """
        return ("VOICE", "SMS") if supplier == self.name else ()

    @abstractmethod
    def is_genuine(self, report: InboundReport) -> bool:
        """Whether the supplier signed this report (constant time)."""

    def identity(self, report: InboundReport) -> str:
        """What a genuine report is known by when it comes again, from its supplier or a stranger.

        Nobody may be able to change it and leave the report genuine; here it is the whole body.
        """
        return f"{report.kind} {hashlib.sha256(report.body).hexdigest()}"

    @abstractmethod
    def answer(self, report: InboundReport) -> ReportAnswer:
        """What to answer at once; decides from the report alone."""

    @abstractmethod
    def hear(self, report: InboundReport) -> Sequence[HeardCode]:
        """The codes in the report; empty where there is none."""


class ActsOnReports(ABC):
    """A code capture whose supplier waits for a call of ours, not for the answer to its report."""

    @abstractmethod
    def act(self, report: InboundReport) -> None:
        """Call what the report asks for, an incoming call to be answered, say.

        A report may come again: the same act twice is one.
        """


@dataclass(frozen=True, kw_only=True)
class WhatsAppNumber:
    """A number as WhatsApp knows it. Statuses are open strings: Meta adds to them."""

    phone_number_id: str
    phone_number: str  # E.164
    display_name: str
    name_status: str  # APPROVED, PENDING_REVIEW, DECLINED, AVAILABLE_WITHOUT_REVIEW, NONE, …
    code_verified: bool
    connected: bool  # registered on the Cloud API: it can send and receive
    quality_rating: str
    new_display_name: str | None = None  # handed in by `rename`, until it is approved
    new_name_status: str = "NONE"  # as `name_status`, of that one


@dataclass(frozen=True, kw_only=True)
class BusinessProfile:
    """What a candidate sees of a line, beside its name."""

    about: str
    description: str
    has_picture: bool
    websites: tuple[str, ...] = ()
    vertical: str | None = None
    address: str | None = None
    email: str | None = None


@dataclass(frozen=True, kw_only=True)
class Branding:
    """What a candidate is to see of a line, beside its name. `picture` is JPEG or PNG."""

    about: str  # 1–139 characters
    description: str  # up to 512 characters
    picture: bytes | None
    picture_type: str = "image/png"
    websites: tuple[str, ...] = ()  # up to 2, with their scheme; none: what is there stays
    vertical: str | None = None  # one of Meta's; this and what follows: None leaves what is there
    address: str | None = None  # up to 256 characters
    email: str | None = None  # up to 128 characters


@dataclass(frozen=True, kw_only=True)
class Face:
    """All that a candidate is to see of a line, and which picture it wears, by its SHA-256."""

    display_name: str
    branding: Branding
    picture_worn: str | None


class NumberRegistrar(ABC):
    """Makes a number a WhatsApp number. Every call may be repeated after a look."""

    name: ClassVar[str]
    settings_schema: ClassVar[type[Schema]]

    def __init__(self, settings: Mapping[str, Any], http: HttpClient) -> None:
        self.settings = settings
        self.http = http

    @abstractmethod
    def find(self, *, waba_id: str, phone_number: str) -> WhatsAppNumber | None:
        """The number in this WABA, if it was added."""

    @abstractmethod
    def number(self, phone_number_id: str) -> WhatsAppNumber:
        """The number's state over there, read afresh."""

    @abstractmethod
    def add(self, *, waba_id: str, phone_number: str, display_name: str) -> str:
        """Add the number to the WABA under this display name; the phone_number_id."""

    @abstractmethod
    def subscribe(self, waba_id: str) -> None:
        """Have the WABA's webhooks sent to us."""

    @abstractmethod
    def request_code(self, phone_number_id: str, *, method: CodeMethod, language: str) -> None:
        """Have a verification code sent to the number."""

    @abstractmethod
    def verify_code(self, phone_number_id: str, code: str) -> None:
        """Prove that we hear the number. Refused `wrong_code` if it is not the one sent."""

    @abstractmethod
    def register(self, phone_number_id: str, *, pin: str) -> None:
        """Register on the Cloud API with our 6-digit PIN."""

    @abstractmethod
    def deregister(self, phone_number_id: str) -> None:
        """Take the number off the Cloud API."""

    @abstractmethod
    def rename(self, phone_number_id: str, *, display_name: str) -> None:
        """Hand in another display name. People see the old one until this one is approved and the
        number is registered again; `number` shows it under `new_display_name` until then."""

    @abstractmethod
    def profile(self, phone_number_id: str) -> BusinessProfile:
        """The profile as it is over there."""

    @abstractmethod
    def brand(self, phone_number_id: str, branding: Branding) -> None:
        """Set the profile and its picture in one act."""
