"""What states are called on the pages."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

LINE: Final = {
    "pending": "Being set up",
    "active": "Active",
    "suspended": "Suspended",
    "failed": "Set-up stopped",
    "released": "Released",
}
HEALTH: Final = {
    "good": "Well",
    "at_risk": "At risk",
    "blocked": "Stopped",
    "unknown": "Not seen yet",
}
ACTIVATION: Final = {
    "running": "Setting up your line",
    "succeeded": "Your line is active",
    "failed": "The set-up has stopped",
    "undoing": "The set-up is being taken back",
    "cancelled": "The set-up was cancelled",
}
STEP: Final = {
    "pending": "Not started",
    "running": "Under way",
    "waiting": "Waiting",
    "done": "Done",
    "failed": "Stopped",
    "undone": "Taken back",
    "undo_failed": "Could not be taken back yet; we keep trying",
}
WHO: Final = {
    "gateway": "Nobody needs to act: we try again by ourselves.",
    "client": "You must act.",
    "supplier": "The supplier of the number must act. Nothing for you to do.",
    "meta": "Meta must act. Nothing for you to do.",
    "operator": "Whoever runs this gateway must act. Nothing for you to do.",
}
NAME: Final = {
    "APPROVED": "Meta approved the name",
    "AVAILABLE_WITHOUT_REVIEW": "The name needs no review",
    "PENDING_REVIEW": "Meta is reviewing the name; until then candidates see the number",
    "PENDING": "Meta is reviewing the name; until then candidates see the number",
    "DECLINED": "Meta declined the name; candidates see the number",
    "EXPIRED": "The approval has expired; candidates see the number",
    "NONE": "The name is not handed in yet; candidates see the number",
}
NAME_UNKNOWN: Final = NAME["NONE"]
MESSAGE: Final = {
    "held": "Held",
    "queued": "Queued",
    "sending": "Sending",
    "unconfirmed": "Outcome not known yet; it is not sent again by itself",
    "accepted": "Handed to WhatsApp",
    "sent": "Sent",
    "delivered": "Delivered",
    "read": "Read",
    "played": "Played",
    "failed": "Failed",
    "cancelled": "Cancelled",
    "received": "Received",
}
HELD: Final = {
    "awaiting_reply": "it leaves by itself once the candidate writes",
    "display_name_pending": "it leaves by itself once Meta has approved the line's name",
    "portfolio_limit": "today's limit of new people is reached; it leaves by itself as places free",
    "quiet_hours": "it leaves by itself when your quiet hours end",
}
REASON: Final = {
    "line_released": "the line was given up",
    "candidate_opted_out": "the candidate asked for no more messages",
}
CHANGED: Final = {"edited": "Corrected since", "withdrawn": "Taken back since"}
FILE: Final = {
    "pending": "being fetched from WhatsApp",
    "type_mismatch": "this is not the kind of file it claims to be; open it with care",
    "expired": "WhatsApp kept this file for seven days only; ask for it again",
    "too_large": "this file is too large; ask for a smaller one",
    "failed": "this file could not be fetched; ask for it again",
}
APP_DATA: Final = {
    "contacts": "Names from the app's address book",
    "history": "Conversations from before",
}
APP_DATA_STATE: Final = {
    "due": "About to be asked for",
    "asked": "Asked for; the app sends it by and by",
    "arriving": "Arriving",
    "done": "Here",
    "missed": "Not here: the app shares it within 24 hours of the sign-up",
    "not_shared": "Not here: it was not shared in the app",
    "refused": "Not here",
}
PAPER: Final = {
    "rc": "Trade register (RC)",
    "tax_id": "Tax id (ICE or IF)",
    "utility_bill": "Proof of address",
    "logo": "Logo",
}
PAPER_STATE: Final = {
    "accepted": "Here",
    "to_confirm": "Here, to be confirmed",
    "incomplete": "Here, but it lacks something",
    "expired": "Expired",
}
VERDICT: Final = {
    "same": "They look the same",
    "similar": "They look alike; one says more than the other",
    "different": "They look different",
}
CATEGORY: Final = {
    "marketing": "Marketing",
    "utility": "Utility",
    "authentication": "Authentication",
    "service": "Service",
    "number_month": "Month of the number",
    "set_up": "Setting up",
}
CLAIM: Final = {
    "holds": "It holds",
    "holds_in_part": "It holds in part",
    "does_not_hold": "It does not hold now",
}
LANGUAGE: Final = {"ar": "Arabic", "en": "English", "fr": "French"}
TEMPLATE: Final = {
    "recruitment_introduction": "Introduction",
    "recruitment_first_contact": "Introduction, without an application",
}
TRAITS: Final = (
    ("setup_ease", "How easy to set up"),
    ("candidate_trust", "Trust of candidates"),
    ("technical_complexity", "Technical complexity"),
    ("time_to_live", "Time until it works"),
    ("client_requirement", "What you need"),
    ("number_owner", "Who owns the number"),
    ("when_a_recruiter_leaves", "When a recruiter leaves"),
)
VOLUME: Final = (
    ("introductions", "First contacts", "Introductions to candidates you have not written to yet"),
    ("service", "Replies", "Your answers within 24 hours of what a candidate wrote"),
    ("utility", "News of an application", "Invitations, reminders and decisions, by a template"),
    ("marketing", "Job alerts", "Offers and news that nobody asked for, by a template"),
    ("authentication", "Login codes", "Codes that let a candidate in somewhere"),
)
LEVEL: Final = {"low": 1, "medium": 2, "high": 3, "very high": 4}


def level(text: str) -> int:
    """How many of four marks a rating is worth; 0 where it is no rating."""
    return LEVEL.get(text.lower().replace("_", " "), 0)


def money(price: Mapping[str, Any]) -> str:
    """A price to the hundredth, or as exact as it is where it is less than one."""
    amount = Decimal(str(price["amount"]))
    if abs(amount) >= 1 or not amount:
        amount = amount.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{amount:,f} {price['currency']}"


def month(sums: Mapping[str, str | None]) -> str:
    """The sums of a month in each currency that is known."""
    known = [money({"amount": amount, "currency": name}) for name, amount in sums.items() if amount]
    return " = ".join(known)
