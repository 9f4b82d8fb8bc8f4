"""Why the simulated pop-up does not take a number: in words alone, as Meta's.

Source: Embedded Signup, errors (November 2025).
"""

from typing import Final

from .simulator_decisions import Decisions

_TAKEN: Final = (
    "This phone number is already registered with a WhatsApp account. Disconnect it from that"
    " account, then try again."
)
REFUSALS: Final = {
    "banned": "This phone number is banned and cannot be used.",
    "already_added": "This phone number is already in your list of phone numbers.",
    "limit": "Your business has reached its maximum of phone numbers.",
    "ivr": "This is not a valid phone number, or it uses an IVR.",
    "name": "This display name does not follow our rules.",
    "too_many_tries": "Too many attempts. Try again in 12 hours.",
    "too_many_codes": "You requested too many codes.",
}


def refused(decisions: Decisions, phone: str, *, coexists: bool) -> str | None:
    """What the pop-up says; None: it takes the number."""
    in_app = decisions.on_business_app(phone) and not coexists
    if decisions.seen_in_popup(phone) and (decisions.on_consumer_whatsapp(phone) or in_app):
        return _TAKEN
    return REFUSALS.get(decisions.signup_refusal(phone) or "")
