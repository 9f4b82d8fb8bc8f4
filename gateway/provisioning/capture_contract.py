"""What code captures must be able to do: hear verification codes on our numbers."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from marshmallow import Schema

from gateway.http_client import HttpClient
from gateway.provisioning.contract import CodeMethod


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
