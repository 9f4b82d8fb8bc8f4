"""What the sign-up page says, in the languages it is spoken in."""

from collections.abc import Mapping
from typing import Final

from gateway.console.signup_words import arabic, english, french
from gateway.onboarding.clean_number.texts import unbroken

TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    "ar": arabic.WORDS,
    "en": english.WORDS,
    "fr": {name: unbroken(text) for name, text in french.WORDS.items()},
}
