"""What a connector must be able to do, and whoever acts by a business's own access."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self

from marshmallow import Schema

from gateway.http_client import HttpClient
from gateway.provisioning.registrar_contract import WhatsAppNumber


@dataclass(frozen=True, kw_only=True)
class Prefill:
    """What we know of a business beforehand, so that its people need not type it."""

    business_name: str
    display_name: str
    country: str  # ISO 3166 alpha-2
    stays_in_app: bool = False  # the number is to stay in the WhatsApp Business app
    pre_verified: tuple[str, ...] = ()  # ids of numbers of ours that it may pick


@dataclass(frozen=True, kw_only=True)
class SignupDialog:
    """How a page of ours opens the sign-up: the platform's script, and what it is handed."""

    sdk_url: str
    app_id: str
    version: str
    options: Mapping[str, Any]  # of the script's call that opens it, as it takes them


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What a business let us do. `accounts` are WABA ids, the newest first."""

    accounts: tuple[str, ...]
    expires_at: datetime | None  # None: never


@dataclass(frozen=True, kw_only=True)
class ConnectedNumber:
    """A number in a WABA that a business connected."""

    number: WhatsAppNumber
    portfolio_id: str | None  # None: not told
    coexists: bool  # it stays in the WhatsApp Business app: never registered by us


class Connector(ABC):
    """Links a business that is not ours. Nothing that a browser said is believed unasked."""

    name: ClassVar[str]
    settings_schema: ClassVar[type[Schema]]

    def __init__(self, settings: Mapping[str, Any], http: HttpClient) -> None:
        self.settings = settings
        self.http = http

    @property
    @abstractmethod
    def is_configured(self) -> bool:
        """Whether the operator has configured the sign-up."""

    @abstractmethod
    def dialog(self, known: Prefill) -> SignupDialog:
        """How to open the sign-up, where it is configured."""

    @abstractmethod
    def exchange(self, code: str) -> str:
        """The access token for a sign-up's code, which lives 30 seconds and works once.

        Refused `signup_code_expired`, `signup_code_used` or `signup_code_wrong`. Where there was
        no answer the code may be spent.
        """

    @abstractmethod
    def inspect(self, access_token: str) -> Grant:
        """What the token is good for. Refused `signup_not_ours` where it is not for us."""

    @abstractmethod
    def numbers(self, access_token: str, waba_id: str) -> Sequence[ConnectedNumber]:
        """The numbers of a WABA, those that were added last first."""

    @abstractmethod
    def has_payment_method(self, access_token: str, waba_id: str) -> bool | None:
        """Whether the WABA can be charged; None where the platform does not let us know."""

    @abstractmethod
    def leave(self, access_token: str, waba_id: str) -> None:
        """The WABA's webhooks come to us no more. What is over already is no error."""


class ActsForOthers(ABC):
    """A provider that can act by the access that a business gave, instead of the platform's."""

    @abstractmethod
    def acting_by(self, access_token: str) -> Self:
        """The same provider under this token."""
