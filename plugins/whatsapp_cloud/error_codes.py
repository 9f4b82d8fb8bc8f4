"""What our codes for Meta's refusals mean, for the reference of error codes."""

from gateway.plugin_api import ErrorCode

from . import name_reasons
from .errors_map import MEANINGS, UNKNOWN

_OWN = (
    ErrorCode(
        code="signup_code_expired",
        means="The sign-up's code lives 30 seconds, and they were over.",
        do="Sign up again and leave the page open until it ends.",
    ),
    ErrorCode(
        code="signup_code_wrong",
        means="Meta knows no such code of our app's.",
        do="Sign up again.",
    ),
    ErrorCode(
        code="signup_not_ours",
        means="What the sign-up gave is not for our app, or lacks a permission.",
        do="Sign up again and grant every permission that Meta asks for.",
    ),
    ErrorCode(
        code="bad_number",
        means="The number is not in E.164.",
        do="Correct it: a plus sign, the country's code, and digits only.",
    ),
    ErrorCode(
        code="media_url_refused",
        means="Meta's address of a candidate's file is not good any more.",
        do="Nothing: another address is asked for while Meta has the file.",
    ),
    ErrorCode(
        code="no_recipient",
        means="The candidate has neither phone nor BSUID.",
        do="Add one of them.",
    ),
    ErrorCode(
        code="malformed_webhook",
        means="A body that Meta signed is no WhatsApp webhook; nothing in it was routed.",
        do="See `gateway inbound counts`, and which webhooks the app is subscribed to.",
    ),
)


def explained() -> list[ErrorCode]:
    """Each code once: what it means stands before the colon of its sentence, what to do after."""
    found = {}
    for meaning in (*MEANINGS.values(), UNKNOWN):
        means, _, do = meaning.detail.partition(": ")
        found[meaning.code] = ErrorCode(
            code=meaning.code, means=f"{means}.", do=f"{do[:1].upper()}{do[1:]}"
        )
    return [*found.values(), *_OWN, *name_reasons.explained()]
