"""How a number's verification code is to reach us: decided from what it hears, and who listens."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from gateway.provisioning.capture_contract import CodeCapture
from gateway.provisioning.contract import CodeMethod, InboundUrls

# A transcript may be misheard and gets another chance; a text is right, or lost.
_TRIES: Final[Mapping[CodeMethod, int]] = {"VOICE": 2, "SMS": 1}


def tries(hears: Sequence[CodeMethod], listened: Collection[CodeMethod]) -> tuple[CodeMethod, ...]:
    """How to ask for a code, one try after the other, before a person is asked for it.

    `hears`: how a code can reach the number, best first; `listened`: where somebody listens.
    """
    return tuple(method for method in hears if method in listened for _ in range(_TRIES[method]))


def by_hand(hears: Sequence[CodeMethod]) -> CodeMethod:
    """How to send the code that a person hands in: in writing, where the number hears texts."""
    return "SMS" if "SMS" in hears or not hears else hears[0]


def listened(captures: Iterable[CodeCapture], supplier: str) -> frozenset[CodeMethod]:
    """The methods by which somebody hears codes on this supplier's numbers."""
    return frozenset(method for capture in captures for method in capture.listens(supplier))


def inbound(captures: Iterable[CodeCapture], supplier: str, public_url: str) -> InboundUrls:
    """Where the supplier is to report calls and texts: to who listens, itself before others."""
    ordered = sorted(captures, key=lambda capture: capture.name != supplier)

    def address(method: CodeMethod, kind: str) -> str:
        who = (capture.name for capture in ordered if method in capture.listens(supplier))
        return f"{public_url}/webhooks/suppliers/{next(who, supplier)}/{kind}"

    return InboundUrls(voice=address("VOICE", "voice"), sms=address("SMS", "sms"))
