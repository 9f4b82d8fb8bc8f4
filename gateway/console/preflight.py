"""The sign-up page's own words: asked before Meta's window opens, and answered after it failed."""

from typing import Any, Final

from flask import request

from gateway.onboarding import advising, clean_number
from gateway.tenancy.models import Client

_SPOKEN: Final = ("en", "fr", "ar")
_ASK: Final = ("signup_cancelled", "signup_failed")  # Meta's window may have refused the number


def keeps_app() -> bool:
    """Whether the number is to stay in the WhatsApp Business app."""
    return request.args.get("keep") == "app"


def values(client: Client, problem_code: str | None) -> dict[str, Any]:
    """What the page says, in the language of whoever reads it; else in the client's."""
    code = request.accept_languages.best_match(_SPOKEN) or client.default_language
    spoken = clean_number.language(code)
    return {
        "spoken": spoken,
        "places": clean_number.places(spoken, client.country),
        "keeps_app": keeps_app(),
        "keep_code": clean_number.KEEP,
        "said": clean_number.said(spoken) if problem_code in _ASK else (),
        "advise": lambda error: advising.advice(error, spoken.code),
    }
