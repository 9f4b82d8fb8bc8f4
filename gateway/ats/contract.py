"""What an ATS adapter must be able to do, and what it makes of an event."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from marshmallow import Schema


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """An event asks for a conversation with a candidate. None: the event does not say.

    Nothing here is checked or made even: the core does that as it does with what the API is sent.
    """

    name: str | None
    phone: str | None
    ats_candidate_id: str | None
    language: str | None
    application_ref: str | None
    recruiter_email: str | None
    opt_in: Mapping[str, str] | None  # source, obtained_at (ISO 8601 with its offset), evidence


class AtsAdapter(ABC):
    """Reads the webhooks of an ATS. It translates; it asks nobody and remembers nothing."""

    name: ClassVar[str]
    settings_schema: ClassVar[type[Schema]]  # of a connection's settings

    @abstractmethod
    def is_genuine(
        self, secret: str, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> bool:
        """Whether the ATS signed these very bytes, and not long before `now`.

        Constant time; header names are lower case; the secret is such as `whsec_…`.
        """

    @abstractmethod
    def event_id(self, headers: Mapping[str, str], body: bytes) -> str:
        """By what a genuine event is known: the same however often it is delivered."""

    @abstractmethod
    def read(self, settings: Mapping[str, Any], body: bytes) -> Wanted | None:
        """What an event asks for; None where it asks for nothing.

        `settings` are the connection's, as its client gave them and `settings_schema` found them
        right. Refused, with a code of its own, where the body cannot be read.
        """
