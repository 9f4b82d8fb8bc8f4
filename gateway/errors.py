"""What a provider may raise. Each class says what the core does about it; nobody else decides."""

from dataclasses import dataclass
from typing import ClassVar, Final, Literal

Actor = Literal["gateway", "client", "supplier", "meta", "operator"]

LONGEST_GROWN_PAUSE: Final = 3600.0


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
        growth: float = 1.0,
        who: Actor = "operator",
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.provider_code = provider_code
        self.retry_after = retry_after
        self.growth = growth
        self.who: Actor = who

    def pause(self, refusals: int) -> float | None:
        """Seconds to wait after the nth refusal in a row; None where nothing is stated."""
        if self.retry_after is None:
            return None
        grown: float = self.retry_after * self.growth ** min(refusals - 1, 32)
        return min(grown, max(self.retry_after, LONGEST_GROWN_PAUSE))


class Refused(ProviderError):
    """The request or the configuration is wrong: asking again changes nothing."""


class TryAgain(ProviderError):
    """Rejected before anything happened: safe to repeat after `retry_after` seconds.

    Each further refusal makes that pause `growth` times longer, up to an hour.
    """

    retryable = True


class SlowDown(TryAgain):
    """The whole line is too fast or in maintenance: nothing of it leaves until the pause ends."""


class OutcomeUnknown(ProviderError):
    """It may have happened (a timeout, a broken answer): look before repeating."""

    retryable = True


class AccountStopped(ProviderError):
    """The account or the line may not act any more: stop its queue and tell someone."""


class TemplateNeeded(ProviderError):
    """The reply window is closed over there: only a template may be sent."""


class RecipientUnreachable(ProviderError):
    """This person cannot be reached on this channel: stop for this candidate, not for the line."""


class MarketingWithheld(RecipientUnreachable):
    """The platform spares this person marketing for now: no other one to them for a day."""


class MarketingStopped(RecipientUnreachable):
    """This person told the platform that it wants no marketing from the business."""
