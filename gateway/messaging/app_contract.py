"""What a webhook tells of a number that stays in the WhatsApp Business app."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Echo:
    """The client wrote to a person in the app. `content` is the object under the type's name."""

    wamid: str
    sent_at: datetime
    type: str
    content: Mapping[str, Any]
    phone: str | None  # of the person, E.164
    wa_id: str | None
    bsuid: str | None
    context_wamid: str | None


@dataclass(frozen=True, kw_only=True)
class PastMessage:
    """A message of the app's history, of either side."""

    wamid: str
    sent_at: datetime
    type: str
    content: Mapping[str, Any]
    phone: str | None  # of the person, E.164
    wa_id: str | None
    bsuid: str | None
    by_client: bool
    status: str  # what became of it: sent, delivered, read, played, failed
    context_wamid: str | None


@dataclass(frozen=True, kw_only=True)
class HistoryPart:
    """A part of the app's history, in whatever order they come; or why there is none."""

    messages: tuple[PastMessage, ...] = ()
    progress: int | None = None  # of a hundred; at 100 all of it has been sent
    refusal: str | None = None  # the client does not share it


@dataclass(frozen=True, kw_only=True)
class AppContact:
    """An entry of the app's address book; without a name it is not there any more."""

    phone: str  # E.164
    name: str | None
