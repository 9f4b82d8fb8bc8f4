"""What the sign-up page says, and in which language: before Meta's window opens, and after."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from flask import request

from gateway.console.signup_words import TEXTS
from gateway.console.statement_words import LANGUAGES
from gateway.onboarding import advising, clean_number
from gateway.onboarding.clean_number.texts import Language
from gateway.onboarding.dressing import UNDECIDED
from gateway.onboarding.signup_contract import SignupProblem
from gateway.provisioning.service import NAMED
from gateway.tenancy.models import Client

_ASK: Final = ("signup_cancelled", "signup_failed")  # Meta's window may have refused the number


def keeps_app() -> bool:
    """Whether the number is to stay in the WhatsApp Business app."""
    return request.args.get("keep") == "app"


def spoken(client: Client | None = None) -> Language:
    """The language that whoever reads has chosen here, or in the browser; else the client's."""
    code = request.args.get("lang")
    if code not in LANGUAGES:
        code = request.accept_languages.best_match(tuple(LANGUAGES))
    return clean_number.language(code or (client.default_language if client else None))


def tongue(language: Language) -> dict[str, Any]:
    """What every page of the sign-up is written with."""
    return {"spoken": language, "t": TEXTS[language.code], "languages": LANGUAGES}


def values(client: Client, problem: SignupProblem | None) -> dict[str, Any]:
    """What the page says of numbers and problems."""
    language = spoken(client)
    asks = problem is not None and problem.code in _ASK
    return {
        **tongue(language),
        "places": clean_number.places(language, client.country),
        "keeps_app": keeps_app(),
        "keep_code": clean_number.KEEP,
        "said": clean_number.said(language) if asks else (),
        "problem": problem and {**asdict(problem), "waits": problem.code == "signup_cancelled"},
        "advise": lambda error: advising.advice(error, language.code),
    }


def name_stands(line: Mapping[str, Any]) -> str | None:
    """What is to be said of the line's name; None: candidates see it."""
    status = line["display_name_status"]
    if status is None or status in NAMED:
        return None
    return "waits" if status in UNDECIDED else "refused"
