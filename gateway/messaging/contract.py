"""What a messaging provider must be able to do, and what it makes of its webhooks."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from marshmallow import Schema

from gateway.http_client import HttpClient
from gateway.messaging.app_contract import AppContact, Echo, HistoryPart
from gateway.provisioning.health_contract import MessagingLimit


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """How to reach a person: a phone (E.164), or a BSUID where no phone is known."""

    phone: str | None
    bsuid: str | None


@dataclass(frozen=True, kw_only=True)
class OutgoingMessage:
    """One message to send. `content` is the object under the type's name, in Meta's field names."""

    message_id: str  # ours; travels along and comes back in every status
    phone_number_id: str
    recipient: Recipient
    type: str
    content: Mapping[str, Any]
    context_wamid: str | None = None  # the message that this one quotes


@dataclass(frozen=True, kw_only=True)
class OutgoingFile:
    """A file for the platform to keep until messages carry it."""

    content: bytes
    mime_type: str
    filename: str


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """The provider took the message; delivery is another matter."""

    wamid: str
    wa_id: str | None
    bsuid: str | None


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change of a webhook, kept whole. Which number or WABA it is about decides whose it is."""

    field: str
    waba_id: str | None
    phone_number_id: str | None
    phone_number: str | None  # E.164, where the change names a number only by itself
    value: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Identifiers:
    """By what a person is known; each may be missing, none follows from another."""

    phone: str | None  # E.164
    wa_id: str | None
    bsuid: str | None


@dataclass(frozen=True, kw_only=True)
class InboundMessage:
    """A person wrote. `content` is the object under the type's name, whole."""

    wamid: str
    sent_at: datetime  # Meta's timestamp, UTC
    type: str
    content: Mapping[str, Any]
    phone: str | None  # E.164
    wa_id: str | None
    bsuid: str | None
    profile_name: str | None
    context_wamid: str | None
    moved_to: Identifiers | None = None  # Meta says that the person is to be found here now


@dataclass(frozen=True, kw_only=True)
class StatusUpdate:
    """What became of a message of ours."""

    wamid: str
    message_id: str | None  # ours, where it came back
    status: str  # sent, delivered, read, played, failed
    at: datetime
    recipient: str  # recipient_id, or the BSUID
    error_code: str | None
    error_detail: str | None
    stops_marketing: bool  # the person wants no marketing from this business
    pricing_category: str | None  # what Meta charges it as
    pricing_type: str | None  # regular, free_customer_service, free_entry_point
    withholds_marketing: bool = False  # the platform spares the person marketing for now
    stops_line: str | None = None  # our code, where the account or the line may not act any more


@dataclass(frozen=True, kw_only=True)
class Preference:
    """A person told the platform whether it wants marketing from this business."""

    phone: str | None  # E.164
    wa_id: str | None
    bsuid: str | None
    wants_marketing: bool
    at: datetime
    detail: str | None


@dataclass(frozen=True, kw_only=True)
class TemplateNotice:
    """Something about a template of a WABA changed; how it stands now is to be asked."""

    name: str
    language: str


@dataclass(frozen=True, kw_only=True)
class AccountRestriction:
    """Something that the account may not do; `until` None: nobody said how long."""

    kind: str
    until: datetime | None


@dataclass(frozen=True, kw_only=True)
class AccountNotice:
    """Something about an account or a number changed; how it stands now is to be asked."""

    restrictions: tuple[AccountRestriction, ...] | None = None  # all in force; None: not told
    banned: bool | None = None  # closed for good or for now, or open again; None: not told


@dataclass(frozen=True, kw_only=True)
class NumberCapacity:
    """How many numbers the change's WABA, or the portfolio it is in, may hold."""

    numbers: int
    of_portfolio: bool


@dataclass(frozen=True, kw_only=True)
class NameNotice:
    """The platform says something of the display name of the number that the change names."""

    name: str
    code: str | None = None  # ours, where it refused the name; else how it stands is to be asked
    detail: str | None = None  # why, and what to do
    provider_code: str | None = None


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What one change holds. What is in none of these is kept, counted, and replayable."""

    messages: tuple[InboundMessage, ...] = ()
    statuses: tuple[StatusUpdate, ...] = ()
    preferences: tuple[Preference, ...] = ()
    templates: tuple[TemplateNotice, ...] = ()
    names: tuple[NameNotice, ...] = ()
    capacity: tuple[NumberCapacity, ...] = ()
    limit: MessagingLimit | None = None  # of the portfolio that the change's WABA is in
    account: AccountNotice | None = None  # of the change's WABA
    echoes: tuple[Echo, ...] = ()
    history: HistoryPart | None = None
    contacts: tuple[AppContact, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TemplateDraft:
    """A template to be approved. `components` are in Meta's form, examples included."""

    name: str
    language: str
    category: str  # UTILITY or MARKETING
    components: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class TemplateState:
    """A template as it stands over there."""

    name: str
    language: str
    category: str
    status: str  # PENDING, APPROVED, REJECTED, PAUSED, DISABLED, …
    rejected_reason: str | None = None


class MessagingProvider(ABC):
    """Carries messages. It translates; the core decides, retries and remembers."""

    name: ClassVar[str]
    webhook_name: ClassVar[str]  # the last part of /webhooks/{webhook_name}
    settings_schema: ClassVar[type[Schema]]

    def __init__(self, settings: Mapping[str, Any], http: HttpClient) -> None:
        self.settings = settings
        self.http = http

    @abstractmethod
    def send(self, message: OutgoingMessage) -> Acceptance:
        """Hand one message over. Called from several threads at once."""

    @abstractmethod
    def challenge(self, query: Mapping[str, str]) -> str | None:
        """The answer to a subscription's verification request; None refuses it."""

    @abstractmethod
    def is_genuine(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Whether the platform signed these very bytes (constant time; header names lower case)."""

    @abstractmethod
    def split(self, body: bytes) -> Sequence[Change]:
        """The changes of a webhook body, in order. Refused `malformed_webhook` where it is none."""

    @abstractmethod
    def read(self, change: Change) -> Reading:
        """What a change says. Never raises for a kind it does not know."""


class TemplateCatalogue(ABC):
    """A messaging provider that knows templates."""

    @abstractmethod
    def find_template(self, waba_id: str, name: str, language: str) -> TemplateState | None:
        """The template as it stands over there, if it was ever submitted."""

    @abstractmethod
    def submit_template(self, waba_id: str, draft: TemplateDraft) -> TemplateState:
        """Ask for approval."""


class MediaCarrier(ABC):
    """A messaging provider that carries files."""

    @abstractmethod
    def fetch_media(self, phone_number_id: str, media_id: str, *, limit: int) -> bytes:
        """The file that came in under this id. Refused where it is gone or over `limit` bytes."""

    @abstractmethod
    def upload_media(self, phone_number_id: str, file: OutgoingFile) -> str:
        """The id by which this number's messages carry the file for 30 days.

        Never OutcomeUnknown: a file that was uploaded twice does no harm.
        """


class ReadReceipts(ABC):
    """A messaging provider that tells people that their messages were read."""

    @abstractmethod
    def mark_read(self, phone_number_id: str, wamid: str) -> None:
        """Show the person that this message was read. Telling it again changes nothing."""
