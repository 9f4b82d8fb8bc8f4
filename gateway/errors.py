"""What a provider may raise. Each class says what the core does about it; nobody else decides."""

from dataclasses import dataclass
from typing import ClassVar, Literal

Actor = Literal["gateway", "client", "supplier", "meta", "operator"]


@dataclass(frozen=True, kw_only=True)
class ErrorCode:
    """A stable code, explained to whoever meets it: what it means, and what to do about it.

    `status` is that of the HTTP answer which carries it; None: messages and steps show it.
    """

    code: str
    means: str
    do: str
    status: int | None = None


class ProviderError(Exception):
    """A provider refused or failed.

    `code` is stable and ours (snake_case); `detail` is one sentence for a person and says what to
    do next; `provider_code` is the provider's own code, kept for support; `who` must act.
    """

    retryable: ClassVar[bool] = False

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        provider_code: str | None = None,
        retry_after: float | None = None,
        who: Actor = "operator",
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.provider_code = provider_code
        self.retry_after = retry_after
        self.who: Actor = who


class Refused(ProviderError):
    """The request or the configuration is wrong: asking again changes nothing."""


class TryAgain(ProviderError):
    """Rejected before anything happened: safe to repeat after `retry_after` seconds."""

    retryable = True


class OutcomeUnknown(ProviderError):
    """It may have happened (a timeout, a broken answer): look before repeating."""

    retryable = True


class AccountStopped(ProviderError):
    """The account or the line may not act any more: stop its queue and tell someone."""


class TemplateNeeded(ProviderError):
    """The reply window is closed over there: only a template may be sent."""


class RecipientUnreachable(ProviderError):
    """This person cannot be reached on this channel: stop for this candidate, not for the line."""


class MarketingStopped(RecipientUnreachable):
    """This person told the platform that it wants no marketing from the business."""
