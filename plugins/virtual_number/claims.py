"""Why this case is recommended, each reason with how it stands today. Pure.

The figure of 11.55 MAD is the strategy's: 10.50 MAD for a month of a number, and 10 % on top.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

from gateway.plugin_api import CaseFacts, Claim, Cost, Money
from plugins.virtual_number.obstacles import sellers

STATED: Final = Decimal("11.55")  # MAD a client and month
HUNDREDS: Final = 100
NAME: Final = "virtual-number"
_MAD: Final = "MAD"


def claims(facts: CaseFacts) -> Sequence[Claim]:
    return [stands(facts) for _, stands in REASONS]


def statements() -> tuple[str, ...]:
    return tuple(said for said, _ in REASONS)


def _friction(facts: CaseFacts) -> Claim:
    if facts.ready:
        return Claim(state="holds", why="A number is kept ready: it is the client's at once.")
    selling = sellers(facts)
    if not selling:
        return Claim(state="does_not_hold", why="A line that is asked for now waits for a number.")
    seen_at = selling[0].seen_at
    if all(seller.wants_papers for seller in selling):
        why = "Whoever sells the numbers wants the client's own papers first."
        return Claim(state="holds_in_part", why=why, seen_at=seen_at)
    if seen_at is None:
        why = "Nobody has looked yet whether a supplier has numbers; it is looked at now."
        return Claim(state="holds_in_part", why=why)
    return Claim(
        state="holds", why="One click, and a supplier has numbers in stock.", seen_at=seen_at
    )


def _branding(facts: CaseFacts) -> Claim:
    if facts.client is None or (facts.client.has_logo and facts.client.waits_for_name):
        why = "The logo shows at once, and introductions wait until Meta has approved the name."
        return Claim(state="holds", why=why)
    if not facts.client.has_logo:
        return Claim(state="holds_in_part", why="The client has uploaded no logo yet.")
    why = "Introductions do not wait for the name: until Meta approves it, people see the number."
    return Claim(state="holds_in_part", why=why)


def _ownership(facts: CaseFacts) -> Claim:
    why = (
        "Number and conversations are kept on the client's line; a recruiter who leaves takes"
        " neither along. Meta carries the messages, as with every case."
    )
    return Claim(state="holds", why=why)


def _no_conflict(facts: CaseFacts) -> Claim:
    why = "The number was never in anybody's app, and nobody's own WhatsApp is touched."
    return Claim(state="holds", why=why)


def _scale(facts: CaseFacts) -> Claim:
    held = f"Meta's limits leave room for {facts.room} more numbers beside {facts.placed}"
    if facts.room <= 0:
        return Claim(state="does_not_hold", why=f"{held}: more are to be asked for.")
    if facts.room + facts.placed < HUNDREDS:
        return Claim(state="holds_in_part", why=f"{held}; hundreds take more portfolios or more"
                     " numbers of Meta.")  # fmt: skip
    return Claim(state="holds", why=f"{held}.")


def _cost(facts: CaseFacts) -> Claim:
    rent = _in_mad(facts.number_price) if facts.number_price else None
    if rent is None:
        return Claim(state="holds_in_part", why="The price of a number is not known here in MAD.")
    month = _month(facts)
    if month is not None and month <= STATED:
        return Claim(state="holds", why=f"The expected month costs {month:.2f} MAD in all.")
    told = f"The number is {rent.amount:.2f} MAD of it"
    if month is None:
        why = f"{told}; what the messages cost is not known here."
    else:
        why = f"{told}; with the expected messages the month costs up to {month:.2f} MAD."
    if rent.amount > STATED:
        return Claim(state="does_not_hold", why=why)
    return Claim(state="holds_in_part", why=why)


def _in_mad(price: Cost) -> Money | None:
    return price.money if price.money.currency == _MAD else price.converted.get(_MAD)


def _month(facts: CaseFacts) -> Decimal | None:
    """The expected month in MAD, whichever category Meta puts the introduction into."""
    found = facts.estimate["cases"] if facts.estimate else ()
    sums = [case["invoiced"].get(_MAD) for case in found if case["case"] == NAME]
    return max(map(Decimal, sums)) if sums and None not in sums else None


REASONS: Final[tuple[tuple[str, Callable[[CaseFacts], Claim]], ...]] = (
    ("Lowest friction: the client does nothing but ask for it.", _friction),
    ("Professional branding: candidates see the client's name and logo.", _branding),
    (
        "The conversations belong to the platform and the client, not to a recruiter's phone.",
        _ownership,
    ),
    ("No recruiter has to give up or share a personal WhatsApp account.", _no_conflict),
    (
        "It scales to hundreds of clients, within the numbers Meta allows each portfolio: few "
        "at first, more after verification and on request.",
        _scale,
    ),
    ("A predictable monthly cost: one rent, and a known price for each message.", _cost),
)
