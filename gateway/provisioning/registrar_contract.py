"""What registrars must be able to do: make a number a WhatsApp number."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from marshmallow import Schema

from gateway.http_client import HttpClient
from gateway.provisioning.contract import CodeMethod

# What Meta counts by number.
AttemptKind = Literal["request_code", "register", "deregister"]


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
